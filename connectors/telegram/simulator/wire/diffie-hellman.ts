import type { Random } from '../../../../src/core/random.ts';

/** The prime that all of Telegram's data centres use, with generator 3. Clients know it and need not test it. */
export const DH_PRIME = Buffer.from(
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37' +
    '20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4' +
    'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4' +
    'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b',
  'hex',
);
export const DH_GENERATOR = 3;

const KEY_BYTES = 256;
const EXPONENT_BYTES = 64; // a quarter of the usual, and still far beyond what the prime is worth: four times as fast
const SAFE_MARGIN = 2n ** (2048n - 64n); // g_a and g_b must lie this far away from both ends
const PRIME = toNumber(DH_PRIME);

/** The server's half of one exchange. */
export class DhHalf {
  readonly #exponent: bigint;
  /** `g_a`, 256 bytes. */
  readonly publicValue: Buffer;

  constructor(deps: { random: Random }) {
    this.#exponent = toNumber(deps.random.bytes(EXPONENT_BYTES));
    this.publicValue = toBytes(modPow(BigInt(DH_GENERATOR), this.#exponent, PRIME));
  }

  /** The 256 bytes that both share, or nothing where `g_b` is not in the safe range. */
  agree(theirs: Uint8Array): Buffer | undefined {
    if (theirs.length === 0 || theirs.length > KEY_BYTES) return undefined;
    const value = toNumber(theirs);
    if (value <= SAFE_MARGIN || value >= PRIME - SAFE_MARGIN) return undefined;
    return toBytes(modPow(value, this.#exponent, PRIME));
  }
}

/** node:crypto's own would first test the prime for a quarter of a second. */
function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if ((left & 1n) === 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(KEY_BYTES * 2, '0'), 'hex');
}
