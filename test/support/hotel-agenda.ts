import { MinHeap } from '../../src/engine/pacing/min-heap.ts';

/** What will happen at a made-up hotel, in the order of time. Times are epoch ms. */
export class HotelAgenda {
  readonly #events = new MinHeap<(at: number) => void>();
  #serial = 0;

  /** `Infinity` when nothing is left. */
  get nextAt(): number {
    return this.#events.peekRank;
  }

  at(at: number, work: (at: number) => void): void {
    this.#serial += 1;
    this.#events.push(work, Math.round(at), this.#serial);
  }

  /** The next thing happens. */
  happen(): void {
    const at = this.nextAt;
    this.#events.pop()?.(at);
  }
}
