import type { Clock } from '../../../../src/core/clock.ts';

const ANSWER_BITS = 1n;
const PUSH_BITS = 3n;
const STEP = 4n;

/** The ids of what the server says: its time, strictly rising; the low bits tell answers from what it says unasked. */
export class ServerMessageIds {
  readonly #clock: Clock;
  #last = 0n;

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  next(isAnswer: boolean): bigint {
    const now = this.#clock.now();
    const seconds = BigInt(Math.floor(now / 1000));
    const fraction = BigInt(Math.floor(((now % 1000) / 1000) * 2 ** 30)) * STEP;
    const wanted = (seconds << 32n) | fraction;
    this.#last = wanted > this.#last ? wanted : this.#last + STEP;
    return this.#last | (isAnswer ? ANSWER_BITS : PUSH_BITS);
  }
}
