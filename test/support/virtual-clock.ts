import type { Clock, Timer } from '../../src/core/clock.ts';

interface Waiting {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
}

/** A clock that stands still until a test moves it. Timers run in the order in which they fall due. */
export class VirtualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(startMs = Date.UTC(2026, 2, 4, 15, 0, 0)) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  after(delayMs: number, work: () => void): Timer {
    this.#order += 1;
    const entry: Waiting = { at: this.#monotonic + Math.max(0, delayMs), order: this.#order, work };
    this.#waiting.add(entry);
    return { cancel: () => this.#waiting.delete(entry) };
  }

  /** Number of timers that have not run. */
  get pendingTimers(): number {
    return this.#waiting.size;
  }

  /** Lets `ms` pass, with every timer that falls due, also those set on the way; promises get their turns in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await settle();
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#waiting.delete(next);
      this.#moveTo(next.at);
      next.work();
      await settle();
    }
    this.#moveTo(end);
    await settle();
  }

  /** The wall clock jumps; monotonic time and timers do not notice. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #next(end: number): Waiting | undefined {
    let found: Waiting | undefined;
    for (const entry of this.#waiting) {
      if (entry.at > end) continue;
      if (found === undefined || entry.at < found.at || (entry.at === found.at && entry.order < found.order))
        found = entry;
    }
    return found;
  }
}

/** Lets everything that is already on its way run: a few rounds of the event loop. */
export async function settle(rounds = 5): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}
