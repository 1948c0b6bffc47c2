import { z } from 'zod';
import type { Address, Button, SessionVault } from '../../../src/connector-api/index.ts';
import type { Clock } from '../../../src/core/clock.ts';

const NAMESPACE = 'telegram.bot.sent';
/** Bots may change messages for 48 hours; a daemon that was down longer than this asks about no send any more. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1000;
/** Some 300 bytes each in memory. */
const MOST_KEPT = 2_000;

const record = z.object({
  chat: z.string(),
  begunAt: z.number(),
  /** A call has left, and its answer is not known. */
  isOpen: z.boolean(),
  /** Message ids by call, in order, of the calls that were answered. */
  sent: z.array(z.array(z.number())),
  /** The network's time of the first; epoch ms. */
  sentAt: z.number().exactOptional(),
  /** As the first message has them: an edit that does not name its buttons again removes them. */
  buttons: z.array(z.object({ id: z.string(), label: z.string() })).exactOptional(),
});
export type BotSend = z.infer<typeof record>;

/**
 * What has become of each send, by the id that the daemon chose. In the vault from before the first byte on: the Bot API would take the
 * same message twice, so a send whose answer nobody heard is never repeated.
 */
export class BotSentStore {
  readonly #vault: SessionVault;
  readonly #clock: Clock;
  /** Oldest first. */
  #sends: Map<string, BotSend> | undefined;
  /** From `chat/message id` to the chosen id. */
  readonly #byMessage = new Map<string, string>();

  constructor(deps: { vault: SessionVault; clock: Clock }) {
    this.#vault = deps.vault;
    this.#clock = deps.clock;
  }

  get(networkId: string): BotSend | undefined {
    return this.#all().get(networkId);
  }

  /** The send that a message of the bot came from. */
  find(chat: Address, messageId: number): BotSend | undefined {
    const sends = this.#all();
    const networkId = this.#byMessage.get(keyOf(chat, messageId));
    return networkId === undefined ? undefined : sends.get(networkId);
  }

  /** A call is about to leave. Durable when it returns. */
  begin(networkId: string, chat: Address, buttons: readonly Button[] = []): void {
    const known = this.get(networkId) ?? { chat, begunAt: this.#clock.now(), sent: [] };
    this.#vault.transaction(() => {
      this.#write(networkId, { ...known, isOpen: true, ...(buttons.length === 0 ? {} : { buttons: [...buttons] }) });
      this.#prune();
    });
  }

  /** The call was answered. Durable when it returns, or with the transaction around it. */
  settle(networkId: string, messageIds: readonly number[], at: number): void {
    const known = this.get(networkId);
    if (known === undefined) return;
    const sent = [...known.sent, [...messageIds]];
    this.#write(networkId, { ...known, isOpen: false, sent, sentAt: known.sentAt ?? at });
  }

  /** The call surely did nothing; it may be made again. */
  release(networkId: string): void {
    const known = this.get(networkId);
    if (known === undefined) return;
    if (known.sent.length > 0) this.#write(networkId, { ...known, isOpen: false });
    else this.#delete(networkId);
  }

  #all(): Map<string, BotSend> {
    if (this.#sends !== undefined) return this.#sends;
    const rows = this.#vault.secrets.entries(NAMESPACE).map(([networkId, bytes]): [string, BotSend] => {
      const text = Buffer.from(bytes).toString('utf8');
      return [networkId, record.parse(JSON.parse(text))];
    });
    this.#sends = new Map(rows.sort(([, one], [, other]) => one.begunAt - other.begunAt));
    for (const [networkId, send] of this.#sends) this.#index(networkId, send);
    return this.#sends;
  }

  #write(networkId: string, send: BotSend): void {
    this.#vault.secrets.set(NAMESPACE, networkId, Buffer.from(JSON.stringify(send), 'utf8'));
    this.#all().set(networkId, send);
    this.#index(networkId, send);
  }

  #delete(networkId: string): void {
    const send = this.get(networkId);
    this.#vault.secrets.delete(NAMESPACE, networkId);
    this.#all().delete(networkId);
    for (const id of send?.sent.flat() ?? []) this.#byMessage.delete(keyOf(send?.chat ?? '', id));
  }

  #index(networkId: string, send: BotSend): void {
    for (const id of send.sent.flat()) this.#byMessage.set(keyOf(send.chat, id), networkId);
  }

  #prune(): void {
    const sends = this.#all();
    const now = this.#clock.now();
    for (const [networkId, { begunAt }] of sends) {
      if (sends.size <= MOST_KEPT && begunAt > now - KEPT_MS) return;
      this.#delete(networkId);
    }
  }
}

const keyOf = (chat: Address, messageId: number): string => `${chat}/${messageId}`;
