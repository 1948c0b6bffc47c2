/** Times of sends, oldest first, and what sliding windows over them allow. */
export class SendTimes {
  readonly #times: number[] = [];

  get last(): number | null {
    return this.#times.at(-1) ?? null;
  }

  /** Not before the last one. */
  push(at: number): void {
    this.#times.push(Math.max(at, this.#times.at(-1) ?? at));
  }

  /**
   * From when on one more send leaves at most `limit` in every window of this length, wherever the window begins; `-Infinity` when
   * nothing stands against it, `Infinity` when nothing is allowed at all.
   */
  opensAt(limit: number, windowMs: number): number {
    if (limit <= 0) return Infinity;
    const counted = this.#times[this.#times.length - limit];
    return counted === undefined ? -Infinity : counted + windowMs;
  }

  /** How many lie after `since`, up to `until`. */
  countBetween(since: number, until = Infinity): number {
    return this.#firstAfter(until) - this.#firstAfter(since);
  }

  #firstAfter(at: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] ?? Infinity) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
