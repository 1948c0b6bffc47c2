import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

/** What an id names; the prefix is part of the public contract. */
export type IdPrefix = 'msg' | 'cnv' | 'gst' | 'evt' | 'whk' | 'dlv' | 'med' | 'key' | 'att';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'; // Crockford base32, lower case: sorts as the bytes sort
const TIME_DIGITS = 10; // 48 bits of milliseconds
const RANDOM_DIGITS = 16; // 80 bits

/** Makes `msg_…` ids: a prefix and a UUIDv7-style value, sortable by time and unique within a millisecond. */
export class IdFactory {
  readonly #clock: Clock;
  readonly #random: Random;
  #lastMs = -1;
  #tail: number[] = [];

  constructor(deps: { clock: Clock; random: Random }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** Never returns a smaller id than before, also when the wall clock steps back. */
  next(prefix: IdPrefix): string {
    const now = this.#clock.now();
    if (now > this.#lastMs) {
      this.#lastMs = now;
      this.#tail = Array.from(this.#random.bytes(RANDOM_DIGITS), (byte) => byte & 31);
    } else {
      this.#increment();
    }
    return `${prefix}_${encodeTime(this.#lastMs)}${this.#tail.map(digit).join('')}`;
  }

  #increment(): void {
    for (let index = this.#tail.length - 1; index >= 0; index -= 1) {
      const value = ((this.#tail[index] ?? 0) + 1) & 31;
      this.#tail[index] = value;
      if (value !== 0) return;
    }
    this.#lastMs += 1;
  }
}

function encodeTime(epochMs: number): string {
  let rest = epochMs;
  let text = '';
  for (let index = 0; index < TIME_DIGITS; index += 1) {
    text = digit(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function digit(value: number): string {
  return ALPHABET.charAt(value);
}
