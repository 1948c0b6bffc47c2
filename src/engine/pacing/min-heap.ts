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
      if (this.#isBefore(parent, rank, order)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, item, rank, order);
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const item = this.#items.pop();
    const rank = this.#ranks.pop() ?? 0;
    const order = this.#orders.pop() ?? 0;
    const size = this.#items.length;
    if (item === undefined || size === 0) return first;
    // The last one sinks from the top. Those before it move up: no swaps, which would write everything twice.
    let place = 0;
    for (let least = 1; least < size; least = 2 * place + 1) {
      const right = least + 1;
      if (right < size && this.#isBefore(right, this.#ranks[least] ?? 0, this.#orders[least] ?? 0)) least = right;
      if (!this.#isBefore(least, rank, order)) break;
      this.#move(least, place);
      place = least;
    }
    this.#put(place, item, rank, order);
    return first;
  }

  #isBefore(place: number, rank: number, order: number): boolean {
    const known = this.#ranks[place] ?? 0;
    return known < rank || (known === rank && (this.#orders[place] ?? 0) < order);
  }

  #move(from: number, to: number): void {
    const item = this.#items[from];
    if (item !== undefined) this.#put(to, item, this.#ranks[from] ?? 0, this.#orders[from] ?? 0);
  }

  #put(place: number, item: T, rank: number, order: number): void {
    this.#items[place] = item;
    this.#ranks[place] = rank;
    this.#orders[place] = order;
  }
}
