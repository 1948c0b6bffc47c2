import { sharedMicros } from './machine.ts';

/** Counts messages that have arrived. */
export class Arrivals {
  #count = 0;
  #waiting: { readonly total: number; readonly resolve: (at: number) => void }[] = [];

  note(): void {
    this.#count += 1;
    const reached = this.#waiting.filter(({ total }) => total <= this.#count);
    if (reached.length === 0) return;
    this.#waiting = this.#waiting.filter(({ total }) => total > this.#count);
    for (const { resolve } of reached) resolve(sharedMicros());
  }

  /** Resolves when so many have come since the beginning; with the shared microseconds of the last. */
  reach(total: number): Promise<number> {
    if (this.#count >= total) return Promise.resolve(sharedMicros());
    return new Promise((resolve) => this.#waiting.push({ total, resolve }));
  }
}
