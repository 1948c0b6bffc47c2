import type { Clock } from '../core/clock.ts';
import { sleep } from '../core/clock.ts';

/** Handshakes under way at once: each costs some hundred milliseconds of CPU, and the API must stay quick meanwhile. */
const CONNECTING_AT_ONCE = 4;
/** Pause between two beginnings, so that a hundred sessions do not knock at a network in the same moment; ms. */
const START_SPACING_MS = 200;

/** What `run` resolves with when there was nothing to do any more. */
export const notDue = Symbol('not due');

/** Spreads the connecting of many sessions. Used by every session runner for each attempt. */
export class StartGate {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #spacingMs: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #nextAt = 0;

  constructor(deps: { clock: Clock; limit?: number; spacingMs?: number }) {
    this.#clock = deps.clock;
    this.#limit = deps.limit ?? CONNECTING_AT_ONCE;
    this.#spacingMs = deps.spacingMs ?? START_SPACING_MS;
  }

  /**
   * Resolves or rejects as `work` does; rejects with the signal's reason when it aborts before the turn has come. `isDue` is asked
   * when a place is free: one that says no takes neither place nor pause from the others, and resolves with `notDue`.
   */
  async run<T>(
    work: () => Promise<T>,
    signal: AbortSignal,
    isDue: () => boolean = () => true,
  ): Promise<T | typeof notDue> {
    await this.#enter();
    try {
      if (!isDue()) return notDue;
      await this.#space(signal);
      return isDue() ? await work() : notDue;
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < this.#limit) {
      this.#running += 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }

  async #space(signal: AbortSignal): Promise<void> {
    const now = this.#clock.monotonic();
    const at = Math.max(now, this.#nextAt);
    this.#nextAt = at + this.#spacingMs;
    if (at > now) await sleep(this.#clock, at - now, signal);
    else signal.throwIfAborted();
  }
}
