/** A server's number has two prime factors of at most 32 bits each (core.telegram.org/mtproto/auth_key): 2^16 steps and some to spare. */
const MOST_STEPS = 1_000_000;
/** Steps whose differences are multiplied before one common divisor is taken: that is the expensive part. */
const STEPS_AT_ONCE = 64;
const LARGEST = 2n ** 63n;

/**
 * For both engines, whose own searches now and then end with a wrong answer.
 * The factors of a number, the smaller first (Pollard's rho, in Brent's form). Takes some milliseconds. Throws RangeError for what is no
 * product of two primes that a server may send: nothing that it sends keeps us searching for ever.
 */
export function factorize(pq: bigint): { readonly p: bigint; readonly q: bigint } {
  if (pq < 4n || pq >= LARGEST) throw new RangeError('a number that no server may ask for');
  if (pq % 2n === 0n) return { p: 2n, q: pq / 2n };
  let steps = 0;
  for (let c = 1n; ; c += 1n) {
    const next = (y: bigint): bigint => (y * y + c) % pq;
    let [x, y, saved, divisor] = [2n, 2n, 2n, 1n];
    for (let round = 1; divisor === 1n; round *= 2) {
      x = y;
      for (let done = 0; done < round && divisor === 1n; done += STEPS_AT_ONCE) {
        saved = y;
        let product = 1n;
        for (let step = 0; step < Math.min(STEPS_AT_ONCE, round - done); step += 1) {
          y = next(y);
          product = (product * distance(x, y)) % pq;
        }
        steps += STEPS_AT_ONCE;
        if (steps > MOST_STEPS) throw new RangeError('a number without factors');
        divisor = gcd(product, pq);
      }
    }
    if (divisor === pq) divisor = oneByOne(x, saved, next, pq);
    if (divisor !== pq) {
      const other = pq / divisor;
      return divisor < other ? { p: divisor, q: other } : { p: other, q: divisor };
    }
  }
}

/** Both factors were met within one product: their steps are looked at singly. `pq` itself = they came in the same one. */
function oneByOne(x: bigint, from: bigint, next: (y: bigint) => bigint, pq: bigint): bigint {
  let y = from;
  for (;;) {
    y = next(y);
    const divisor = gcd(distance(x, y), pq);
    if (divisor > 1n) return divisor;
  }
}

const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

function gcd(a: bigint, b: bigint): bigint {
  let [one, other] = [a, b];
  while (other > 0n) [one, other] = [other, one % other];
  return one;
}
