/** Times of things of one kind, oldest first. */
export class Times {
  #times: number[] = [];

  push(at: number): void {
    this.#times.push(at);
  }

  /** How many lie after `since`, up to `until`. */
  count(since: number, until = Infinity): number {
    return this.#firstAfter(until) - this.#firstAfter(since);
  }

  forgetUntil(at: number): void {
    this.#times = this.#times.slice(this.#firstAfter(at));
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
