import type { Client, Element } from '@xmpp/client';
import { SendError } from '../../src/connector-api/index.ts';
import { withDeadline } from '../../src/core/clock.ts';
import { isLoopback } from './config.ts';
import type { LineEnd } from './disconnect.ts';
import { endOfError } from './disconnect.ts';
import type { LineDeps, StreamPosition } from './line-deps.ts';
import { isUnasked } from './map-inbound.ts';
import { notSent, PendingSends } from './pending-sends.ts';
import { PingLoop } from './ping-loop.ts';
import { destroySocket } from './socket.ts';

/** Name look-up, TLS, login and stream management together; a healthy server needs a second. */
const OPEN_TIMEOUT_MS = 20_000;
/** What the library waits for a single answer while it opens or closes the stream. */
const STEP_TIMEOUT_MS = 10_000;
/** The closing handshake; below the five seconds that `disconnect` promises. */
const CLOSE_TIMEOUT_MS = 3_000;
const PING_TIMEOUT_MS = 10_000;
/** A send asks for its acknowledgement at once: each one waits for it. The library's own pause is a quarter of a second. */
const ACK_PAUSE_MS = 1;

const STREAM_MANAGEMENT = 'urn:xmpp:sm:3';

/** One connection of one account, from the first byte to its end. The library never tries again by itself. */
export class Line {
  /** Resolves once, when the connection is gone or given up. Not when it was closed by us. */
  readonly ended: Promise<LineEnd>;
  readonly #deps: LineDeps;
  readonly #client: Client;
  readonly #sends: PendingSends;
  #state: 'opening' | 'open' | 'over' = 'opening';
  #isOnline = false;
  #received = 0;
  readonly #pings: PingLoop;
  #jid: string | undefined;
  #heardAt = 0;
  #pushes = 0;
  #resolveEnd: (end: LineEnd) => void = () => undefined;
  #resolveOpen: (isResumed: boolean) => void = () => undefined;

