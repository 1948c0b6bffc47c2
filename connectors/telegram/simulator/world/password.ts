import { createHash, pbkdf2Sync } from 'node:crypto';
import type { Random } from '../../../../src/core/random.ts';
import type { TlObject } from '../../tl.ts';

/*
 * Two-step verification, the server's side: https://core.telegram.org/api/srp
 */
const G = 3n;
const PRIME_BYTES = 256;
/** The 2048-bit prime that every client knows. */
const PRIME_HEX =
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c3720fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f642477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b';
const PRIME = BigInt(`0x${PRIME_HEX}`);
const ROUNDS = 100_000;
const SALT_BYTES = 16;

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
const salted = (data: Uint8Array, salt: Uint8Array): Uint8Array => sha256(salt, data, salt);
const toBytes = (value: bigint): Uint8Array => Buffer.from(value.toString(16).padStart(PRIME_BYTES * 2, '0'), 'hex');
const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`);

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = base % PRIME;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = (result * square) % PRIME;
    square = (square * square) % PRIME;
  }
  return result;
}

export interface PasswordRecord {
  readonly salt1: Uint8Array;
  readonly salt2: Uint8Array;
  readonly verifier: bigint;
}

/** Slow: some 100 ms, as it is meant to be. */
export function createPassword(typed: string, random: Random): PasswordRecord {
  const salt1 = random.bytes(SALT_BYTES);
  const salt2 = random.bytes(SALT_BYTES);
  const first = salted(salted(Buffer.from(typed), salt1), salt2);
  const stretched = pbkdf2Sync(first, salt1, ROUNDS, 64, 'sha512');
  return { salt1, salt2, verifier: power(G, toNumber(salted(stretched, salt2))) };
}

/** One question to a client, good for one answer. */
export interface PasswordChallenge {
  readonly id: bigint;
  readonly secret: bigint;
  /** What the client is shown: `srpB`. */
  readonly shown: bigint;
}

export function createChallenge(password: PasswordRecord, random: Random): PasswordChallenge {
  const secret = toNumber(random.bytes(PRIME_BYTES));
  const k = toNumber(sha256(toBytes(PRIME), toBytes(G)));
  const shown = (k * password.verifier + power(G, secret)) % PRIME;
  return { id: Buffer.from(random.bytes(8)).readBigInt64BE(0), secret, shown };
}

export function isProved(
  password: PasswordRecord,
  challenge: PasswordChallenge,
  proof: { readonly a: Uint8Array; readonly m1: Uint8Array },
): boolean {
  const a = toNumber(proof.a);
  if (a <= 0n || a >= PRIME) return false;
  const u = toNumber(sha256(toBytes(a), toBytes(challenge.shown)));
  const key = sha256(toBytes(power(a * power(password.verifier, u), challenge.secret)));
  const mixed = Buffer.from(sha256(toBytes(PRIME)));
  sha256(toBytes(G)).forEach((byte, index) => {
    mixed[index] = (mixed[index] ?? 0) ^ byte;
  });
  const { salt1, salt2 } = password;
  const expected = sha256(mixed, sha256(salt1), sha256(salt2), toBytes(a), toBytes(challenge.shown), key);
  return Buffer.compare(expected, proof.m1) === 0;
}

/** `account.password`; without a password only what a new one would need. */
export function passwordObject(
  password: PasswordRecord | undefined,
  challenge: PasswordChallenge | undefined,
): TlObject {
  const algorithm = 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow';
  const algorithmOf = (salts: { salt1: Uint8Array; salt2: Uint8Array }): TlObject => ({
    _: algorithm,
    ...salts,
    g: Number(G),
    p: toBytes(PRIME),
  });
  const empty = new Uint8Array(SALT_BYTES);
  const base = {
    newAlgo: algorithmOf({ salt1: empty, salt2: empty }),
    newSecureAlgo: { _: 'securePasswordKdfAlgoUnknown' },
    secureRandom: new Uint8Array(PRIME_BYTES),
  };
  if (password === undefined || challenge === undefined) return { _: 'account.password', ...base };
  return {
    _: 'account.password',
    hasPassword: true,
    currentAlgo: algorithmOf({ salt1: password.salt1, salt2: password.salt2 }),
    srpB: toBytes(challenge.shown),
    srpId: challenge.id,
    ...base,
  };
}
