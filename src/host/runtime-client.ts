import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { SessionHandle, SessionListener, SessionSpec } from '../engine/ports/connector-host.ts';
import { relayLogLine } from './forwarding-logger.ts';
import type { Link } from './link.ts';
import { eventParams, HOST_METHODS, NOTES, openedSession, RUNTIME_METHODS } from './methods.ts';
import { isConnectorEvent } from './operations.ts';
import { Peer } from './peer.ts';
import type { ProcessPulse } from './process-pulse.ts';
import { processPulse } from './process-pulse.ts';
import { SessionProxy } from './session-proxy.ts';

/** Opening loads a network library and reads the whole vault; on a small, busy machine that takes seconds. */
const OPEN_TIMEOUT_MS = 60_000;

interface ClientDeps {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Logger;
  /** The line is gone; tell why with `lose`. */
  readonly onClosed: () => void;
  /** How the process is, every PULSE_MS while it has a session. */
  readonly onPulse?: (pulse: ProcessPulse) => void;
}

/** The daemon's side of one SessionRuntime: opens sessions there and takes their events and log lines. */
export class RuntimeClient {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #peer: Peer;
  readonly #sessions = new Map<string, SessionProxy>();
  readonly #onPulse: ((pulse: ProcessPulse) => void) | undefined;

  constructor(deps: ClientDeps) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#onPulse = deps.onPulse;
    this.#peer = new Peer({
      link: deps.link,
      handlers: {
        request: (method, params) => this.#serve(method, params),
        note: (method, params) => {
          if (method === NOTES.log) relayLogLine(this.#log, params);
          if (method === NOTES.pulse) this.#takePulse(params);
        },
        closed: deps.onClosed,
      },
    });
  }

  start(): void {
    this.#peer.start();
  }

  /** How many messages have come; see Peer. */
  get heard(): number {
    return this.#peer.heard;
  }

  ping(): void {
    this.#peer.note(NOTES.ping, undefined);
  }

  /** Gives the process what it needs before it can open sessions: the vault key above all. */
  async init(params: unknown, timeoutMs: number): Promise<void> {
    await this.#call(HOST_METHODS.init, params, timeoutMs);
  }

  /** Loads the library of a channel, so that the first session there opens quickly. */
  async load(channel: string): Promise<void> {
    await this.#call(HOST_METHODS.load, { channel }, OPEN_TIMEOUT_MS);
  }

  /** `onGone` is called once the handle is closed or lost, not when opening fails. */
  async open(spec: SessionSpec, listener: SessionListener, onGone?: () => void): Promise<SessionHandle> {
    const { sessionId } = spec;
    if (this.#sessions.has(sessionId)) {
      throw new BellhopError('store_locked', { detail: 'The session is open already.' });
    }
    const proxy = new SessionProxy({
      sessionId,
      peer: this.#peer,
      clock: this.#clock,
      listener,
      onGone: () => {
        this.#sessions.delete(sessionId);
        onGone?.();
      },
    });
    this.#sessions.set(sessionId, proxy); // a session may speak before the answer to `open` has arrived
    try {
      proxy.opened(openedSession.parse(await this.#call(HOST_METHODS.open, spec, OPEN_TIMEOUT_MS)));
      return proxy;
    } catch (error) {
      this.#sessions.delete(sessionId);
      throw error;
    }
  }

  /** Closes every session there. Rejects when it takes longer than `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    await Promise.all([
      this.#call(HOST_METHODS.stop, undefined, limitMs),
      ...[...this.#sessions.values()].map((session) => session.close()),
    ]);
  }

  /** The open sessions, and those that are being opened. */
  get sessionIds(): readonly string[] {
    return [...this.#sessions.keys()];
  }

  /** Asks a session to close here and to open elsewhere. Resolves as `onMove` does; never rejects. */
  async move(sessionId: string): Promise<void> {
    await this.#sessions.get(sessionId)?.move();
  }

  close(): void {
    this.#peer.close();
  }

  /** Tells every session that its process is gone. */
  lose(reason: string): void {
    for (const session of this.#sessions.values()) session.lose(reason);
    this.#sessions.clear();
  }

  async #serve(method: string, params: unknown): Promise<unknown> {
    if (method !== RUNTIME_METHODS.event) throw new BellhopError('internal_error', { detail: 'No such method.' });
    const { sessionId, event } = eventParams.parse(params);
    if (!isConnectorEvent(event)) {
      throw new BellhopError('internal_error', { detail: 'The connector emitted something that is not an event.' });
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new BellhopError('session_down');
    await session.accept(event);
    return undefined;
  }

  #takePulse(params: unknown): void {
    const pulse = processPulse.safeParse(params).data;
    if (pulse === undefined) return;
    this.#onPulse?.(pulse);
    const { loopLagMs } = pulse;
    for (const [sessionId, session] of this.#sessions) {
      const vitals = pulse.vitals[sessionId];
      try {
        session.pulse(vitals === undefined ? { loopLagMs } : { loopLagMs, vitals });
      } catch (error) {
        this.#log.error('a pulse could not be taken', { session: sessionId, error: asError(error) });
      }
    }
  }

  async #call(method: string, params: unknown, timeoutMs: number): Promise<unknown> {
    const call = this.#peer.call(method, params);
    const timer = this.#clock.after(timeoutMs, () => {
      call.cancel();
      call.abandon(new BellhopError('session_down', { detail: 'The process that runs the session does not answer.' }));
    });
    try {
      return await call.answer;
    } finally {
      timer.cancel();
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('not an error');
}
