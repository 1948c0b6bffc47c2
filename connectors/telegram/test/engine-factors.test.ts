import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { factorize } from '../mtproto/factors.ts';
import { MtcuteCrypto } from '../mtproto/mtcute-crypto.ts';
import { makePuzzle } from '../simulator/wire/small-primes.ts';

const random = seededRandom(5);
const isPrime = (n: number): boolean => {
  for (let divisor = 3; divisor * divisor <= n; divisor += 2) if (n % divisor === 0) return false;
  return n % 2 === 1;
};
function prime(bits: number): bigint {
  const span = 2 ** (bits - 1);
  for (;;) {
    const candidate = span + Math.floor(random.next() * span);
    if (isPrime(candidate)) return BigInt(candidate);
  }
}

describe('factors of the number that a server asks for', () => {
  it('are found, the smaller first, for numbers of every size', () => {
    for (let time = 0; time < 300; time += 1) {
      const bits = 16 + (time % 16);
      const [one, other] = [prime(bits), prime(bits)];
      const { p, q } = factorize(one * other);
      expect([p, q]).toEqual(one < other ? [one, other] : [other, one]);
    }
  });

  it('are found where they are small, even or the same', () => {
    expect(factorize(4n)).toEqual({ p: 2n, q: 2n });
    expect(factorize(15n)).toEqual({ p: 3n, q: 5n });
    expect(factorize(2n * 2_147_483_647n)).toEqual({ p: 2n, q: 2_147_483_647n });
    expect(factorize(65_537n * 65_537n)).toEqual({ p: 65_537n, q: 65_537n });
  });

  it('are not searched for ever', () => {
    expect(() => factorize(2n ** 61n - 1n)).toThrow(RangeError); // a prime
    expect(() => factorize(0n)).toThrow(RangeError);
    expect(() => factorize(2n ** 64n)).toThrow(RangeError);
  });

  it('are what mtcute tells a server, also for numbers that its own search has failed at', () => {
    const crypto = new MtcuteCrypto();
    for (const hex of ['02bde504f20d', '044bb615fc0d', '03260edfee85', '047f51954c45']) {
      const [p, q] = crypto
        .factorizePQ(Buffer.from(hex, 'hex'))
        .map((bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
      expect([p, q].every((factor) => factor !== undefined && factor > 1n)).toBe(true);
      expect((p ?? 0n) * (q ?? 0n)).toBe(BigInt(`0x${hex}`));
    }
    for (let time = 0; time < 300; time += 1) {
      const puzzle = makePuzzle(random);
      expect(crypto.factorizePQ(puzzle.pq)).toEqual([puzzle.p, puzzle.q]);
    }
  });
});
