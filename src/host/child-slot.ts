import type { Clock, Timer } from '../core/clock.ts';
import type { ProcessEnd, ProcessView } from '../engine/ports/processes.ts';
import type { Child } from './forked-child.ts';
import type { Candidate } from './placement.ts';
import type { ProcessPulse } from './process-pulse.ts';

interface SlotDeps {
  readonly channel: string;
  readonly number: number;
  readonly child: Child;
  /** Resolves once the child can open sessions. */
  readonly ready: Promise<void>;
  readonly clock: Clock;
  /** Above it the child takes no new session. */
  readonly maxMemoryBytes: number;
}

/** One child, and the book of the sessions in it. */
export class ChildSlot implements Candidate {
  readonly channel: string;
  readonly number: number;
  readonly child: Child;
  readonly ready: Promise<void>;
  readonly #clock: Clock;
  readonly #maxMemoryBytes: number;
  readonly #startedAt: number;
  readonly #bornAt: number;
  readonly #sessions = new Set<string>();
  readonly #known = new Set<string>();
  #share: number | null = null;
  #pulse: ProcessPulse | undefined;
  #retiring: ProcessEnd | undefined;
  #idle: Timer | undefined;

  constructor(deps: SlotDeps) {
    this.channel = deps.channel;
    this.number = deps.number;
    this.child = deps.child;
    this.ready = deps.ready;
    this.#clock = deps.clock;
    this.#maxMemoryBytes = deps.maxMemoryBytes;
    this.#startedAt = deps.clock.now();
    this.#bornAt = deps.clock.monotonic();
  }

  get load(): number {
    return this.#sessions.size;
  }

  get share(): number | null {
    return this.#sessions.size === 0 ? null : this.#share;
  }

  get isClosed(): boolean {
    return this.#retiring !== undefined || this.rssBytes > this.#maxMemoryBytes;
  }

  get sessionIds(): readonly string[] {
    return [...this.#sessions];
  }

  /** Why its sessions are being moved elsewhere; undefined while they are not. */
  get retiring(): ProcessEnd | undefined {
    return this.#retiring;
  }

  /** As of its last pulse; 0 before. */
  get rssBytes(): number {
    return this.#pulse?.rssBytes ?? 0;
  }

  get ageMs(): number {
    return this.#clock.monotonic() - this.#bornAt;
  }

  knows(sessionId: string): boolean {
    return this.#known.has(sessionId);
  }

  /** `share`: how many sessions may be in here from now on. */
  enter(sessionId: string, share: number): void {
    this.#idle?.cancel();
    this.#sessions.add(sessionId);
    this.#known.add(sessionId);
    this.#share = share;
  }

  /** Its sessions are no longer suspected. */
  clear(share: number): void {
    this.#share = share;
  }

  leave(sessionId: string): void {
    this.#sessions.delete(sessionId);
  }

  /** Calls `onIdle` when nobody has entered for so long. */
  restFor(durationMs: number, onIdle: () => void): void {
    this.#idle?.cancel();
    this.#idle = this.#clock.after(durationMs, onIdle);
  }

  /** It takes no new sessions. */
  retire(end: ProcessEnd): void {
    this.#retiring ??= end;
    this.#idle?.cancel();
  }

  /** It is not emptied after all. */
  keep(): void {
    this.#retiring = undefined;
  }

  note(pulse: ProcessPulse): void {
    this.#pulse = pulse;
  }

  view(): ProcessView {
    const pulse = this.#pulse;
    return {
      channel: this.channel,
      number: this.number,
      pid: this.child.pid ?? null,
      startedAt: this.#startedAt,
      sessions: this.load,
      isRetiring: this.#retiring !== undefined,
      rssBytes: pulse?.rssBytes ?? null,
      heapBytes: pulse?.heapBytes ?? null,
      loopLagMs: pulse?.loopLagMs ?? null,
    };
  }
}
