import type {
  Chat,
  Connected,
  MessageReference,
  OutboundMessage,
  SendResult,
  SessionContext,
  SessionVitals,
} from '../../../src/connector-api/index.ts';
import { DisconnectError } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import type { AccountSession } from '../account-session.ts';
import type { TelegramConfig } from '../config.ts';
import { toDisconnectCause } from '../disconnect.ts';
import { Inbox } from '../inbox.ts';
import { sessionDown } from '../open-connection.ts';
import type { StoredBot } from '../stored-account.ts';
import { readAccount, toAccount, writeAccount } from '../stored-account.ts';
import { tellEnd } from '../tell-end.ts';
import { chosenRung, formatRung } from '../versions.ts';
import type { BotApi, CreateBotApi } from './bot-api.ts';
import { BotChats } from './bot-chats.ts';
import type { BotParts } from './bot-connection.ts';
import { BotConnection } from './bot-connection.ts';
import { toBotCause } from './bot-disconnect.ts';
import { BotDownload } from './bot-download.ts';
import { botEndpoint } from './bot-endpoint.ts';
import { BotSentStore } from './bot-sent-store.ts';
import { loadBotApi } from './load-bot-api.ts';
import { describeBot } from './verify-bot-token.ts';

/**
 * A bot, over the Bot API. It has no presence and no read marks, and reaches only people who have written to it, and groups that it was
 * added to.
 */
export class BotAccount implements AccountSession {
  readonly #context: SessionContext<TelegramConfig>;
  readonly #load: () => Promise<CreateBotApi>;
  readonly #parts: BotParts;
  #connection: BotConnection | undefined;
  /** The connection is past its start: it can be used. */
  #isUp = false;
  /** Counts the calls of `disconnect`, which may come before `connect` has a connection that could be closed. */
  #turn = 0;

  constructor(deps: { context: SessionContext<TelegramConfig>; load?: () => Promise<CreateBotApi> }) {
    const { context } = deps;
    const { clock, vault } = context;
    this.#context = context;
    this.#load = deps.load ?? loadBotApi;
    // Also over a connection that is just opening: what its first answer brings has files.
    const download = new BotDownload({ api: () => this.#connection?.api });
    this.#parts = {
      chats: new BotChats({ vault }),
      store: new BotSentStore({ vault, clock }),
      inbox: new Inbox({ context, fetchFile: download.fetch }),
    };
  }

  async connect(): Promise<Connected> {
    if (this.#connection !== undefined) throw new BellhopError('internal_error', { detail: 'already connected' });
    const account = this.#stored();
    const turn = this.#turn;
    const api = await this.#createApi(account);
    await this.#parts.inbox.replay();
    if (turn !== this.#turn || this.#context.signal.aborted)
      throw new DisconnectError(toDisconnectCause({ type: 'lost' }));
    const connection = new BotConnection({ context: this.#context, api, parts: this.#parts });
    this.#connection = connection;
    try {
      const self = await connection.start();
      if (this.#connection !== connection) throw new DisconnectError(toDisconnectCause({ type: 'lost' }));
      this.#isUp = true;
      void connection.ended.then((reason) => this.#onEnded(connection, reason));
      this.#parts.inbox.work();
      const now = describeBot(self, account.token);
      if (JSON.stringify(now) !== JSON.stringify(account)) writeAccount(this.#context.vault, now);
      return { account: toAccount(now), version: this.#version() };
    } catch (error) {
      if (this.#connection === connection) this.#connection = undefined;
      await connection.close();
      throw error instanceof DisconnectError ? error : new DisconnectError(toBotCause(error));
    }
  }

  async disconnect(): Promise<void> {
    this.#turn += 1;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#isUp = false;
    await connection?.close();
  }

  /** Nothing at Telegram knows of the link: the token is good until its owner revokes it at @BotFather. */
  unlink(): Promise<void> {
    return this.disconnect();
  }

  send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult> {
    return this.#run(({ sender }) => sender.send(message, signal));
  }

  setTyping(chat: Chat, on: boolean): Promise<void> {
    return this.#run(({ typing }) => typing.setTyping(chat, on));
  }

  react(chat: Chat, target: MessageReference, emoji: string): Promise<void> {
    return this.#run(({ changes }) => changes.react(chat, target, emoji));
  }

  edit(chat: Chat, networkId: string, body: string): Promise<void> {
    return this.#run(({ changes }) => changes.edit(chat, networkId, body));
  }

  deleteForEveryone(chat: Chat, networkId: string): Promise<void> {
    return this.#run(({ changes }) => changes.deleteForEveryone(chat, networkId));
  }

  probe(): Promise<number> {
    return this.#run((connection) => connection.probe());
  }

  sendCanary(token: string): Promise<void> {
    return this.#run((connection) => connection.sendCanary(token));
  }

  vitals(): SessionVitals {
    const connection = this.#isUp ? this.#connection : undefined;
    const now = this.#context.clock.monotonic();
    const heardAt = connection?.api.heardAt;
    return {
      silentForMs: heardAt === undefined ? null : now - heardAt,
      oldestPendingMs: now - (this.#parts.inbox.stuckSince ?? now),
      pushes: connection?.pushes ?? 0,
    };
  }

  async #run<T>(work: (connection: BotConnection) => Promise<T>): Promise<T> {
    const connection = this.#connection;
    if (connection === undefined || !this.#isUp) throw sessionDown();
    return work(connection);
  }

  async #createApi({ token }: StoredBot): Promise<BotApi> {
    const endpoint = botEndpoint(this.#context.config);
    if (!endpoint.ok) {
      throw new DisconnectError({
        kind: 'unknown',
        final: 'configuration',
        code: 'telegram_bot_endpoint',
        detail: endpoint.detail,
      });
    }
    const create = await this.#load().catch((error: unknown) => {
      const detail = error instanceof BellhopError ? error.detail : undefined;
      throw new DisconnectError({
        kind: 'protocol_changed',
        code: 'telegram_bot_library_missing',
        ...(detail === undefined ? {} : { detail: `The library for bots cannot be loaded: ${detail}` }),
      });
    });
    return create({ token, root: endpoint.root, clock: this.#context.clock });
  }

  #stored(): StoredBot {
    const account = readAccount(this.#context.vault);
    if (account?.kind === 'bot') return account;
    throw new DisconnectError({ kind: 'logged_out', code: 'telegram_not_linked' });
  }

  /** Versions are those of MTProto: a bot knows none, and is as new as it was told to be. */
  #version(): string {
    return formatRung(chosenRung(this.#context.config, this.#context.clientVersion));
  }

  /** The asking ended by itself: told once, when its lines are gone. */
  async #onEnded(connection: BotConnection, reason: unknown): Promise<void> {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#isUp = false;
    await connection.close();
    await tellEnd(this.#context, toBotCause(reason));
  }
}
