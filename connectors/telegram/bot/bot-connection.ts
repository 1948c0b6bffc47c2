import type { SessionContext } from '../../../src/connector-api/index.ts';
import type { Inbox } from '../inbox.ts';
import type { BotApi } from './bot-api.ts';
import { BotChangeDesk } from './bot-changes.ts';
import type { BotChats } from './bot-chats.ts';
import { BotPoll } from './bot-poll.ts';
import { BotReceiver } from './bot-receiver.ts';
import { toBotSendError } from './bot-refusals.ts';
import type { BotUser } from './bot-schemas.ts';
import { botUser } from './bot-schemas.ts';
import { BotSender } from './bot-sender.ts';
import type { BotSentStore } from './bot-sent-store.ts';
import { BotTyping } from './bot-typing.ts';

/** A server that accepts and says nothing is found out by it. */
const OPEN_TIMEOUT_MS = 20_000;
const PROBE_TIMEOUT_MS = 10_000;

/** What of a bot outlives a connection. */
export interface BotParts {
  readonly chats: BotChats;
  readonly store: BotSentStore;
  readonly inbox: Inbox;
}

/** What an open connection of a bot can do, and what runs while it is open: over HTTP, the asking for updates is the connection. */
export class BotConnection {
  readonly #context: SessionContext<unknown>;
  readonly #poll: BotPoll;
  readonly #typing: BotTyping;
  readonly api: BotApi;
  readonly sender: BotSender;
  readonly changes: BotChangeDesk;

  constructor(deps: { context: SessionContext<unknown>; api: BotApi; parts: BotParts }) {
    const { context, api, parts } = deps;
    const { chats, store, inbox } = parts;
    this.#context = context;
    this.api = api;
    const receiver = new BotReceiver({ context, inbox, chats });
    this.#poll = new BotPoll({ context, api, inbox, receiver });
    this.#typing = new BotTyping({ api, clock: context.clock, chats });
    this.sender = new BotSender({ context, api, store, chats });
    this.changes = new BotChangeDesk({ api, store, chats });
  }

  /** Resolves with the bot itself once nothing is missing any more. Rejects with the failure of a call. */
  async start(): Promise<BotUser> {
    const self = await askSelf(this.api, OPEN_TIMEOUT_MS);
    await this.#poll.start();
    return self;
  }

  get typing(): BotTyping {
    return this.#typing;
  }

  /** What ended it; never resolves after `close`. */
  get ended(): Promise<unknown> {
    return this.#poll.ended;
  }

  async probe(): Promise<number> {
    const { clock } = this.#context;
    const askedAt = clock.monotonic();
    try {
      await askSelf(this.api, PROBE_TIMEOUT_MS);
    } catch (error) {
      throw toBotSendError(error, 'getMe', 'direct');
    }
    return clock.monotonic() - askedAt;
  }

  /** Resolves when Telegram has answered. Rejects with a SendError. */
  async sendCanary(token: string): Promise<void> {
    try {
      await this.#poll.prove(token);
    } catch (error) {
      throw toBotSendError(error, 'getUpdates', 'direct');
    }
  }

  /** Updates that were told. */
  get pushes(): number {
    return this.#poll.pushes;
  }

  /** Resolves when no line is open any more, at once. */
  async close(): Promise<void> {
    this.#typing.stop();
    this.api.close();
    await this.#poll.stop();
  }
}

/** Whose token it is. Rejects with `BotRefused`, `BotLost`, or where the answer is none. */
export async function askSelf(api: BotApi, timeoutMs: number, signal?: AbortSignal): Promise<BotUser> {
  const answer = await api.call('getMe', {}, { timeoutMs, ...(signal === undefined ? {} : { signal }) });
  return botUser.parse(answer);
}
