import type {
  Account,
  Chat,
  Connected,
  MessageReference,
  OutboundMessage,
  SendResult,
  SessionContext,
  SessionVitals,
} from '../../src/connector-api/index.ts';
import { DisconnectError } from '../../src/connector-api/index.ts';
import { withDeadline } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { AccountParts } from './account-parts.ts';
import type { AccountSession } from './account-session.ts';
import { announcementFor, endpointOptions } from './announcement.ts';
import type { TelegramConfig } from './config.ts';
import type { LineEnd } from './disconnect.ts';
import { toDisconnectCause } from './disconnect.ts';
import { NO_API_ID } from './login-errors.ts';
import type { EngineName, MtprotoClient, MtprotoEngine } from './mtproto/client.ts';
import { OpenConnection, sessionDown } from './open-connection.ts';
import { describeUser } from './own-user.ts';
import type { StoredUser } from './stored-account.ts';
import { keyOf, readAccount, toAccount, writeAccount } from './stored-account.ts';
import { tellEnd } from './tell-end.ts';
import type { TlObject } from './tl.ts';
import type { Rung } from './versions.ts';
import { chosenRung, formatRung } from './versions.ts';

/** For a connection, if there is none, and the request itself. */
const UNLINK_TIMEOUT_MS = 10_000;

/** The account of a person, over MTProto. */
export class UserAccount implements AccountSession {
  readonly #context: SessionContext<TelegramConfig>;
  readonly #loadEngine: (name: EngineName) => Promise<MtprotoEngine>;
  readonly #parts: AccountParts;
  #connection: OpenConnection | undefined;
  /** The connection is past its start: it can be used. */
  #isUp = false;
  /** Counts the calls of `disconnect`, which may come before `connect` has a connection that could be closed. */
  #turn = 0;
  /** Telegram has said that it no longer knows this link: there is nobody to unlink from. */
  #isRemoved = false;
  /** Whoever unlinks knows that the connection ends: the server's farewell is no news. */
  #isLeaving = false;

  constructor(deps: {
    context: SessionContext<TelegramConfig>;
    loadEngine: (name: EngineName) => Promise<MtprotoEngine>;
  }) {
    this.#context = deps.context;
    this.#loadEngine = deps.loadEngine;
    this.#parts = new AccountParts({ context: deps.context, client: () => this.#connection?.client });
  }

