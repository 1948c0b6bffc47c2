import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** What an id names; the prefix is part of the public contract. */
export type IdPrefix = 'msg' | 'cnv' | 'gst' | 'evt' | 'whk' | 'dlv' | 'med' | 'key' | 'att' | 'alr';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford base32, lower case: sorts as the bytes sort
const TIME_DIGITS = 10; // 48 bits of milliseconds
const RANDOM_DIGITS = 16; // 80 bits

/** Makes `msg_…` ids: a prefix and a UUIDv7-style value, sortable by time and unique within a millisecond. */
export class IdFactory {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #tail = new Uint8Array(RANDOM_DIGITS);
  #lastMs = -1;
  /** The text of the time and of the digits that seldom change. */
  #head = '';

  constructor(deps: { clock: Clock; random: Random }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** Never returns a smaller id than before, also when the wall clock steps back. */
  next(prefix: IdPrefix): string {
    const now = this.#clock.now();
    if (now > this.#lastMs) {
      this.#lastMs = now;
      for (const [index, byte] of this.#random.bytes(RANDOM_DIGITS).entries()) this.#tail[index] = byte & 31;
      this.#head = this.#encodeHead();
    } else {
      this.#increment();
    }
    return `${prefix}_${this.#head}${this.#digitAt(RANDOM_DIGITS - 2)}${this.#digitAt(RANDOM_DIGITS - 1)}`;
  }

  #increment(): void {
    for (let index = RANDOM_DIGITS - 1; index >= 0; index -= 1) {
      const value = ((this.#tail[index] ?? 0) + 1) & 31;
      this.#tail[index] = value;
      if (value !== 0) {
        if (index < RANDOM_DIGITS - 2) this.#head = this.#encodeHead();
        return;
      }
    }
    this.#lastMs += 1;
    this.#head = this.#encodeHead();
  }

  #encodeHead(): string {
    let text = encodeTime(this.#lastMs);
    for (let index = 0; index < RANDOM_DIGITS - 2; index += 1) text += this.#digitAt(index);
    return text;
  }

  #digitAt(index: number): string {
    return ALPHABET.charAt(this.#tail[index] ?? 0);
  }
}

function encodeTime(epochMs: number): string {
  let rest = epochMs;
  let text = '';
  for (let index = 0; index < TIME_DIGITS; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}
