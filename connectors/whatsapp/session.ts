import { setMaxListeners } from 'node:events';
import type {
  Account,
  CanarySession,
  Chat,
  Connected,
  ConnectorSession,
  DeletingSession,
  DisconnectCause,
  EditingSession,
  LoginFlow,
  LoginProcess,
  MessageReference,
  OutboundMessage,
  PresenceSession,
  ProbingSession,
  ReactingSession,
  ReadMarkingSession,
  SendResult,
  SessionContext,
  SessionVitals,
  TypingSession,
  VitalSession,
} from '../../src/connector-api/index.ts';
import { DisconnectError, SendError } from '../../src/connector-api/index.ts';
import { withDeadline } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { WhatsAppConfig } from './config.ts';
import type { ConnectionEnd } from './disconnect.ts';
import { toDisconnectCause } from './disconnect.ts';
import { WhatsAppLogin } from './login.ts';
import { OpenConnection } from './open-connection.ts';
import { replayEarlierLife, stopInbox } from './session-inbox.ts';
import type { SessionParts } from './session-parts.ts';
import { announcedVersion, loadParts } from './session-parts.ts';
import type { Line } from './socket.ts';
import type { OwnIdentity } from './stored-account.ts';
import { readIdentity, toAccount } from './stored-account.ts';
import { tellEnd } from './tell-end.ts';

type OptionalParts = TypingSession &
  ReadMarkingSession &
  ReactingSession &
  EditingSession &
  DeletingSession &
  PresenceSession &
  ProbingSession &
  CanarySession &
  VitalSession;

/** For a connection, if there is none, and the request itself. */
const UNLINK_TIMEOUT_MS = 10_000;
const NO_LINE: SessionVitals = { silentForMs: null, oldestPendingMs: 0, pushes: 0 };

/** One WhatsApp account, linked as a companion device. */
export class WhatsAppSession implements ConnectorSession, OptionalParts {
  readonly #context: SessionContext<WhatsAppConfig>;
  #parts: Promise<SessionParts> | undefined;
  #line: Line | undefined;
  #open: OpenConnection | undefined;
  /** The network has said that it no longer knows this link: there is nobody to unlink from. */
  #isRemoved = false;
  /** The caller of `logout` knows that the connection ends: the server's farewell is no news. */
  #isLeaving = false;

  constructor(context: SessionContext<WhatsAppConfig>) {
    this.#context = context;
    setMaxListeners(0, context.signal); // each transfer and pause of the session listens to it
    context.signal.addEventListener('abort', () => void this.disconnect(), { once: true });
  }

