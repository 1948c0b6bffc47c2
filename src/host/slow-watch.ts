/** A loop that is blocked this long in the time of every pulse gets hardly anything done; ms. Busy ones stay below one second. */
export const ABSURD_LAG_MS = 4_000;
/** So long it must last: loading a library, or a machine that swaps for a moment, is over by then; ms. */
export const SLOW_FOR_MS = 60_000;

/**
 * Of a core. A loop that is blocked by its own work has it busy; one with less is only starved by other programs, or waits for a disk, and
 * in another process it would fare no better: its sessions would come back onto a machine that is full.
 */
export const BUSY_SHARE = 0.5;

/** Finds a child that answers, but whose event loop is blocked again and again. Pure on time. */
export class SlowWatch {
  #since: number | undefined;

  /** Takes one pulse; true when the child is beyond help. */
  isSlow({ loopLagMs, cpuShare }: { loopLagMs: number; cpuShare: number }, now: number): boolean {
    if (loopLagMs < ABSURD_LAG_MS || cpuShare < BUSY_SHARE) this.#since = undefined;
    else this.#since ??= now;
    return this.#since !== undefined && now - this.#since >= SLOW_FOR_MS;
  }
}
