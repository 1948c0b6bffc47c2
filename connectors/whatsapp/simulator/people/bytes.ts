import { z } from 'zod';

/** Bytes in the exported state of simulated devices. */
export const base64Schema = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

/** A big-endian unsigned integer of `length` bytes, as key ids and registration ids stand on the wire. */
export function toBigEndian(value: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return new Uint8Array(bytes);
}

export function fromBigEndian(bytes: Uint8Array): number {
  return bytes.length === 0 ? 0 : Buffer.from(bytes).readUIntBE(0, Math.min(bytes.length, 6));
}
