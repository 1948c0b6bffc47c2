/** Gives back what has the smallest rank first; of equal ranks what has the smaller order. */
export class MinHeap<T> {
  readonly #ranks: number[] = [];
  readonly #orders: number[] = [];
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  get peekRank(): number {
    return this.#ranks[0] ?? Infinity;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T, rank: number, order: number): void {
    let place = this.#items.length;
    this.#items.push(item);
    this.#ranks.push(rank);
    this.#orders.push(order);
    while (place > 0) {
      const parent = (place - 1) >>> 1;
      if (!this.#isBefore(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  pop(): T | undefined {
    const first = this.#items[0];
    if (first === undefined) return undefined;
    this.#swap(0, this.#items.length - 1);
    this.#items.pop();
    this.#ranks.pop();
    this.#orders.pop();
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= this.#items.length) return first;
      const right = left + 1;
      const least = right < this.#items.length && this.#isBefore(right, left) ? right : left;
      if (!this.#isBefore(least, place)) return first;
      this.#swap(least, place);
      place = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const difference = (this.#ranks[one] ?? 0) - (this.#ranks[other] ?? 0);
    return difference < 0 || (difference === 0 && (this.#orders[one] ?? 0) < (this.#orders[other] ?? 0));
  }

  #swap(one: number, other: number): void {
    swap(this.#ranks, one, other);
    swap(this.#orders, one, other);
    swap(this.#items, one, other);
  }
}

function swap(list: unknown[], one: number, other: number): void {
  const kept = list[one];
  list[one] = list[other];
  list[other] = kept;
}
