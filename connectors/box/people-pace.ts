import { type Clock, sleep } from '../../src/core/clock.ts';
import type { Random } from '../../src/core/random.ts';

// How long people take; the spread makes them differ from each other.
const LOOKS_AT_PHONE_MS = { least: 1_500, most: 5_000 };
const THINKS_MS = { least: 1_500, most: 4_000 };
const TYPES_A_CHARACTER_MS = 55;
const LONGEST_TYPING_MS = 6_000;

/** The pauses of one simulated person. Each rejects when `signal` aborts. */
export class PeoplePace {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #signal: AbortSignal;

  constructor(deps: { readonly clock: Clock; readonly random: Random; readonly signal: AbortSignal }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#signal = deps.signal;
  }

  pause(delayMs: number): Promise<void> {
    return sleep(this.#clock, delayMs, this.#signal);
  }

  lookAtPhone(): Promise<void> {
    return this.pause(this.#between(LOOKS_AT_PHONE_MS));
  }

  think(): Promise<void> {
    return this.pause(this.#between(THINKS_MS));
  }

  type(text: string): Promise<void> {
    return this.pause(Math.min(text.length * TYPES_A_CHARACTER_MS, LONGEST_TYPING_MS));
  }

  #between(range: { readonly least: number; readonly most: number }): number {
    return range.least + this.#random.next() * (range.most - range.least);
  }
}
