import { NATURAL_REST_MS, restTime, runLength } from './human-times.ts';
import { drawLogNormal, draws } from './keyed-draws.ts';

/** When the person at the desk rests. Follows from the sends alone, so it can be read out of the log again. */
export class RestBook {
  #run = 0;
  #runEnds = 0;
  #lastAt = -Infinity;
  #restUntil = -Infinity;

  /** Nothing goes out by itself before; answers do. */
  get restUntil(): number {
    return this.#restUntil;
  }

  /** A message went out. `key` is its `drawKey`. */
  record(at: number, key: number): void {
    if (at < this.#restUntil) return; // an answer in the middle of a rest; the rest goes on after it
    const hasRested = at - Math.max(this.#lastAt, this.#restUntil) >= NATURAL_REST_MS;
    if (this.#run === 0 || hasRested) {
      this.#run = 0;
      this.#runEnds = runLength(key);
    }
    this.#run += 1;
    this.#lastAt = at;
    if (this.#run < this.#runEnds) return;
    this.#run = 0;
    this.#restUntil = at + Math.round(drawLogNormal(key, draws.rest, restTime));
  }
}
