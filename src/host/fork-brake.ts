/** So many processes that crash within BRAKE_WINDOW_MS, and no further one is started in their place for the time being. */
export const MOST_CRASHES = 5;
export const BRAKE_WINDOW_MS = 60_000;

/**
 * Keeps processes that crash again and again from being started in a busy loop: each start costs half a second of a core. `key` parts
 * what must not hold up each other: a channel, or one session that is kept alone. Pure on time.
 */
export class ForkBrake {
  readonly #crashes = new Map<string, number[]>();

  crashed(key: string, now: number): void {
    this.#crashes.set(key, [...this.#recent(key, now), now]);
  }

  /** Whether another process may be started. */
  isFree(key: string, now: number): boolean {
    return this.#recent(key, now).length < MOST_CRASHES;
  }

  #recent(key: string, now: number): readonly number[] {
    const recent = (this.#crashes.get(key) ?? []).filter((at) => now - at < BRAKE_WINDOW_MS);
    if (recent.length === 0) this.#crashes.delete(key);
    return recent;
  }
}
