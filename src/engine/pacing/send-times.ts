/** Times of sends, oldest first, and what sliding windows over them allow. */
export class SendTimes {
  readonly #times: number[] = [];

  get count(): number {
    return this.#times.length;
  }

  /** `-Infinity` while there is none. */
  get last(): number {
    const count = this.#times.length;
    return count === 0 ? -Infinity : (this.#times[count - 1] ?? -Infinity);
  }

  /** Not before the last one. */
  push(at: number): void {
    this.#times.push(Math.max(at, this.last));
  }

  /**
   * From when on one more send leaves at most `limit` in every window of this length, wherever the window begins; `-Infinity` when
   * nothing stands against it, `Infinity` when nothing is allowed at all.
   */
  opensAt(limit: number, windowMs: number): number {
    if (limit <= 0) return Infinity;
    const place = this.#times.length - limit;
    // Looked at first: an array is slow where its index lies outside.
    return place < 0 ? -Infinity : (this.#times[place] ?? -Infinity) + windowMs;
  }

  /** How many lie after `since`. Looks at those only. */
  countAfter(since: number): number {
    let place = this.#times.length;
    while (place > 0 && (this.#times[place - 1] ?? 0) > since) place -= 1;
    return this.#times.length - place;
  }
}
