import { z } from 'zod';
import type { Address, SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { SentMark } from './sent-mark.ts';
import { isSame, markOfMessage } from './sent-mark.ts';
import type { TlObject } from './tl.ts';
import { numberAt } from './tl-fields.ts';

const NAMESPACE = 'telegram.sent';
/** A daemon that was down longer than this asks about no send any more. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** Some 300 bytes each in memory. */
const MOST_KEPT = 2_000;
/** This machine's clock and the network's; and how long a call may be on its way. */
const CLOCK_TOLERANCE_MS = 10 * 60 * 1000;
const MS_PER_SECOND = 1000;

const record = z.object({
  chat: z.string(),
  mark: z.object({ kind: z.string(), digest: z.string(), sizeBytes: z.number().exactOptional() }),
  /** Random id of the first part: parts of one message (an album) are deleted together. */
  message: z.string(),
  firstTriedAt: z.number(),
  lastTriedAt: z.number(),
  /** Telegram's id and time, once known. Zero: it is known to be sent, but not as what. */
  messageId: z.number().exactOptional(),
  sentAt: z.number().exactOptional(),
});
export type SentRecord = z.infer<typeof record>;

/** A part of a message that is about to go: one call carries one, or as many as an album has. */
export interface SendPart {
  readonly randomId: bigint;
  readonly mark: SentMark;
}

/**
 * Which random id has become which message. Kept in the vault from before the first byte on, so that neither a kill nor a lost answer
 * makes a guest see a message twice, nor makes the account's own words come back as something that staff wrote on a phone.
 */
export class OutboundStore {
  readonly #vault: SessionVault;
  readonly #clock: Clock;
  /** By random id, oldest first. */
  #records: Map<bigint, SentRecord> | undefined;
  /** From `chat/message id` to random id. */
  readonly #byMessage = new Map<string, bigint>();

  constructor(deps: { vault: SessionVault; clock: Clock }) {
    this.#vault = deps.vault;
    this.#clock = deps.clock;
  }

  get(randomId: bigint): SentRecord | undefined {
    return this.#all().get(randomId);
  }

  /** Durable when it returns. An earlier attempt's record stays, and is only dated anew. */
  begin(chat: Address, message: bigint, parts: readonly SendPart[]): void {
    const now = this.#clock.now();
    this.#vault.transaction(() => {
      for (const { randomId, mark } of parts) {
        const known = this.get(randomId);
        const firstTriedAt = known?.firstTriedAt ?? now;
        this.#write(randomId, { ...known, chat, mark, message: String(message), firstTriedAt, lastTriedAt: now });
      }
      this.#prune(now);
    });
  }

  /** The network has it. As durable as the transaction around it. */
  settle(randomId: bigint, facts: { readonly messageId: number; readonly at: number | undefined }): void {
    const known = this.get(randomId);
    if (known === undefined || (known.messageId ?? 0) > 0) return;
    this.#write(randomId, { ...known, messageId: facts.messageId, sentAt: facts.at ?? this.#clock.now() });
  }

  /** Surely not sent, neither now nor before. */
  drop(randomIds: readonly bigint[]): void {
    this.#vault.transaction(() => {
      for (const randomId of randomIds) this.#delete(randomId);
    });
  }

  /** Whether a message of the account is known to have gone out from here. */
  isKnown(chat: Address, messageId: number): boolean {
    this.#all();
    return this.#byMessage.has(`${chat}/${messageId}`);
  }

  /** The open send that a message of the account looks like; undefined where it is none, or is known already. */
  openMatch(chat: Address, message: TlObject): bigint | undefined {
    const messageId = numberAt(message, 'id');
    const records = this.#all();
    if (messageId === undefined || this.#byMessage.has(`${chat}/${messageId}`)) return undefined;
    const mark = markOfMessage(message);
    const at = (numberAt(message, 'date') ?? 0) * MS_PER_SECOND;
    for (const [randomId, sent] of records) {
      const isOpen = sent.messageId === undefined && sent.chat === chat;
      if (isOpen && isNear(sent, at) && isSame(sent.mark, mark)) return randomId;
    }
    return undefined;
  }

  /** All ids of the message that this one is a part of, itself among them. */
  siblings(chat: Address, messageId: number): readonly number[] {
    const records = this.#all();
    const own = this.#byMessage.get(`${chat}/${messageId}`);
    const group = own === undefined ? undefined : records.get(own)?.message;
    if (group === undefined) return [messageId];
    const ids = [...records.values()].filter((sent) => sent.message === group).map((sent) => sent.messageId ?? 0);
    return ids.filter((id) => id > 0);
  }

  #all(): Map<bigint, SentRecord> {
    if (this.#records !== undefined) return this.#records;
    const rows = this.#vault.secrets.entries(NAMESPACE).map(([randomId, bytes]): [bigint, SentRecord] => {
      const text = Buffer.from(bytes).toString('utf8');
      return [BigInt(randomId), record.parse(JSON.parse(text))];
    });
    this.#records = new Map(rows.sort(([, one], [, other]) => one.firstTriedAt - other.firstTriedAt));
    for (const [randomId, sent] of this.#records) this.#index(randomId, sent);
    return this.#records;
  }

  #write(randomId: bigint, sent: SentRecord): void {
    this.#vault.secrets.set(NAMESPACE, String(randomId), Buffer.from(JSON.stringify(sent), 'utf8'));
    this.#all().set(randomId, sent);
    this.#index(randomId, sent);
  }

  #delete(randomId: bigint): void {
    const sent = this.get(randomId);
    this.#vault.secrets.delete(NAMESPACE, String(randomId));
    this.#all().delete(randomId);
    if (sent?.messageId !== undefined) this.#byMessage.delete(`${sent.chat}/${sent.messageId}`);
  }

  #index(randomId: bigint, sent: SentRecord): void {
    if (sent.messageId !== undefined && sent.messageId > 0)
      this.#byMessage.set(`${sent.chat}/${sent.messageId}`, randomId);
  }

  #prune(now: number): void {
    const records = this.#all();
    for (const [randomId, sent] of records) {
      if (records.size <= MOST_KEPT && sent.lastTriedAt > now - KEPT_MS) return;
      this.#delete(randomId);
    }
  }
}

const isNear = (sent: SentRecord, at: number): boolean =>
  at >= sent.firstTriedAt - CLOCK_TOLERANCE_MS && at <= sent.lastTriedAt + CLOCK_TOLERANCE_MS;
