import type { Random } from '../../../../src/core/random.ts';
import { toBigEndian } from './bytes.ts';

/*
 * The number that a client must factor before the server works for it. Telegram's has 63 bits and costs a client written in JavaScript
 * half a second of blocked event loop; ours is smaller, for clients cannot tell and tests are many.
 */

/**
 * Products are above 2^40 and below 2^47, so that their highest bit is not that of a byte: gramjs reads the number as a signed one, and
 * searches a negative one's factors for ever. Telegram's own are below 2^63.
 */
const SMALLEST_FACTOR = 1_100_000;

export interface Puzzle {
  /** All big endian; `p` is the smaller factor. */
  readonly pq: Buffer;
  readonly p: Buffer;
  readonly q: Buffer;
}

export function makePuzzle(random: Random): Puzzle {
  const p = nextPrime(SMALLEST_FACTOR + Math.floor(random.next() * SMALLEST_FACTOR));
  const q = nextPrime(p + 2 + Math.floor(random.next() * SMALLEST_FACTOR));
  return { pq: toBigEndian(BigInt(p) * BigInt(q)), p: toBigEndian(BigInt(p)), q: toBigEndian(BigInt(q)) };
}

function nextPrime(from: number): number {
  let candidate = from % 2 === 0 ? from + 1 : from;
  while (!isPrime(candidate)) candidate += 2;
  return candidate;
}

function isPrime(odd: number): boolean {
  for (let divisor = 3; divisor * divisor <= odd; divisor += 2) if (odd % divisor === 0) return false;
  return true;
}
