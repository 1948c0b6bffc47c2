import type { Clock } from '../../../src/core/clock.ts';

const NANOSECONDS_PER_MS = 1_000_000n;
const BITS_OF_FRACTION = 32n;
/** A server takes no id that is further ahead of its time than this. */
const FURTHEST_AHEAD = 30n << BITS_OF_FRACTION;
/** Far more than one connection has on the way at once. */
const REMEMBERED_IDS = 64;

/** Ids and sequence numbers of the messages of one session: ids say the server's time, rise, and are divisible by four. */
export class MessageIds {
  readonly #clock: Clock;
  /** Server time minus ours, ms. */
  #offsetMs: number;
  #recent: bigint[] = [];
  #last = 0n;
  #content = 0;

  constructor(options: { readonly clock: Clock; readonly offsetMs?: number }) {
    this.#clock = options.clock;
    this.#offsetMs = options.offsetMs ?? 0;
  }

  next(): bigint {
    const nowMs = Math.floor(this.#clock.now() + this.#offsetMs);
    const seconds = BigInt(Math.floor(nowMs / 1000));
    const nanoseconds = BigInt(nowMs % 1000) * NANOSECONDS_PER_MS;
    const id = (seconds << BITS_OF_FRACTION) | (nanoseconds << 2n);
    this.#last = id > this.#last ? id : this.#last + 4n;
    this.#recent.push(this.#last);
    if (this.#recent.length > REMEMBERED_IDS) this.#recent.shift();
    return this.#last;
  }

  /** Odd for a message that the other side must acknowledge. */
  sequence(isContent: boolean): number {
    const number = this.#content * 2 + (isContent ? 1 : 0);
    if (isContent) this.#content += 1;
    return number;
  }

  /** The server refused an id for its time; `serverId` is the id of a message of the server, so it tells what time it is there. */
  setTime(serverId: bigint): void {
    this.#offsetMs = Number((serverId * 1000n) >> BITS_OF_FRACTION) - this.#clock.now();
    // What was not too far ahead was taken, and no later id may be lower.
    const taken = this.#recent.filter((id) => id <= serverId + FURTHEST_AHEAD);
    this.#last = taken.reduce((highest, id) => (id > highest ? id : highest), 0n);
  }

  /** The server has counted more messages than we have. */
  skip(count: number): void {
    this.#content += count;
  }
}
