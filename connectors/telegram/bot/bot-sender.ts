import type { Address, OutboundMessage, SendResult, SessionContext } from '../../../src/connector-api/index.ts';
import { SendError } from '../../../src/connector-api/index.ts';
import { messageIdOf } from '../ids.ts';
import { PollBook } from '../poll-book.ts';
import type { BotApi } from './bot-api.ts';
import { BotRefused } from './bot-api.ts';
import type { BotChats } from './bot-chats.ts';
import { toBotSendError } from './bot-refusals.ts';
import type { BotSent } from './bot-schemas.ts';
import { botSent } from './bot-schemas.ts';
import type { BotSentStore } from './bot-sent-store.ts';
import type { BotCall } from './map-bot-outbound.ts';
import { planBotCalls } from './map-bot-outbound.ts';

/** Telegram answers within a second, or has lost the call. */
const SEND_TIMEOUT_MS = 30_000;
/** The slowest hotel line on which a file is still worth sending. */
const SLOWEST_BYTES_PER_MS = 16;
const MS_PER_SECOND = 1_000;

interface Job {
  readonly message: OutboundMessage;
  readonly chat: Address;
  readonly chatId: number;
  readonly call: BotCall;
  readonly replyTo: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Sends messages of a bot. The Bot API takes the same message as often as it comes, so each call is noted in the vault before its first
 * byte, and one whose answer was not heard is never made again. Rejects with a SendError only.
 */
export class BotSender {
  readonly #context: SessionContext<unknown>;
  readonly #api: BotApi;
  readonly #store: BotSentStore;
  readonly #chats: BotChats;
  readonly #polls: PollBook;

  constructor(deps: { context: SessionContext<unknown>; api: BotApi; store: BotSentStore; chats: BotChats }) {
    this.#context = deps.context;
    this.#api = deps.api;
    this.#store = deps.store;
    this.#chats = deps.chats;
    this.#polls = new PollBook(deps.context);
  }

  async send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult> {
    const { networkId, content } = message;
    if (signal.aborted) throw new SendError('send_timeout', { certainty: 'not_sent', retryable: true });
    const calls = planBotCalls(content, (ref) => this.#context.media.open(ref));
    const before = this.#store.get(networkId);
    if (before?.isOpen === true)
      throw openFate('An earlier attempt was not answered; the Bot API cannot tell what became of it.');
    const { chatId, address: chat } = this.#chats.require(message.chat);
    for (const [index, call] of calls.entries()) {
      if (index < (before?.sent.length ?? 0)) continue;
      const replyTo = index === 0 ? this.#replyOf(message) : undefined;
      await this.#deliver({ message, chat, chatId, call, replyTo, signal });
    }
    const done = this.#store.get(networkId);
    const first = done?.sent[0]?.[0];
    if (first === undefined) throw openFate('The answer names no message.');
    return { networkId: String(first), acceptedAt: done?.sentAt ?? this.#context.clock.now() };
  }

  async #deliver(job: Job): Promise<void> {
    const { message, chat, call } = job;
    const { networkId } = message;
    this.#begin(networkId, chat, call);
    let sent: readonly BotSent[];
    try {
      sent = await this.#call(job, job.chatId);
    } catch (error) {
      const failure = toBotSendError(error, call.method, message.chat.kind);
      if (failure.certainty === 'not_sent') this.#release(networkId);
      throw failure;
    }
    this.#settle(job, sent);
  }

  async #call({ call, replyTo, signal }: Job, chatId: number): Promise<readonly BotSent[]> {
    const reply =
      replyTo === undefined ? {} : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } };
    const payload = { chat_id: chatId, ...call.payload, ...reply };
    const timeoutMs = SEND_TIMEOUT_MS + call.sizeBytes / SLOWEST_BYTES_PER_MS;
    try {
      return readSent(await this.#api.call(call.method, payload, { timeoutMs, signal }));
    } catch (error) {
      const movedTo = error instanceof BotRefused ? error.migratedTo : undefined;
      if (movedTo === undefined || movedTo === chatId) throw error;
      this.#chats.noteMoved(chatId, movedTo);
      // Certainly refused, and files were read: the next attempt goes to where the group is now.
      throw new SendError('send_rejected', { certainty: 'not_sent', retryable: true, nativeCode: 'migrated' });
    }
  }

  #begin(networkId: string, chat: Address, { buttons }: BotCall): void {
    try {
      this.#store.begin(networkId, chat, buttons);
    } catch (cause) {
      throw new SendError('internal_error', { certainty: 'not_sent', retryable: true, cause });
    }
  }

  #release(networkId: string): void {
    try {
      this.#store.release(networkId);
    } catch (error) {
      // It stays noted as under way, and is not tried again: a person looks after it.
      this.#context.log.error('the vault could not be written', { error: error instanceof Error ? error.name : null });
    }
  }

  #settle({ message, chat }: Job, sent: readonly BotSent[]): void {
    const { clock, vault } = this.#context;
    const ids = sent.map(({ message_id: id }) => id);
    const [first] = sent;
    const at = first === undefined ? clock.now() : first.date * MS_PER_SECOND;
    try {
      vault.transaction(() => {
        this.#store.settle(message.networkId, ids, at);
        if (first?.poll === undefined) return;
        const asked = { chat, messageId: first.message_id, options: [] };
        this.#polls.note(BigInt(first.poll.id), asked, clock.now());
      });
    } catch (cause) {
      throw new SendError('internal_error', { certainty: 'maybe_sent', retryable: false, cause });
    }
  }

  /** The message that is replied to, if Telegram has it; the press of a button is none. */
  #replyOf({ replyTo }: OutboundMessage): number | undefined {
    if (replyTo === undefined) return undefined;
    return messageIdOf(replyTo.networkId) ?? this.#store.get(replyTo.networkId)?.sent[0]?.[0];
  }
}

/** A message, or those of an album. An answer that cannot be read comes from a server that has taken the message. */
function readSent(answer: unknown): readonly BotSent[] {
  const sent = botSent.array().safeParse(Array.isArray(answer) ? answer : [answer]);
  if (!sent.success) throw openFate('The answer could not be read.');
  return sent.data;
}

const openFate = (detail: string): SendError =>
  new SendError('send_timeout', { certainty: 'maybe_sent', retryable: false, detail });
