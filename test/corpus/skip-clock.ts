import type { Clock, Timer } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/clock.ts';

interface Waiting {
  readonly at: number;
  readonly work: () => void;
}

/** Real time, of which any piece can be left out: timers that fall due in it run in their order. */
export class SkipClock implements Clock {
  #skippedMs = 0;
  readonly #waiting = new Set<Waiting>();
  #real: Timer | undefined;

  now = (): number => Math.round(systemClock.now() + this.#skippedMs);
  monotonic = (): number => systemClock.monotonic() + this.#skippedMs;

  after = (delayMs: number, work: () => void): Timer => {
    const entry: Waiting = { at: this.monotonic() + Math.max(0, delayMs), work };
    this.#waiting.add(entry);
    this.#arm();
    return { cancel: () => void this.#waiting.delete(entry) };
  };

  /** For people who must agree with libraries about what day it is: timers skip, the wall clock does not. */
  get withRealDates(): Clock {
    return { now: systemClock.now, monotonic: this.monotonic, after: this.after };
  }

  /** What happens between two timers has its turns of the event loop, and no more. */
  async skip(ms: number): Promise<void> {
    const end = this.monotonic() + ms;
    for (let next = this.#next(); next !== undefined && next.at <= end; next = this.#next()) {
      this.#moveTo(next.at);
      this.#run(next);
      await turn();
    }
    this.#moveTo(end);
    this.#arm();
    await turn();
  }

  #moveTo(monotonic: number): void {
    this.#skippedMs += Math.max(0, monotonic - this.monotonic());
  }

  #next(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const entry of this.#waiting) if (first === undefined || entry.at < first.at) first = entry;
    return first;
  }

  #run(entry: Waiting): void {
    if (this.#waiting.delete(entry)) entry.work();
  }

  #arm(): void {
    this.#real?.cancel();
    const next = this.#next();
    if (next === undefined) return;
    this.#real = systemClock.after(next.at - this.monotonic(), () => {
      for (let due = this.#next(); due !== undefined && due.at <= this.monotonic(); due = this.#next()) this.#run(due);
      this.#arm();
    });
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
