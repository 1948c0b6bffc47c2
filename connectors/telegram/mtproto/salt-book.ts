import type { Clock } from '../../../src/core/clock.ts';

/** A salt and between when it is the one to use; seconds of the server's epoch. */
export interface FutureSalt {
  readonly salt: bigint;
  readonly validSince: number;
  readonly validUntil: number;
}

const MS_PER_SECOND = 1000;
/** With fewer to come the next ones are asked for: hours before the last of them is over. */
const FEWEST_AHEAD = 2;
/** As many as the server gives at once. */
export const SALTS_PER_QUESTION = 64;

/**
 * The salts of one connection. Each is good for an hour, and for half an hour more; who has not learnt the next one by then has a message
 * refused (core.telegram.org/mtproto/service_messages). Pure on time.
 */
export class SaltBook {
  readonly #clock: Clock;
  #current = 0n;
  #ahead: FutureSalt[] = [];
  /** Server time minus monotonic time, seconds. */
  #offset = 0;
  isAsking = false;

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock;
  }

  /** The one to send with; 0 before the server has named any. */
  get current(): bigint {
    const now = this.#clock.monotonic() / MS_PER_SECOND + this.#offset;
    for (let next = this.#ahead[0]; next !== undefined && next.validSince <= now; next = this.#ahead[0]) {
      this.#current = next.salt;
      this.#ahead.shift();
    }
    return this.#current;
  }

  /** The server itself has named the present one. */
  name(salt: bigint): void {
    const index = this.#ahead.findIndex((each) => each.salt === salt);
    if (index >= 0) this.#ahead = this.#ahead.slice(index + 1);
    else if (salt !== this.#current) this.#ahead = []; // nothing is as it was thought to be
    this.#current = salt;
  }

  get isShort(): boolean {
    return this.current !== 0n && !this.isAsking && this.#ahead.length < FEWEST_AHEAD;
  }

  /** What the server answered; `now` is its time, seconds of its epoch. */
  learn(now: number, salts: readonly FutureSalt[]): void {
    this.isAsking = false;
    this.#offset = now - this.#clock.monotonic() / MS_PER_SECOND;
    this.#ahead = salts.filter(({ validUntil }) => validUntil > now).sort((a, b) => a.validSince - b.validSince);
  }
}
