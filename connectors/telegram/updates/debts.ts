import type { Random } from '../../../src/core/random.ts';
import type { BoxName } from './update-state.ts';

/** Pseudo-box: where do all known supergroups stand? */
export const CHANNELS: BoxName = 'channels';
const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 60_000; // the server's own troubles with a data base last minutes at most

/** The boxes that the network is to be asked for, and when. Pure on time. */
export class Debts {
  readonly #random: Random;
  /** Monotonic time of the next try. */
  readonly #due = new Map<BoxName, number>();
  readonly #failures = new Map<BoxName, number>();
  /** Those that the network itself wants to be left alone about. */
  readonly #flooded = new Set<BoxName>();

  constructor(deps: { random: Random }) {
    this.#random = deps.random;
  }

  get nextDueAt(): number | undefined {
    const first = Math.min(...this.#due.values());
    return first === Infinity ? undefined : first;
  }

  /** At once; one that waits after a failure keeps its time. */
  owe(box: BoxName, now: number): void {
    if (!this.#due.has(box)) this.#due.set(box, now);
  }

  /** The one that was owed first of those that are due. */
  takeDue(now: number): BoxName | undefined {
    for (const [box, at] of this.#due) {
      if (at > now) continue;
      this.#due.delete(box);
      return box;
    }
    return undefined;
  }

  /** Whether it waits because the network said so. */
  isFlooded(box: BoxName): boolean {
    return this.#flooded.has(box);
  }

  paid(box: BoxName): void {
    this.#flooded.delete(box);
    this.#failures.delete(box);
  }

  /** `waitMs` is what the network asks for; without it growing pauses. */
  failed(box: BoxName, now: number, waitMs?: number): void {
    const failures = this.#failures.get(box) ?? 0;
    this.#failures.set(box, failures + 1);
    if (waitMs === undefined) this.#flooded.delete(box);
    else this.#flooded.add(box);
    const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
    this.#due.set(box, now + (waitMs ?? ceiling * (0.5 + this.#random.next() / 2)));
  }

  forgive(box: BoxName): void {
    this.#due.delete(box);
    this.#flooded.delete(box);
    this.#failures.delete(box);
  }
}
