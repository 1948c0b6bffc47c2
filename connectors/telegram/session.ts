import { setMaxListeners } from 'node:events';
import type {
  CanarySession,
  Connected,
  ConnectorSession,
  DeletingSession,
  EditingSession,
  LoginFlow,
  LoginProcess,
  OutboundMessage,
  PresenceSession,
  ProbingSession,
  ReactingSession,
  ReadMarkingSession,
  SendResult,
  SessionContext,
  TypingSession,
  VitalSession,
} from '../../src/connector-api/index.ts';
import { DisconnectError, LoginError } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { AccountSession } from './account-session.ts';
import { endpointOptions, newAnnouncement } from './announcement.ts';
import { BotAccount } from './bot/bot-account.ts';
import { verifyBotToken } from './bot/verify-bot-token.ts';
import type { TelegramConfig } from './config.ts';
import { TelegramLogin } from './login.ts';
import { NO_API_ID } from './login-errors.ts';
import { LoginLine } from './login-line.ts';
import type { EngineName, MtprotoEngine } from './mtproto/client.ts';
import { loadEngine } from './mtproto/engines.ts';
import { sessionDown } from './open-connection.ts';
import { describeUser } from './own-user.ts';
import type { StoredAccount } from './stored-account.ts';
import { readAccount, writeAccount } from './stored-account.ts';
import type { TlObject } from './tl.ts';
import { UserAccount } from './user-account.ts';
import { chosenRung, rungs } from './versions.ts';

/**
 * One Telegram account: a person's, or a bot. Which it is, the vault says. The optional methods are those of the account's kind: for a
 * kind that has none they read as `undefined`.
 */
export class TelegramSession implements ConnectorSession {
  readonly #context: SessionContext<TelegramConfig>;
  readonly #loadEngine: (name: EngineName) => Promise<MtprotoEngine>;
  #inner: AccountSession | undefined;

  constructor(
    context: SessionContext<TelegramConfig>,
    parts: { loadEngine: (name: EngineName) => Promise<MtprotoEngine> } = { loadEngine },
  ) {
    this.#context = context;
    this.#loadEngine = parts.loadEngine;
    setMaxListeners(0, context.signal); // each transfer and pause of the session listens to it
    context.signal.addEventListener('abort', () => void this.disconnect(), { once: true });
  }

  isLinked(): boolean {
    return readAccount(this.#context.vault) !== undefined;
  }

  async connect(): Promise<Connected> {
    const inner = this.#account();
    if (inner === undefined) throw new DisconnectError({ kind: 'logged_out', code: 'telegram_not_linked' });
    return inner.connect();
  }

  async disconnect(): Promise<void> {
    await this.#inner?.disconnect();
  }

  async logout(): Promise<void> {
    await this.#account()?.unlink();
    this.#inner = undefined;
    this.#context.vault.secrets.clear();
  }

  beginLogin(flow: LoginFlow): LoginProcess {
    if (this.isLinked()) throw new BellhopError('session_not_linkable');
    const { clock, vault, config, signal } = this.#context;
    return new TelegramLogin({
      flow,
      clock,
      signal,
      api: () => this.#api(),
      openLine: (onUpdates) => this.#loginLine(onUpdates),
      describe: (user, line) => this.#describe(user, line),
      verifyToken: (token, cancelled) => verifyBotToken({ config, clock, token, signal: cancelled }),
      keep: (account) => {
        vault.transaction(() => {
          vault.secrets.clear(); // nothing of an earlier account is left: its peers and places would be wrong
          writeAccount(vault, account);
        });
        this.#inner = undefined;
      },
    });
  }

  async send(message: OutboundMessage, { signal }: { signal: AbortSignal }): Promise<SendResult> {
    const inner = this.#account();
    if (inner === undefined) throw sessionDown();
    return inner.send(message, signal);
  }

  get setTyping(): TypingSession['setTyping'] | undefined {
    const inner = this.#account();
    return inner?.setTyping?.bind(inner);
  }

  get markRead(): ReadMarkingSession['markRead'] | undefined {
    const inner = this.#account();
    return inner?.markRead?.bind(inner);
  }

  get react(): ReactingSession['react'] | undefined {
    const inner = this.#account();
    return inner?.react?.bind(inner);
  }

  get edit(): EditingSession['edit'] | undefined {
    const inner = this.#account();
    return inner?.edit?.bind(inner);
  }

  get deleteForEveryone(): DeletingSession['deleteForEveryone'] | undefined {
    const inner = this.#account();
    return inner?.deleteForEveryone?.bind(inner);
  }

  get setPresence(): PresenceSession['setPresence'] | undefined {
    const inner = this.#account();
    return inner?.setPresence?.bind(inner);
  }

  get probe(): ProbingSession['probe'] | undefined {
    const inner = this.#account();
    return inner?.probe?.bind(inner);
  }

  get sendCanary(): CanarySession['sendCanary'] | undefined {
    const inner = this.#account();
    return inner?.sendCanary?.bind(inner);
  }

  get vitals(): VitalSession['vitals'] | undefined {
    const inner = this.#account();
    return inner?.vitals?.bind(inner);
  }

  /** The account that the vault holds; made once. */
  #account(): AccountSession | undefined {
    const context = this.#context;
    if (this.#inner !== undefined) return this.#inner;
    const stored = context.signal.aborted ? undefined : readAccount(context.vault);
    if (stored === undefined) return undefined;
    this.#inner =
      stored.kind === 'bot' ? new BotAccount({ context }) : new UserAccount({ context, loadEngine: this.#loadEngine });
    return this.#inner;
  }

  #api(): { apiId: number; apiHash: string } {
    const { apiId, apiHash } = this.#context.config;
    if (apiId === undefined || apiHash === undefined) throw new LoginError('unsupported', NO_API_ID);
    return { apiId, apiHash };
  }

  #loginLine(onUpdates: (updates: TlObject) => void): LoginLine {
    const { clock, random, log, config, clientVersion } = this.#context;
    const first = chosenRung(config, clientVersion);
    const others = rungs(config).filter(({ engine }) => engine !== first.engine);
    return new LoginLine({
      rungs: [first, ...others],
      loadEngine: this.#loadEngine,
      onUpdates,
      options: (rung) => ({
        ...this.#api(),
        announcement: newAnnouncement(config, rung),
        ...endpointOptions(config),
        clock,
        random,
        log,
      }),
    });
  }

  #describe(user: TlObject, line: LoginLine): StoredAccount {
    const { dcId, authKey } = line.key;
    return {
      kind: 'user',
      ...describeUser(user),
      dcId,
      authKey: Buffer.from(authKey).toString('base64'),
      announcement: newAnnouncement(this.#context.config, line.rung),
    };
  }
}