  isLinked(): boolean {
    return readIdentity(this.#context.vault) !== undefined;
  }

  async connect(): Promise<Connected> {
    this.#requireLink();
    if (this.#line !== undefined) throw new BellhopError('internal_error', { detail: 'already connected' });
    const version = announcedVersion(this.#context);
    const parts = await this.#load();
    await replayEarlierLife(parts.inbox, this.#context);
    this.#requireLink(); // logging out may have overtaken the replay
    parts.inbox.start();
    const line = parts.openLine({ purpose: 'connect' });
    this.#line = line;
    const end = await Promise.race([line.opened, line.ended]);
    if (end !== undefined) {
      if (this.#line === line) this.#line = undefined;
      await line.close();
      throw new DisconnectError(this.#causeOf(end));
    }
    this.#open = new OpenConnection({ line, parts, context: this.#context });
    this.#open.start();
    void line.ended.then((ended) => this.#onEnded(line, ended));
    return { account: this.#account(), version };
  }

  async disconnect(): Promise<void> {
    const line = this.#line;
    this.#line = undefined;
    this.#open = undefined;
    await line?.close();
    await this.#stopInbox();
  }

  async logout(): Promise<void> {
    const { clock, log } = this.#context;
    this.#isLeaving = true;
    try {
      await withDeadline(clock, UNLINK_TIMEOUT_MS, this.#unlink(), () => new Error('WhatsApp did not answer in time'));
    } catch (error) {
      // Out of reach or already unlinked: what counts is that nothing of the account stays here.
      if (error instanceof DisconnectError && error.reason.kind === 'logged_out') log.debug('was unlinked already');
      else log.warn('could not unlink on the network', { error: error instanceof Error ? error : undefined });
    } finally {
      await this.disconnect();
      await this.#forget();
      this.#isLeaving = false;
    }
  }

  beginLogin(flow: LoginFlow): LoginProcess {
    if (this.isLinked()) throw new BellhopError('session_not_linkable'); // linking begins by forgetting what is there
    return new WhatsAppLogin({
      flow,
      clock: this.#context.clock,
      signal: this.#context.signal,
      openLine: async (options) => (await this.#load()).openLine({ ...options, purpose: 'login' }),
      account: () => (this.isLinked() ? toAccount(readIdentity(this.#context.vault)) : undefined),
      forget: () => this.#forget(),
    });
  }

  async send(message: OutboundMessage, options: { signal: AbortSignal }): Promise<SendResult> {
    return this.#connection().sender.send(message, options.signal);
  }

  async setTyping(chat: Chat, on: boolean): Promise<void> {
    await this.#connection().presence.setTyping(chat, on);
  }

  async setPresence(online: boolean): Promise<void> {
    await this.#connection().presence.setOnline(online);
  }

  async markRead(chat: Chat, messages: readonly [MessageReference, ...MessageReference[]]): Promise<void> {
    await this.#connection().changes.markRead(chat, messages);
  }

  async react(chat: Chat, target: MessageReference, emoji: string): Promise<void> {
    await this.#connection().changes.react(chat, target, emoji);
  }

  async edit(chat: Chat, networkId: string, body: string): Promise<void> {
    await this.#connection().changes.edit(chat, networkId, body);
  }

  async deleteForEveryone(chat: Chat, networkId: string): Promise<void> {
    await this.#connection().changes.deleteForEveryone(chat, networkId);
  }

  async probe(): Promise<number> {
    return this.#connection().probe();
  }

  async sendCanary(token: string): Promise<void> {
    await this.#connection().sendCanary(token);
  }

  vitals(): SessionVitals {
    return this.#open?.vitals() ?? NO_LINE;
  }

  #causeOf(end: ConnectionEnd): DisconnectCause {
    const cause = toDisconnectCause(end);
    this.#isRemoved = cause.kind === 'logged_out';
    return cause;
  }

  #connection(): OpenConnection {
    if (this.#open === undefined) throw new SendError('session_down', { certainty: 'not_sent', retryable: true });
    return this.#open;
  }

  #requireLink(): void {
    if (!this.isLinked()) throw new DisconnectError({ kind: 'logged_out', code: 'whatsapp_not_linked' });
  }

  async #unlink(): Promise<void> {
    if (this.#isRemoved || !this.isLinked()) return;
    if (this.#open === undefined) await this.connect();
    await this.#open?.unlink();
  }

  async #stopInbox(): Promise<void> {
    const parts = await this.#parts?.catch(() => undefined);
    if (parts !== undefined) await stopInbox(parts.inbox, this.#context);
  }

  /** The next link starts from nothing. */
  async #forget(): Promise<void> {
    const parts = await this.#parts?.catch(() => undefined);
    this.#parts = undefined;
    this.#isRemoved = false;
    parts?.inbox.forget();
    this.#context.vault.secrets.clear();
  }

  #load(): Promise<SessionParts> {
    this.#parts ??= loadParts({
      context: this.#context,
      emit: (event) => this.#context.emit(event),
      me: () => this.#ownJids(),
      line: () => (this.#open === undefined ? undefined : this.#line),
    }).catch((error: unknown) => {
      this.#parts = undefined;
      throw error;
    });
    return this.#parts;
  }

  #identity(): OwnIdentity | undefined {
    const live = this.#line?.sock.authState.creds.me;
    if (live?.lid === undefined) return readIdentity(this.#context.vault);
    return { id: live.id, lid: live.lid, ...(live.name === undefined ? {} : { name: live.name }) };
  }

  #account(): Account {
    return toAccount(this.#identity());
  }

  #ownJids(): readonly string[] {
    const identity = this.#identity();
    return [identity?.id, identity?.lid].filter((jid) => jid !== undefined);
  }

  /** The line broke by itself: waits until the socket is gone, so that the next one does not meet it, and tells once. */
  async #onEnded(line: Line, end: ConnectionEnd): Promise<void> {
    if (this.#line !== line) return;
    this.#line = undefined;
    this.#open = undefined;
    await line.close();
    if (!this.#isLeaving) await tellEnd(this.#context, this.#causeOf(end));
  }
}
