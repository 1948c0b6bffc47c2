/** A map that forgets its oldest entries. */
export class BoundedMap<K, V> {
  readonly #limit: number;
  readonly #entries = new Map<K, V>();
  readonly #forget: (key: K) => void;

  constructor(limit: number, forget: (key: K) => void = () => undefined) {
    this.#limit = limit;
    this.#forget = forget;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  set(key: K, value: V): void {
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      this.#forget(oldest);
      return;
    }
  }

  entries(): IterableIterator<[K, V]> {
    return this.#entries.entries();
  }
}
