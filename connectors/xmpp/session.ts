import type {
  CanarySession,
  Chat,
  Connected,
  ConnectorEvent,
  ConnectorSession,
  LoginFlow,
  LoginProcess,
  MessageReference,
  OutboundMessage,
  ProbingSession,
  ReadMarkingSession,
  SendResult,
  SessionContext,
  SessionVitals,
  TypingSession,
  VitalSession,
} from '../../src/connector-api/index.ts';
import { DisconnectError, SendError } from '../../src/connector-api/index.ts';
import { sleep } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { XmppConfig } from './config.ts';
import type { LineEnd } from './disconnect.ts';
import { toDisconnectCause } from './disconnect.ts';
import { createMessageId } from './ids.ts';
import { Inbox } from './inbox.ts';
import type { Element, Library } from './library.ts';
import { loadLibrary } from './library.ts';
import { Line } from './line.ts';
import type { StreamPosition } from './line-deps.ts';
import { XmppLogin } from './login.ts';
import { readBounce } from './map-bounce.ts';
import { readCanary } from './map-canary.ts';
import { readMessage } from './map-inbound.ts';
import type { StoredAccount } from './stored-account.ts';
import { readAccount, readStream, writeAccount, writeStream } from './stored-account.ts';

/** Always the same, so that a second bridge on the account is told from a guest's word: the server ends the older one. */
const RESOURCE = 'bellhop';
/** The protocol itself carries the version; there is no ladder to climb. */
const VERSION = '1.0';
/** The end of a connection is told again at this pace until the daemon has it. */
const TELL_AGAIN_MS = 1_000;

