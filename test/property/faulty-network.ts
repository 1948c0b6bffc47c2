import type { Connected, DisconnectCause } from '../../src/connector-api/index.ts';
import { DisconnectError } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { Random } from '../../src/core/random.ts';
import type {
  CallOptions,
  ConnectorHost,
  SessionHandle,
  SessionListener,
  SessionOperation,
  SessionOperations,
  SessionSpec,
} from '../../src/engine/ports/index.ts';
import type { VirtualClock } from '../support/virtual-clock.ts';

const ACCOUNT = { address: '+15550000001' };
const HANDSHAKE_MS = 300;

/** What a network does to whoever connects, for a time. `silent`: it never answers; `slow`: it accepts, after this long. */
export type Weather =
  | { readonly type: 'refuses'; readonly cause: DisconnectCause }
  | { readonly type: 'silent' }
  | { readonly type: 'slow'; readonly ms: number };

interface Spell {
  readonly until: number;
  readonly weather: Weather;
}

/** One account, over all processes that ever run it, and what a strict observer holds against the daemon. */
export class FaultyLine {
  readonly id: string;
  /** Which child process runs it. */
  readonly process: number;
  /** When each attempt to connect began; monotonic ms. */
  readonly attempts: number[] = [];
  /** When the network said `replaced`. */
  readonly replacedAt: number[] = [];
  readonly spells: Spell[] = [];
  /** Nothing may be tried any more. */
  over: DisconnectCause | undefined;
  /** Whether the daemon knows of `over`. */
  isOverTold = false;
  /** Nothing may be tried before. */
  notBefore = 0;
  lastCause: DisconnectCause | undefined;
  isOnline = false;
  listener: SessionListener | undefined;
  die: (() => void) | undefined;

  constructor(id: string, process: number) {
    this.id = id;
    this.process = process;
  }
}

/** A network full of faults behind a ConnectorHost whose processes die: the levers of a bad day. Counts each breach of the rules. */
export class FaultyNetwork implements ConnectorHost {
  readonly lines: readonly FaultyLine[];
  readonly breaches: string[] = [];
  /** Weather for everybody. */
  readonly spells: Spell[] = [];
  readonly #clock: VirtualClock;
  readonly #random: Random;

  constructor(deps: { clock: VirtualClock; random: Random; ids: readonly string[]; processes: number }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.lines = deps.ids.map((id, index) => new FaultyLine(id, index % deps.processes));
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  async open(spec: SessionSpec, listener: SessionListener): Promise<SessionHandle> {
    const line = this.line(spec.sessionId);
    if (line.listener !== undefined) this.breaches.push(`${line.id} is opened twice`);
    line.listener = listener;
    return new FaultyHandle({ line, network: this, clock: this.#clock });
  }

  line(id: string): FaultyLine {
    const line = this.lines.find((each) => each.id === id);
    if (line === undefined) throw new Error('no such line');
    return line;
  }

  /** The connection ends; nothing happens where there is none. */
  async drop(line: FaultyLine, cause: DisconnectCause): Promise<void> {
    if (!line.isOnline) return;
    line.isOnline = false;
    this.tell(line, cause);
    await line.listener?.onEvent({ type: 'disconnected', cause });
  }

  crash(process: number): void {
    for (const line of this.lines) {
      if (line.process !== process || line.listener === undefined) continue;
      const { listener } = line;
      line.isOnline = false;
      line.listener = undefined;
      line.die?.();
      listener.onLost('killed');
    }
  }

  /** What becomes of an attempt that begins now: accepted after some time, or refused. Undefined: no answer. */
  judge(line: FaultyLine): { readonly afterMs: number; readonly cause?: DisconnectCause } | undefined {
    const now = this.#clock.monotonic();
    this.#check(line, now);
    line.attempts.push(now);
    if (line.over !== undefined) return { afterMs: HANDSHAKE_MS, cause: line.over };
    const spell = [...line.spells, ...this.spells].find(({ until }) => until > now);
    const afterMs = Math.round(HANDSHAKE_MS * (0.5 + this.#random.next()));
    switch (spell?.weather.type) {
      case undefined:
        return { afterMs };
      case 'silent':
        return undefined;
      case 'slow':
        return { afterMs: spell.weather.ms };
      case 'refuses':
        return { afterMs, cause: spell.weather.cause };
    }
  }

  /** The daemon learns of it now. */
  tell(line: FaultyLine, cause: DisconnectCause): void {
    const now = this.#clock.monotonic();
    line.lastCause = cause;
    if (cause.kind === 'replaced') line.replacedAt.push(now);
    if (cause === line.over) line.isOverTold = true;
    line.notBefore = Math.max(line.notBefore, now + (cause.retryAfterMs ?? 0));
  }

  #check(line: FaultyLine, now: number): void {
    if (line.isOverTold) this.breaches.push(`${line.id} knocks after ${line.over?.kind}`);
    if (line.isOnline) this.breaches.push(`${line.id} connects twice`);
    if (now < line.notBefore) this.breaches.push(`${line.id} knocks ${line.notBefore - now} ms too early`);
  }
}

class FaultyHandle implements SessionHandle {
  readonly features = new Set<never>();
  readonly linked = true;
  readonly account = ACCOUNT;
  readonly sessionId: string;
  readonly #line: FaultyLine;
  readonly #network: FaultyNetwork;
  readonly #clock: VirtualClock;
  #isDead = false;

  constructor(deps: { line: FaultyLine; network: FaultyNetwork; clock: VirtualClock }) {
    this.#line = deps.line;
    this.#network = deps.network;
    this.#clock = deps.clock;
    this.sessionId = deps.line.id;
  }

  async call<K extends SessionOperation>(
    operation: K,
    _input: SessionOperations[K]['input'],
    options: CallOptions = {},
  ): Promise<SessionOperations[K]['output']> {
    if (this.#isDead) throw new BellhopError('session_down');
    if (operation === 'connect') return this.#connect(options);
    this.#line.isOnline = false;
    return undefined; // nothing else is asked of these lines that has an answer
  }

  async close(): Promise<void> {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#line.isOnline = false;
    this.#line.listener = undefined;
  }

  #connect({ timeoutMs = 0, signal }: CallOptions): Promise<Connected> {
    const line = this.#line;
    const verdict = this.#network.judge(line);
    return new Promise((resolve, reject) => {
      const isInTime = verdict !== undefined && verdict.afterMs < timeoutMs;
      const timer = this.#clock.after(isInTime ? verdict.afterMs : timeoutMs, () => settle());
      const leave = (): void => {
        timer.cancel();
        line.die = undefined;
        signal?.removeEventListener('abort', onAbort);
      };
      const end = (error: Error): void => {
        leave();
        reject(error);
      };
      const onAbort = (): void => end(new BellhopError('session_down'));
      const settle = (): void => {
        if (!isInTime || this.#isDead) return end(new BellhopError('session_down'));
        const { cause } = verdict;
        if (cause !== undefined) {
          this.#network.tell(line, cause);
          return end(new DisconnectError(cause));
        }
        leave();
        line.isOnline = true;
        resolve({ account: ACCOUNT, version: '1.0' });
      };
      line.die = () => {
        this.#isDead = true;
        end(new BellhopError('session_down'));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}
