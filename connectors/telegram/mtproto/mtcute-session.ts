import type { SessionConnectionParams } from '@mtcute/node';
import { MtSecurityError, MtTimeoutError, MtTypeAssertionError, SessionConnection, TransportError } from '@mtcute/node';
import type { Logger as LibraryLogger } from '@mtcute/node/utils.js';
import type { ClientEnd } from './client.ts';

/**
 * The library begins a new session on a new socket for each of these. Most need none: the server refused the message and takes it
 * again under another id. More of them in a row than this is no clock that was set right, but a server that we do not understand.
 */
const MOST_REPAIRS = 3;
const REPAIRED: ReadonlySet<string> = new Set(['msg_id too high', 'bad_msg_notification']);
/** Messages of the server after which an acknowledgement waits for nothing else; the library would let a hundred come together. */
const MOST_UNACKNOWLEDGED = 16;
const SILENCES: ReadonlySet<string> = new Set(['ping timeout', 'read timeout']);

/** The library's connection, which never opens a second socket: whatever it would reconnect for ends it. */
export class MtcuteSession extends SessionConnection {
  readonly #onEnd: (end: ClientEnd) => void;
  readonly #onReady: () => void;
  #repairs = 0;
  #isRepairing = false;
  #isOver = false;

  constructor(
    params: SessionConnectionParams,
    log: LibraryLogger,
    hooks: { readonly onReady: () => void; readonly onEnd: (end: ClientEnd) => void },
  ) {
    super(params, log);
    this.#onReady = hooks.onReady;
    this.#onEnd = hooks.onEnd;
  }

  protected override onConnectionUsable(): void {
    super.onConnectionUsable();
    this.#onReady();
  }

  protected override handleError(error: Error): void {
    this.giveUp(endOfError(error));
  }

  protected override onMessage(data: Uint8Array): void {
    super.onMessage(data);
    if (this._session.queuedAcks.length >= MOST_UNACKNOWLEDGED) this.#flush();
  }

  /** Has the library ping at once, unless a ping is on its way: its time for the next one has come. */
  pingNow(): void {
    const session = this._session;
    if (session.lastPingMsgId.isZero()) session.lastPingTime = Number.NEGATIVE_INFINITY;
    this.#flush();
  }

  /** Sends what waits: the library's own, which it keeps to itself. */
  #flush(): void {
    const flush: unknown = Reflect.get(this, '_flush');
    if (typeof flush === 'function') Reflect.apply(flush, this, []);
  }

  /** The connection is of no use any more, for a reason of ours. */
  giveUp(end: ClientEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd(end);
  }

  override onClosed(): void {
    super.onClosed();
    // Why the socket closed is told right after that it did.
    setImmediate(() => this.giveUp({ type: 'lost' }));
  }

  override _resetSession(reason = ''): void {
    if (!REPAIRED.has(reason) || this.#repairs >= MOST_REPAIRS) {
      this.giveUp(endOfReset(reason));
      return;
    }
    this.#repairs += 1;
    this.#isRepairing = true;
    super._resetSession(reason);
    this.#isRepairing = false;
    this.onConnected();
  }

  override reconnect(): void {
    if (!this.#isRepairing) this.giveUp({ type: 'lost' });
  }
}

function endOfReset(reason: string): ClientEnd {
  if (SILENCES.has(reason)) return { type: 'silent' };
  return { type: 'protocol', detail: reason === '' ? 'the session was reset' : reason };
}

function endOfError(error: Error): ClientEnd {
  if (error instanceof TransportError) return { type: 'transport', code: -error.code };
  if (error instanceof MtTimeoutError) return { type: 'silent' };
  if (error instanceof MtSecurityError || error instanceof MtTypeAssertionError)
    return { type: 'protocol', detail: 'the key exchange failed' };
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? { type: 'lost', systemCode: code } : { type: 'lost' };
}
