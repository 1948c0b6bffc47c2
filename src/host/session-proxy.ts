import type { Account, ConnectorEvent } from '../connector-api/index.ts';
import { SendError } from '../connector-api/index.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type {
  CallOptions,
  SessionFeature,
  SessionHandle,
  SessionListener,
  SessionOperation,
  SessionOperations,
  SessionPulse,
} from '../engine/ports/connector-host.ts';
import type { OpenedSession } from './methods.ts';
import { callAnswer, HOST_METHODS } from './methods.ts';
import { featureOf, isOutput } from './operations.ts';
import type { OutgoingCall, Peer } from './peer.ts';

/** After a cancelled `send` the connector is heard out this long: it may still know whether the message went. */
const CANCEL_GRACE_MS = 2_000;
/** Closing takes the runtime at most three steps of 6 s; a process that does not answer by then is hung. */
const CLOSE_TIMEOUT_MS = 20_000;

interface ProxyDeps {
  readonly sessionId: string;
  readonly peer: Peer;
  readonly clock: Clock;
  readonly listener: SessionListener;
  /** The handle is closed or dead: forget it. */
  readonly onGone: () => void;
}

/** One open session on the daemon's side. */
export class SessionProxy implements SessionHandle {
  readonly sessionId: string;
  readonly #deps: ProxyDeps;
  #opened: OpenedSession = { features: [], linked: false };
  #features: ReadonlySet<SessionFeature> = new Set();
  #state: 'open' | 'closed' | 'lost' = 'open';
  #closing: Promise<void> | undefined;
  #lastEvent: Promise<void> = Promise.resolve();

  constructor(deps: ProxyDeps) {
    this.sessionId = deps.sessionId;
    this.#deps = deps;
  }

  get features(): ReadonlySet<SessionFeature> {
    return this.#features;
  }

  get linked(): boolean {
    return this.#opened.linked;
  }

  get account(): Account | undefined {
    return this.#opened.account;
  }

  /** Told when the session is open, and again when an operation may have changed what it is. */
  opened(facts: OpenedSession): void {
    this.#opened = facts;
    this.#features = new Set(facts.features);
  }

  async call<K extends SessionOperation>(
    operation: K,
    input: SessionOperations[K]['input'],
    options: CallOptions = {},
  ): Promise<SessionOperations[K]['output']> {
    const feature = featureOf[operation];
    if (feature !== undefined && !this.#features.has(feature)) throw new BellhopError('capability_missing');
    if (this.#state !== 'open' || options.signal?.aborted === true) throw down(operation, 'not_sent');
    const value = await this.#ask(operation, input, options);
    const guard = isOutput[operation];
    if (!guard(value)) {
      throw new BellhopError('internal_error', { detail: `The connector answered ${operation} with something else.` });
    }
    return value;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Hands an event to the daemon, one at a time. Resolves once it is durable. */
  accept(event: ConnectorEvent): Promise<void> {
    const handled = this.#lastEvent.then(() => {
      if (this.#state !== 'open') throw down('connect', 'not_sent');
      return this.#deps.listener.onEvent(event);
    });
    this.#lastEvent = handled.catch(() => undefined);
    return handled;
  }

  /** How the process and the session are. */
  pulse(pulse: SessionPulse): void {
    if (this.#state === 'open' && this.#closing === undefined) this.#deps.listener.onPulse?.(pulse);
  }

  /** The process is to end; see `onMove`. */
  async move(): Promise<void> {
    if (this.#state === 'open' && this.#closing === undefined) await this.#deps.listener.onMove?.();
  }

  /** The process is gone. */
  lose(reason: string): void {
    if (this.#state !== 'open') return;
    this.#state = 'lost';
    this.#deps.onGone();
    if (this.#closing === undefined) this.#deps.listener.onLost(reason);
  }

  async #ask(operation: SessionOperation, input: unknown, options: CallOptions): Promise<unknown> {
    const { clock, peer } = this.#deps;
    const call = peer.call(HOST_METHODS.call, { sessionId: this.sessionId, operation, input });
    let grace: Timer | undefined;
    const cancel = (): void => {
      call.cancel();
      const giveUp = (): void => call.abandon(down(operation, 'maybe_sent'));
      if (operation === 'send') grace = clock.after(CANCEL_GRACE_MS, giveUp);
      else giveUp();
    };
    const deadline = options.timeoutMs === undefined ? undefined : clock.after(options.timeoutMs, cancel);
    options.signal?.addEventListener('abort', cancel, { once: true });
    try {
      const { value, session } = callAnswer.parse(await call.answer);
      if (session !== undefined) this.opened(session);
      return value;
    } catch (error) {
      throw operation === 'send' ? asSendError(error) : error;
    } finally {
      options.signal?.removeEventListener('abort', cancel);
      deadline?.cancel();
      grace?.cancel();
    }
  }

  async #close(): Promise<void> {
    if (this.#state === 'lost') return;
    const { clock, peer } = this.#deps;
    const call: OutgoingCall = peer.call(HOST_METHODS.close, { sessionId: this.sessionId });
    const deadline = clock.after(CLOSE_TIMEOUT_MS, () => call.abandon(down('disconnect', 'maybe_sent')));
    try {
      await call.answer;
    } catch (error) {
      // The process died meanwhile: then the session is closed as well.
      if (!(error instanceof BellhopError && error.code === 'session_down')) throw error;
    } finally {
      deadline.cancel();
      if (this.#state === 'open') this.#deps.onGone();
      this.#state = 'closed';
    }
  }
}

function down(operation: SessionOperation, certainty: 'not_sent' | 'maybe_sent'): Error {
  if (operation === 'send') return new SendError('session_down', { certainty, retryable: true });
  return new BellhopError('session_down', { detail: 'The session is not open, or did not answer in time.' });
}

// Whoever sends always learns whether the message may have gone: a dead process may have sent it, refused data cannot have.
function asSendError(error: unknown): SendError {
  if (error instanceof SendError) return error;
  const isDown = error instanceof BellhopError && error.code === 'session_down';
  return isDown
    ? new SendError('session_down', { certainty: 'maybe_sent', retryable: true, cause: error })
    : new SendError('internal_error', { certainty: 'not_sent', retryable: false, cause: error });
}
