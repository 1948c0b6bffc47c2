import type { OutboundMessage, SendResult } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import { messageIdOf, randomIdOf } from './ids.ts';
import { toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import { RpcFailure } from './mtproto/client.ts';
import type { OutboundStore } from './outbound-store.ts';
import type { NumberedCall, NumberedPart, Wording } from './outbound-wording.ts';
import { numberCalls } from './outbound-wording.ts';
import type { Recipient, Recipients } from './recipients.ts';
import { readWord } from './rpc-word.ts';
import type { SentPart } from './sent-ids.ts';
import { readSentParts, sentPartOf } from './sent-ids.ts';
import type { SentSearch } from './sent-search.ts';
import type { TlObject, TlValue } from './tl.ts';
import { isObject } from './tl-fields.ts';

/** Servers answer within a second; a call that has waited this long was lost on its way, one way or the other. */
const SEND_TIMEOUT_MS = 30_000;
/** How long Telegram is trusted to know a random id again; an older attempt is looked for in the chat first. */
const RANDOM_ID_TRUST_MS = 60 * 60 * 1000;

export interface SenderDeps {
  readonly line: Caller;
  readonly store: OutboundStore;
  readonly recipients: Recipients;
  readonly search: SentSearch;
  readonly wording: Wording;
  readonly clock: Clock;
  readonly log: Logger;
  /** Settles parts in the vault, with whatever else hangs on them. Survives a kill when it returns. */
  readonly settle: (to: Recipient, parts: readonly SentPart[]) => void;
  /** Hands on what an answer says about the place in the updates. Called after `settle`. */
  readonly feedAnswer: (answer: TlObject) => void;
}

interface Job {
  readonly to: Recipient;
  /** Random id of the whole message. */
  readonly message: bigint;
  readonly parts: NumberedCall;
  readonly replyTo: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends messages over one connection. Each goes under its random id, which the vault knows before the first byte leaves: a second
 * attempt repeats it, and Telegram shows the guest one message. Rejects with a SendError only.
 */
export class Sender {
  readonly #deps: SenderDeps;

  constructor(deps: SenderDeps) {
    this.#deps = deps;
  }

  async send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult> {
    try {
      return await this.#send(message, signal);
    } catch (cause) {
      if (cause instanceof SendError) throw cause;
      // The vault's: it may have failed after the call. The random id makes another attempt harmless.
      throw new SendError('internal_error', { certainty: 'maybe_sent', retryable: true, cause });
    }
  }

  async #send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult> {
    const randomId = randomIdOf(message.networkId);
    if (randomId === undefined) {
      throw new SendError('internal_error', { certainty: 'not_sent', retryable: false, detail: 'No random id.' });
    }
    const calls = numberCalls(randomId, message.content);
    const known = this.#resultOf(message, calls.flat());
    if (known !== undefined) return known; // sent before, for a daemon that was killed before it knew
    const to = await this.#deps.recipients.find(message.chat, signal);
    for (const [index, parts] of calls.entries()) {
      if (parts.every((part) => this.#isSettled(part))) continue;
      const replyTo = index === 0 ? this.#replyOf(message) : undefined;
      await this.#deliver({ to, message: randomId, parts, replyTo, signal });
    }
    const result = this.#resultOf(message, calls.flat());
    if (result === undefined) throw new SendError('send_timeout', { certainty: 'maybe_sent', retryable: true });
    return result;
  }

  async #deliver(job: Job): Promise<void> {
    const { store, line, wording } = this.#deps;
    const { to, message, parts, replyTo, signal } = job;
    const wasTried = parts.some((part) => store.get(part.randomId) !== undefined);
    if (wasTried && this.#isOld(parts) && (await this.#isFound(job))) return;
    const call = await wording.call(to, parts, replyTo, signal);
    store.begin(to.address, message, parts);
    let answer: TlValue;
    try {
      answer = await line.invoke(call, { timeoutMs: SEND_TIMEOUT_MS, signal });
    } catch (error) {
      await this.#onFailure(job, error, { method: call._, wasTried });
      return;
    }
    const randomIds = parts.map((part) => part.randomId);
    this.#deps.settle(to, readSentParts(answer, randomIds));
    if (isObject(answer)) this.#deps.feedAnswer(answer);
    if (!parts.every((part) => this.#isSettled(part))) await this.#settleUnnamed(job);
  }

  /** Returns where the message turned out to be sent; else throws what the daemon is told. */
  async #onFailure(job: Job, error: unknown, call: { method: string; wasTried: boolean }): Promise<void> {
    if (error instanceof RpcFailure && readWord(error.text).word === 'RANDOM_ID_DUPLICATE') {
      await this.#settleUnnamed(job);
      return;
    }
    const failure = toSendError(error, call.method);
    if (failure.certainty === 'maybe_sent' || failure.retryable) throw failure;
    // A plain no. Where an earlier attempt was left open, only the chat can tell whether that one was taken.
    if (call.wasTried && (await this.#isFound(job))) return;
    this.#deps.store.drop(job.parts.filter((part) => !this.#isSettled(part)).map((part) => part.randomId));
    throw failure;
  }

  /** The network has the message: an id that cannot be found does not change that. */
  async #settleUnnamed(job: Job): Promise<void> {
    if (await this.#isFound(job).catch(() => false)) return;
    this.#deps.log.warn('a message was sent, and its id is not known');
    const open = job.parts.filter((part) => !this.#isSettled(part));
    this.#deps.settle(
      job.to,
      open.map(({ randomId }) => ({ randomId, messageId: 0, at: undefined })),
    );
  }

  /** Looks into the chat and settles what is there. Resolves with whether that is all of the call. */
  async #isFound({ to, parts, signal }: Job): Promise<boolean> {
    const { store, search, settle } = this.#deps;
    for (const message of await search.ownMessages(to, signal)) {
      const randomId = store.openMatch(to.address, message);
      if (randomId !== undefined) settle(to, [sentPartOf(message, randomId)]);
    }
    return parts.every((part) => this.#isSettled(part));
  }

  /** The message that is replied to; one that Telegram never took leaves the words without it. */
  #replyOf({ replyTo }: OutboundMessage): number | undefined {
    if (replyTo === undefined) return undefined;
    const randomId = randomIdOf(replyTo.networkId);
    if (randomId === undefined) return messageIdOf(replyTo.networkId);
    const messageId = this.#deps.store.get(randomId)?.messageId ?? 0;
    return messageId === 0 ? undefined : messageId;
  }

  #resultOf({ networkId }: OutboundMessage, parts: readonly NumberedPart[]): SendResult | undefined {
    const records = parts.map((part) => this.#deps.store.get(part.randomId));
    const [first] = records;
    if (first?.messageId === undefined || records.some((sent) => sent?.messageId === undefined)) return undefined;
    const acceptedAt = first.sentAt ?? this.#deps.clock.now();
    return { networkId: first.messageId === 0 ? networkId : String(first.messageId), acceptedAt };
  }

  #isSettled({ randomId }: NumberedPart): boolean {
    return this.#deps.store.get(randomId)?.messageId !== undefined;
  }

  #isOld(parts: NumberedCall): boolean {
    const tried = parts.map(({ randomId }) => this.#deps.store.get(randomId)?.firstTriedAt ?? Infinity);
    return this.#deps.clock.now() - Math.min(...tried) > RANDOM_ID_TRUST_MS;
  }
}