  constructor(deps: LineDeps) {
    this.#deps = deps;
    this.ended = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
    const [, domain = ''] = deps.account.address.split('@');
    this.#client = deps.library.client({
      service: deps.service ?? domain,
      domain,
      resource: deps.account.resource,
      timeout: STEP_TIMEOUT_MS,
      credentials: async (authenticate, mechanisms, _fast, entity) => {
        const isTrusted = entity.isSecure() || isLoopback(deps.service);
        const [mechanism] = mechanisms; // the strongest comes first
        if (!isTrusted || mechanism === undefined) {
          this.#fail({ type: 'insecure' });
          return;
        }
        const [username = ''] = deps.account.address.split('@');
        await authenticate({ username, password: deps.account.password }, mechanism);
      },
    });
    this.#client.reconnect.stop();
    this.#jid = deps.resume?.jid;
    this.#pings = new PingLoop({
      clock: deps.clock,
      probe: () => this.probe(),
      heardAt: () => this.#heardAt,
      onSilent: () => this.#fail({ type: 'silent' }),
    });
    this.#sends = new PendingSends({ clock: deps.clock, acknowledgements: this.#client.streamManagement });
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** When anything came last; monotonic. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Stanzas that nobody had asked for. */
  get pushes(): number {
    return this.#pushes;
  }

  /** The full address of this very connection. */
  get jid(): string {
    const { address, resource } = this.#deps.account;
    return this.#jid ?? `${address}/${resource}`;
  }

  /** Resolves when the account is online, with whether the old stream goes on; or with the end, if there is no connection. */
  async open(): Promise<{ readonly isResumed: boolean } | LineEnd> {
    const opened = new Promise<boolean>((resolve) => {
      this.#resolveOpen = resolve;
    });
    this.#listen();
    const timer = this.#deps.clock.after(OPEN_TIMEOUT_MS, () => {
      this.#fail(this.#isOnline ? { type: 'no_stream_management' } : { type: 'silent' });
    });
    this.#client.start().catch((error: unknown) => this.#fail(endOfError(error)));
    const outcome = await Promise.race([opened.then((isResumed) => ({ isResumed })), this.ended]);
    timer.cancel();
    if (this.isOpen) this.#pings.start();
    return outcome;
  }

  /** Writes a stanza and resolves when the server has it. Rejects with a SendError. */
  async deliver(stanza: Element, id: string, signal: AbortSignal): Promise<void> {
    if (!this.isOpen || signal.aborted) throw notSent();
    const acknowledged = this.#sends.expect(id, signal);
    this.#client.send(stanza).catch(() => this.#sends.fail(id, 'session_down'));
    await acknowledged;
  }

  /** Writes a stanza that nobody waits for. Rejects with a SendError. */
  async write(stanza: Element): Promise<void> {
    if (!this.isOpen) throw notSent();
    await this.#client.send(stanza).catch(() => {
      throw notSent();
    });
  }

  /** The server refused a stanza. True when a send was waiting for it. */
  refuse(id: string, error: SendError): boolean {
    return this.#sends.refuse(id, error);
  }

  /** Asks the server a question (XEP-0199); the round trip in milliseconds. Rejects with a SendError. */
  async probe(): Promise<number> {
    if (!this.isOpen) throw notSent();
    const { clock, library, account } = this.#deps;
    const begun = clock.monotonic();
    const [, domain = ''] = account.address.split('@');
    try {
      await this.#client.iqCaller.request(library.stanzas.ping(domain), PING_TIMEOUT_MS);
    } catch (cause) {
      throw new SendError('send_timeout', { certainty: 'not_sent', retryable: true, cause });
    }
    return clock.monotonic() - begun;
  }

  /** Ends the stream in good order, which tells the server what was received; true when it did. Idempotent. */
  async close(): Promise<boolean> {
    const wasOpen = this.isOpen;
    this.#over();
    if (!wasOpen) {
      this.destroy();
      this.#resolveEnd({ type: 'lost' });
      return false;
    }
    const stopping = this.#client.stop().then(() => true);
    const isClean = await withDeadline(this.#deps.clock, CLOSE_TIMEOUT_MS, stopping, () => new Error('late')).catch(
      () => false,
    );
    this.destroy();
    return isClean;
  }

  /** Lets the socket go without a word, as a broken line does. */
  destroy(): void {
    this.#over();
    destroySocket(this.#client.socket);
  }

  #listen(): void {
    const client = this.#client;
    const { streamManagement } = client;
    const { resume } = this.#deps;
    // The library would take the account to any host that it is sent to, and let an address that is none end the process.
    client._onSeeOtherHost = async (error) => this.#fail(endOfError(error));
    streamManagement.requestAckDebounce = ACK_PAUSE_MS;
    if (resume !== undefined) {
      streamManagement.id = resume.id;
      streamManagement.inbound = resume.received;
    }
    client.on('error', (error: unknown) => this.#fail(endOfError(error)));
    client.on('disconnect', () => this.#fail({ type: 'lost' }));
    client.on('online', () => {
      this.#isOnline = true;
    });
    client.on('element', (element: Element) => {
      this.#heardAt = this.#deps.clock.monotonic();
      // The library would look for what an earlier process sent in its own empty queue.
      if (element.is('resumed', STREAM_MANAGEMENT)) streamManagement.outbound = Number(element.attrs['h']);
    });
    client.on('nonza', (element: Element) => this.#onNonza(element));
    client.on('stanza', (stanza: Element) => this.#onStanza(stanza));
  }

  #onNonza(element: Element): void {
    if (element.is('resumed', STREAM_MANAGEMENT)) {
      this.#received = this.#deps.resume?.received ?? 0;
      this.#onOpen(true);
    } else if (element.is('enabled', STREAM_MANAGEMENT)) {
      this.#received = 0;
      this.#onOpen(false, element.attrs['id']);
    } else if (element.is('failed', STREAM_MANAGEMENT) && this.#isOnline) {
      this.#fail({ type: 'no_stream_management' });
    }
  }

  #onOpen(isResumed: boolean, id?: string): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    // The library takes note of the stream in its own turn, which comes first.
    setImmediate(() => this.#resolveOpen(isResumed));
    if (id === undefined) return;
    this.#jid = this.#client.jid?.toString();
    this.#store(() => this.#deps.onStream(this.#position(id, 0)));
  }

  /** The library does not count the answers to its own questions, and the server does: so the count is kept here. */
  #onStanza(stanza: Element): void {
    if (this.#state !== 'open') return;
    this.#received += 1;
    const { streamManagement } = this.#client;
    if (isUnasked(stanza, this.#deps.account.address)) this.#pushes += 1;
    this.#store(() => this.#deps.onStanza(stanza, this.#position(streamManagement.id, this.#received)));
    streamManagement.inbound = this.#received;
  }

  #position(id: string, received: number): StreamPosition {
    return { id, received, ...(this.#jid === undefined ? {} : { jid: this.#jid }) };
  }

  /** What cannot be kept must not be acknowledged: the line goes before the count does. */
  #store(work: () => void): void {
    try {
      work();
    } catch {
      this.#fail({ type: 'store_failed' });
    }
  }

  #fail(end: LineEnd): void {
    if (this.#state === 'over') return;
    this.destroy();
    this.#resolveEnd(end);
  }

  #over(): void {
    this.#state = 'over';
    this.#pings.stop();
    this.#sends.end();
  }
}
