import { createHash } from 'node:crypto';

export function sha1(...parts: readonly Uint8Array[]): Buffer {
  return digest('sha1', parts);
}

export function sha256(...parts: readonly Uint8Array[]): Buffer {
  return digest('sha256', parts);
}

function digest(name: string, parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

export function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Exclusive or of two strings of the same length. */
export function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

/** Big endian, without leading zeros. */
export function toBigEndian(value: bigint): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

/** The first 8 bytes as the signed little-endian number that TL calls a long. */
export function longOf(bytes: Uint8Array): bigint {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).readBigInt64LE(0);
}

/** The 8 bytes of a long, little endian. */
export function bytesOfLong(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(value);
  return bytes;
}
