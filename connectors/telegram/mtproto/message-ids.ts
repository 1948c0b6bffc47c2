import type { Clock } from '../../../src/core/clock.ts';

const NANOSECONDS_PER_MS = 1_000_000n;

/** Ids and sequence numbers of the messages of one session: ids say the server's time, rise, and are divisible by four. */
export class MessageIds {
  readonly #clock: Clock;
  /** Server time minus ours, ms. */
  #offsetMs = 0;
  #last = 0n;
  /** The highest that the server has taken; no later one may be lower. */
  #taken = 0n;
  #content = 0;

  constructor(options: { readonly clock: Clock; readonly offsetMs?: number }) {
    this.#clock = options.clock;
    this.#offsetMs = options.offsetMs ?? 0;
  }

  next(): bigint {
    const nowMs = Math.floor(this.#clock.now() + this.#offsetMs);
    const seconds = BigInt(Math.floor(nowMs / 1000));
    const nanoseconds = BigInt(nowMs % 1000) * NANOSECONDS_PER_MS;
    const id = (seconds << 32n) | (nanoseconds << 2n);
    this.#last = id > this.#last ? id : this.#last + 4n;
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
    this.#offsetMs = Number(serverId >> 32n) * 1000 - this.#clock.now();
    this.#last = this.#taken;
  }

  /** The server has answered this message, so it has taken its id. */
  took(id: bigint): void {
    if (id > this.#taken) this.#taken = id;
  }

  /** The server has counted more messages than we have. */
  skip(count: number): void {
    this.#content += count;
  }
}