/** One XMPP account. */
export class XmppSession
  implements ConnectorSession, TypingSession, ReadMarkingSession, ProbingSession, CanarySession, VitalSession
{
  readonly #context: SessionContext<XmppConfig>;
  readonly #inbox: Inbox;
  #library: Promise<Library> | undefined;
  #line: Line | undefined;
  /** Counts the calls of `disconnect`, which may come before `connect` has a line that could be closed. */
  #turn = 0;

  constructor(context: SessionContext<XmppConfig>) {
    this.#context = context;
    this.#inbox = new Inbox({ context, onStored: (confirm) => void this.#confirm(confirm) });
    // Without a word: what was not acknowledged is the next session's to receive.
    context.signal.addEventListener('abort', () => this.#line?.destroy(), { once: true });
  }

  isLinked(): boolean {
    return readAccount(this.#context.vault) !== undefined;
  }

  async connect(): Promise<Connected> {
    const account = readAccount(this.#context.vault);
    if (account === undefined) throw new DisconnectError({ kind: 'logged_out', code: 'xmpp_not_linked' });
    if (this.#line !== undefined) throw new BellhopError('internal_error', { detail: 'already connected' });
    const turn = this.#turn;
    await this.#inbox.replay();
    const line = await this.#newLine(account, RESOURCE);
    if (turn !== this.#turn || this.#context.signal.aborted)
      throw new DisconnectError(toDisconnectCause({ type: 'lost' }));
    this.#line = line;
    const outcome = await line.open();
    if ('type' in outcome) {
      if (this.#line === line) this.#line = undefined;
      throw new DisconnectError(toDisconnectCause(outcome));
    }
    if (!outcome.isResumed) await line.write((await this.#load()).stanzas.presence()).catch(() => undefined);
    void line.ended.then((end) => this.#onEnded(line, end));
    return { account: { address: account.address }, version: VERSION };
  }

  async disconnect(): Promise<void> {
    this.#turn += 1;
    const line = this.#line;
    this.#line = undefined;
    if (line === undefined) return;
    const isClean = await line.close();
    if (isClean && !this.#context.signal.aborted) writeStream(this.#context.vault, undefined);
  }

  /** The account stays at its server: a password is not a link that could be taken away there. */
  async logout(): Promise<void> {
    await this.disconnect();
    this.#context.vault.secrets.clear();
  }

  beginLogin(flow: LoginFlow): LoginProcess {
    if (this.isLinked()) throw new BellhopError('session_not_linkable');
    const { vault, signal } = this.#context;
    return new XmppLogin({
      flow,
      signal,
      keep: (account) => writeAccount(vault, account),
      tryAccount: (account, cancelled) => this.#tryAccount(account, cancelled),
    });
  }

  async send(message: OutboundMessage, { signal }: { signal: AbortSignal }): Promise<SendResult> {
    const line = this.#online();
    const { stanzas } = await this.#load();
    await line.deliver(stanzas.message(message), message.networkId, signal);
    return { networkId: message.networkId, acceptedAt: this.#context.clock.now() };
  }

  async setTyping(chat: Chat, on: boolean): Promise<void> {
    const { stanzas } = await this.#load();
    await this.#online().write(stanzas.chatState(chat, on));
  }

  async markRead(chat: Chat, messages: readonly [MessageReference, ...MessageReference[]]): Promise<void> {
    const { stanzas } = await this.#load();
    for (const { networkId } of messages) await this.#online().write(stanzas.displayed(chat, networkId));
  }

  async probe(): Promise<number> {
    return this.#online().probe();
  }

  async sendCanary(token: string): Promise<void> {
    const line = this.#online();
    const { stanzas } = await this.#load();
    await line.deliver(stanzas.canary(line.jid, token), token, this.#context.signal);
  }

  vitals(): SessionVitals {
    const line = this.#line?.isOpen === true ? this.#line : undefined;
    const now = this.#context.clock.monotonic();
    return {
      silentForMs: line === undefined ? null : now - line.heardAt,
      oldestPendingMs: now - (this.#inbox.stuckSince ?? now),
      pushes: line?.pushes ?? 0,
    };
  }

  #online(): Line {
    if (this.#line?.isOpen === true) return this.#line;
    throw new SendError('session_down', { certainty: 'not_sent', retryable: true });
  }

  #load(): Promise<Library> {
    this.#library ??= loadLibrary();
    return this.#library;
  }

  async #newLine(account: StoredAccount, resource: string): Promise<Line> {
    const { clock, config, vault } = this.#context;
    const isLogin = resource !== RESOURCE;
    return new Line({
      library: await this.#load(),
      clock,
      service: config.service,
      account: { ...account, resource },
      resume: isLogin ? undefined : readStream(vault),
      onStream: (position) => isLogin || writeStream(vault, position),
      onStanza: (stanza, position) => isLogin || this.#take(account.address, stanza, position),
    });
  }

  /** Message and count are kept together, before the server is told that it may forget the message. */
  #take(ownAddress: string, stanza: Element, position: StreamPosition): void {
    const { clock, random, vault } = this.#context;
    const isMessage = stanza.name === 'message';
    const now = clock.now();
    const bounce = isMessage ? readBounce(stanza, { ownAddress, now }) : undefined;
    const canary = isMessage ? readCanary(stanza, { ownAddress, now }) : undefined;
    const isAwaited = bounce !== undefined && this.#line?.refuse(bounce.event.networkId, bounce.error) === true;
    const facts = { ownAddress, now, fallbackId: createMessageId(random) };
    const reading = isMessage ? readMessage(stanza, facts) : undefined;
    vault.transaction(() => {
      writeStream(vault, position);
      if (reading !== undefined) this.#inbox.put(reading);
      if (canary !== undefined) this.#inbox.put({ durable: [canary], live: [] });
      if (bounce !== undefined && !isAwaited) this.#inbox.put({ durable: [bounce.event], live: [] });
    });
    for (const event of reading?.live ?? []) void this.#tellLive(event);
    this.#inbox.work();
  }

  async #tellLive(event: ConnectorEvent): Promise<void> {
    await this.#context.emit(event).catch(() => {
      this.#context.log.debug('a live event was dropped');
    });
  }

  /** The guest's client is told that the message arrived, once it is safe (XEP-0184). */
  async #confirm({ to, id }: { to: string; id: string }): Promise<void> {
    const { stanzas } = await this.#load();
    await this.#line?.write(stanzas.received(to, id)).catch(() => undefined);
  }

  /** Logs in beside a connection that may stand elsewhere, and out again. */
  async #tryAccount(account: StoredAccount, cancelled: AbortSignal): Promise<LineEnd | undefined> {
    const line = await this.#newLine(account, `${RESOURCE}-${createMessageId(this.#context.random)}`);
    const close = (): void => void line.close();
    cancelled.addEventListener('abort', close, { once: true });
    const outcome = await line.open();
    cancelled.removeEventListener('abort', close);
    await line.close();
    return 'type' in outcome ? outcome : undefined;
  }

  /** The line broke by itself: told once, again and again until the daemon has stored it. */
  async #onEnded(line: Line, end: LineEnd): Promise<void> {
    if (this.#line !== line) return;
    this.#line = undefined;
    const { clock, signal } = this.#context;
    const event: ConnectorEvent = { type: 'disconnected', cause: toDisconnectCause(end) };
    while (!signal.aborted) {
      const isTold = await this.#context.emit(event).then(
        () => true,
        () => false,
      );
      if (isTold) return;
      await sleep(clock, TELL_AGAIN_MS, signal).catch(() => undefined);
    }
  }
}
