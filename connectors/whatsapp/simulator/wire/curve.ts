import { createPrivateKey, createPublicKey, diffieHellman, verify } from 'node:crypto';
import { Curve } from '@whiskeysockets/baileys';
import type { Random } from '../../../../src/core/random.ts';

/** An X25519 key pair; both parts are the bare 32 bytes. */
export interface CurveKeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

const X25519_PRIVATE_DER = Buffer.from('302e020100300506032b656e04220420', 'hex'); // PKCS #8 head, RFC 8410
const X25519_PUBLIC_DER = Buffer.from('302a300506032b656e032100', 'hex'); // SPKI head, RFC 8410
const ED25519_PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const FIELD_PRIME = 2n ** 255n - 19n;

/** A fresh pair from the given randomness. */
export function makeKeyPair(random: Random): CurveKeyPair {
  const privateKey = Uint8Array.from(random.bytes(KEY_BYTES));
  privateKey.set([(privateKey[0] ?? 0) & 248], 0); // clamped as RFC 7748 asks, so that signing uses the same scalar
  privateKey.set([((privateKey[31] ?? 0) & 127) | 64], 31);
  return { privateKey, publicKey: publicKeyOf(privateKey) };
}

export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  const key = createPublicKey(importPrivate(privateKey));
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(X25519_PUBLIC_DER.length));
}

/** X25519; throws on a key that is not 32 bytes or yields the all-zero secret. */
export function agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const peer = createPublicKey({ key: Buffer.concat([X25519_PUBLIC_DER, publicKey]), format: 'der', type: 'spki' });
  return diffieHellman({ privateKey: importPrivate(privateKey), publicKey: peer });
}

/** XEdDSA over `message`. Slow (about 20 ms); the network signs only certificates. */
export function signMessage(privateKey: Uint8Array, message: Uint8Array): Uint8Array {
  return Curve.sign(Buffer.from(privateKey), Buffer.from(message)); // libsignal takes nothing but Buffers
}

/**
 * XEdDSA, checked with node:crypto: the Montgomery key is mapped to its Edwards form with the sign bit that the signature
 * carries in its last byte. Baileys' own `Curve.verify` must not be used, it is always true.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  const u = readLittleEndian(publicKey) & ((1n << 255n) - 1n);
  if (u + 1n === FIELD_PRIME) return false;
  const y = mod((u - 1n) * power(u + 1n, FIELD_PRIME - 2n));
  const edwards = writeLittleEndian(y);
  const plain = Uint8Array.from(signature);
  const last = plain[SIGNATURE_BYTES - 1] ?? 0;
  edwards.set([(edwards[31] ?? 0) | (last & 0x80)], 31);
  plain.set([last & 0x7f], SIGNATURE_BYTES - 1);
  const key = createPublicKey({ key: Buffer.concat([ED25519_PUBLIC_DER, edwards]), format: 'der', type: 'spki' });
  return verify(null, message, key, plain);
}

function importPrivate(privateKey: Uint8Array): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({ key: Buffer.concat([X25519_PRIVATE_DER, privateKey]), format: 'der', type: 'pkcs8' });
}

function mod(value: bigint): bigint {
  const rest = value % FIELD_PRIME;
  return rest < 0n ? rest + FIELD_PRIME : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let factor = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if ((rest & 1n) === 1n) result = mod(result * factor);
    factor = mod(factor * factor);
  }
  return result;
}

function readLittleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

function writeLittleEndian(value: bigint): Uint8Array {
  return Uint8Array.from({ length: KEY_BYTES }, (_, index) => Number((value >> BigInt(8 * index)) & 0xffn));
}
