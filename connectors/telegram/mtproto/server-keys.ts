import { createHash, createPublicKey } from 'node:crypto';

/** An RSA key of a server, as MTProto knows it. */
export interface ServerKey {
  /** Signed decimal of 64 bits. */
  readonly fingerprint: string;
  readonly modulus: Buffer;
  readonly exponent: number;
}

/** Reads a PEM. Throws where it is no RSA public key. */
export function readServerKey(pem: string): ServerKey {
  const { kty, n, e } = createPublicKey(pem).export({ format: 'jwk' });
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('not an RSA public key');
  const modulus = Buffer.from(n, 'base64url');
  const exponent = Buffer.from(e, 'base64url');
  const digest = createHash('sha1').update(tlBytes(modulus)).update(tlBytes(exponent)).digest();
  return {
    fingerprint: digest.readBigInt64LE(12).toString(),
    modulus,
    exponent: exponent.readUIntBE(0, exponent.length),
  };
}

function tlBytes(bytes: Buffer): Buffer {
  const head =
    bytes.length < 254
      ? Buffer.from([bytes.length])
      : Buffer.from([254, bytes.length & 255, (bytes.length >> 8) & 255, bytes.length >> 16]);
  return Buffer.concat([head, bytes, Buffer.alloc(-(head.length + bytes.length) & 3)]);
}
