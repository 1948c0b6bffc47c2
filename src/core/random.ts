import { randomBytes } from 'node:crypto';

/** A source of randomness, injected so that a schedule can be replayed from its seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `length` bytes; cryptographically strong in `systemRandom`, reproducible in `seededRandom`. */
  bytes(length: number): Uint8Array;
}

/** A call to the system's generator costs as much as storing a row does, whatever it is asked for: so it is asked for this much. */
const POOL_BYTES = 4096;
const LARGEST_FROM_POOL_BYTES = 64; // more is asked for so seldom that a call of its own does not matter

/** The system's generator by way of a pool. Bytes are wiped from the pool as they leave it, for some become keys. */
function pooledRandom(): Random {
  let pool = new Uint8Array(0);
  let used = 0;
  const bytes = (length: number): Uint8Array => {
    if (length > LARGEST_FROM_POOL_BYTES) return randomBytes(length);
    if (used + length > pool.length) {
      pool = randomBytes(POOL_BYTES);
      used = 0;
    }
    const drawn = new Uint8Array(length);
    for (let index = 0; index < length; index += 1) {
      drawn[index] = pool[used] ?? 0;
      pool[used] = 0;
      used += 1;
    }
    return drawn;
  };
  const next = (): number => bytes(6).reduce((value, byte) => (value + byte) / 256, 0);
  return { next, bytes };
}

export const systemRandom: Random = pooledRandom();

/** Mulberry32: small, fast and good enough for schedules and tests. Never for keys. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { next, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(next() * 256)) };
}
