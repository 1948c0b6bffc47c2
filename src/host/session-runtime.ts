import type { Connector, ConnectorEvent, MediaPort, SessionVitals } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { SessionOperation, SessionSpec } from '../engine/ports/connector-host.ts';
import type { CallAnswer, OpenedSession } from './methods.ts';
import { callParams, closeParams, HOST_METHODS, loadParams, openParams } from './methods.ts';
import { isOperation } from './operations.ts';
import type { ProcessGauge } from './process-gauge.ts';
import { plainGauge } from './process-gauge.ts';
import type { ProcessPulse } from './process-pulse.ts';
import { PulseBeat } from './pulse-beat.ts';
import type { ClosableVault } from './runtime-session.ts';
import { RuntimeSession } from './runtime-session.ts';

/** Operations after which a session may be able to do other things than before. */
const CHANGING: ReadonlySet<SessionOperation> = new Set(['connect', 'nextLoginStep', 'logout']);

/** What sessions are made of. */
export interface RuntimeParts {
  /** Rejects with `unknown_channel` or `connector_missing`. */
  loadConnector(channel: string): Promise<Connector<unknown>>;
  /** Throws `vault_key_wrong`, `vault_corrupt`, `store_locked` and their like. */
  openVault(sessionId: string): ClosableVault;
  readonly media: MediaPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Absent: only a beat that comes late tells of a blocked loop. */
  readonly gauge?: ProcessGauge;
}

interface RuntimeDeps {
  readonly parts: RuntimeParts;
  /** Takes an event to the daemon; resolves once it is durable there. */
  readonly deliver: (sessionId: string, event: ConnectorEvent) => Promise<void>;
  /** Every PULSE_MS while there is a session. */
  readonly onPulse: (pulse: ProcessPulse) => void;
}

/** All sessions of one process, on the connectors' side. Answers the daemon's calls; the same in a child and inline. */
export class SessionRuntime {
  readonly #parts: RuntimeParts;
  readonly #deliver: (sessionId: string, event: ConnectorEvent) => Promise<void>;
  readonly #sessions = new Map<string, RuntimeSession>();
  readonly #beat: PulseBeat;
  #stopping = false;

  constructor(deps: RuntimeDeps) {
    this.#parts = deps.parts;
    this.#deliver = deps.deliver;
    this.#beat = new PulseBeat({
      clock: deps.parts.clock,
      gauge: deps.parts.gauge ?? plainGauge,
      vitals: () => this.#vitals(),
      tell: deps.onPulse,
    });
  }

  async serve(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    switch (method) {
      case HOST_METHODS.load:
        await this.#parts.loadConnector(loadParams.parse(params).channel);
        return undefined;
      case HOST_METHODS.open:
        return this.#open(openParams.parse(params), signal);
      case HOST_METHODS.call: {
        const { sessionId, operation, input } = callParams.parse(params);
        if (!isOperation(operation)) throw new BellhopError('internal_error', { detail: 'No such operation.' });
        return this.#call(this.#find(sessionId), operation, input, signal);
      }
      case HOST_METHODS.close:
        return this.#close(closeParams.parse(params).sessionId);
      case HOST_METHODS.stop:
        return this.stop();
      default:
        throw new BellhopError('internal_error', { detail: 'No such method.' });
    }
  }

  /** Closes every session. Idempotent. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#sessions.keys()].map((sessionId) => this.#close(sessionId)));
  }

  /** What a kill does; see RuntimeSession.abandon. */
  abandon(): void {
    this.#stopping = true;
    this.#beat.stop();
    for (const session of this.#sessions.values()) session.abandon();
    this.#sessions.clear();
  }

  async #open(spec: SessionSpec, signal: AbortSignal): Promise<OpenedSession> {
    const { sessionId } = spec;
    const connector = await this.#parts.loadConnector(spec.channel);
    if (this.#stopping) throw new BellhopError('shutting_down');
    signal.throwIfAborted(); // nobody would ever close it, and its vault would stay locked
    const vault = this.#parts.openVault(sessionId);
    try {
      const session = new RuntimeSession({
        ...this.#parts,
        spec,
        connector,
        vault,
        log: this.#parts.log.child({ session: sessionId, channel: spec.channel }),
        deliver: (event) => this.#deliver(sessionId, event),
      });
      const opened = session.describe();
      this.#sessions.set(sessionId, session);
      this.#beat.start();
      return opened;
    } catch (error) {
      vault.close();
      throw error;
    }
  }

  async #call(
    session: RuntimeSession,
    operation: SessionOperation,
    input: unknown,
    signal: AbortSignal,
  ): Promise<CallAnswer> {
    const value = await session.run(operation, input, signal);
    return CHANGING.has(operation) ? { value, session: session.describe() } : { value };
  }

  async #close(sessionId: string): Promise<void> {
    await this.#sessions.get(sessionId)?.close();
    this.#sessions.delete(sessionId);
    if (this.#sessions.size === 0) this.#beat.stop();
  }

  #vitals(): Record<string, SessionVitals> {
    const all: Record<string, SessionVitals> = {};
    for (const [sessionId, session] of this.#sessions) {
      const vitals = session.vitals();
      if (vitals !== undefined) all[sessionId] = vitals;
    }
    return all;
  }

  #find(sessionId: string): RuntimeSession {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) throw new BellhopError('session_down', { detail: 'The session is not open.' });
    return session;
  }
}