  async connect(): Promise<Connected> {
    if (this.#connection !== undefined) throw new BellhopError('internal_error', { detail: 'already connected' });
    const account = this.#stored();
    const rung = chosenRung(this.#context.config, this.#context.clientVersion);
    const turn = this.#turn;
    const engine = await this.#engine(rung);
    await this.#parts.inbox.replay();
    if (turn !== this.#turn || this.#context.signal.aborted)
      throw new DisconnectError(toDisconnectCause({ type: 'lost' }));
    const connection = this.#open(engine, account, rung);
    this.#connection = connection;
    try {
      const self = await connection.start();
      if (this.#connection !== connection) throw new DisconnectError(toDisconnectCause({ type: 'lost' }));
      this.#isUp = true;
      void connection.ended.then((end) => this.#onEnded(connection, end));
      this.#parts.inbox.work();
      return { account: this.#refresh(account, self), version: formatRung(rung) };
    } catch (error) {
      if (this.#connection === connection) this.#connection = undefined;
      await connection.close();
      if (error instanceof DisconnectError) this.#note(error.reason.kind);
      throw error;
    }
  }

  async disconnect(): Promise<void> {
    this.#turn += 1;
    const connection = this.#connection;
    this.#connection = undefined;
    this.#isUp = false;
    await connection?.close();
  }

  /** Ends the link at Telegram, where it can be reached. Never rejects; the vault is the caller's to erase. */
  async unlink(): Promise<void> {
    const { clock, log } = this.#context;
    this.#isLeaving = true;
    try {
      const late = (): Error => new Error('Telegram did not answer in time');
      await withDeadline(clock, UNLINK_TIMEOUT_MS, this.#unlink(), late);
    } catch (error) {
      log.warn('could not unlink at Telegram', { error: error instanceof Error ? error.name : null });
    } finally {
      await this.disconnect();
      this.#isLeaving = false;
    }
  }

  send(message: OutboundMessage, signal: AbortSignal): Promise<SendResult> {
    return this.#run(async ({ sender, presence }) => {
      await presence.comeOnline();
      return sender.send(message, signal);
    });
  }

  setTyping(chat: Chat, on: boolean): Promise<void> {
    return this.#run(({ presence }) => presence.setTyping(chat, on));
  }

  setPresence(online: boolean): Promise<void> {
    return this.#run(({ presence }) => presence.setOnline(online));
  }

  markRead(chat: Chat, messages: readonly [MessageReference, ...MessageReference[]]): Promise<void> {
    return this.#run(({ changes }) => changes.markRead(chat, messages));
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
    return this.#run(({ canaries }) => canaries.send(token));
  }

  vitals(): SessionVitals {
    const connection = this.#isUp ? this.#connection : undefined;
    const now = this.#context.clock.monotonic();
    const [heardAt, waitingSince] = [connection?.heardAt, connection?.waitingSince];
    const stuckSince = Math.min(waitingSince ?? now, this.#parts.inbox.stuckSince ?? now);
    return {
      silentForMs: heardAt === undefined ? null : now - heardAt,
      oldestPendingMs: now - stuckSince,
      pushes: connection?.pushes ?? 0,
    };
  }

  async #run<T>(work: (connection: OpenConnection) => Promise<T>): Promise<T> {
    const connection = this.#connection;
    if (connection === undefined || !this.#isUp) throw sessionDown();
    return work(connection);
  }

  #open(engine: MtprotoEngine, account: StoredUser, rung: Rung): OpenConnection {
    const { clock, random, log, config } = this.#context;
    const { apiId, apiHash } = config;
    if (apiId === undefined || apiHash === undefined) {
      throw new DisconnectError({
        kind: 'unknown',
        final: 'configuration',
        code: 'telegram_no_api_id',
        detail: NO_API_ID,
      });
    }
    const client: MtprotoClient = engine.createClient({
      apiId,
      apiHash,
      announcement: announcementFor(account.announcement, rung),
      ...endpointOptions(config),
      key: keyOf(account),
      clock,
      random,
      log,
    });
    return new OpenConnection({ client, parts: this.#parts, selfId: BigInt(account.id), context: this.#context });
  }

  async #engine({ engine }: Rung): Promise<MtprotoEngine> {
    try {
      return await this.#loadEngine(engine);
    } catch (error) {
      // A matter of this rung: another one may have its library.
      const detail = error instanceof BellhopError ? error.detail : undefined;
      throw new DisconnectError({
        kind: 'client_outdated',
        code: 'telegram_engine_missing',
        nativeCode: engine,
        ...(detail === undefined ? {} : { detail: `The library of this engine cannot be loaded: ${detail}` }),
      });
    }
  }

  #stored(): StoredUser {
    const account = readAccount(this.#context.vault);
    if (account?.kind === 'user') return account;
    throw new DisconnectError({ kind: 'logged_out', code: 'telegram_not_linked' });
  }

  /** Names and numbers change; what the daemon shows is what Telegram says now. */
  #refresh(account: StoredUser, self: TlObject): Account {
    const { username: _username, name: _name, phone: _phone, ...lasting } = account;
    const now = { ...lasting, ...describeUser(self) };
    if (JSON.stringify(now) !== JSON.stringify(account)) writeAccount(this.#context.vault, now);
    return toAccount(now);
  }

  async #unlink(): Promise<void> {
    if (this.#isRemoved) return;
    if (this.#connection === undefined) await this.connect();
    await this.#connection?.unlink();
  }

  #note(kind: string): void {
    this.#isRemoved = kind === 'logged_out';
  }

  /** The line broke by itself: waits until the socket is gone, so that the next one does not meet it, and tells once. */
  async #onEnded(connection: OpenConnection, end: LineEnd): Promise<void> {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#isUp = false;
    await connection.close();
    const cause = toDisconnectCause(end);
    this.#note(cause.kind);
    if (!this.#isLeaving) await tellEnd(this.#context, cause);
  }
}
