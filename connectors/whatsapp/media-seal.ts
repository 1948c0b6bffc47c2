import { createDecipheriv, createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** Keys of one file, derived from its media key (Baileys `getMediaKeys`). */
export interface MediaKeys {
  readonly iv: Uint8Array;
  readonly cipherKey: Uint8Array;
  readonly macKey: Uint8Array;
}

/** The bytes are not what the sender sealed or declared. Trying again elsewhere may help, trusting them never. */
export class DamagedMediaError extends Error {
  constructor(what: string) {
    super(`media damaged: ${what}`);
    this.name = 'DamagedMediaError';
  }
}

const MAC_BYTES = 10; // appended to the AES-256-CBC ciphertext

/**
 * Opens a sealed file while it streams; holds no more than a chunk. Throws DamagedMediaError at the end when the MAC or a
 * declared hash does not fit, so whoever writes the bytes must not keep them before the end.
 */
export async function* openSealed(
  sealed: AsyncIterable<Uint8Array>,
  keys: MediaKeys,
  declared: { readonly sha256?: Uint8Array; readonly sealedSha256?: Uint8Array },
): AsyncGenerator<Uint8Array> {
  const decipher = createDecipheriv('aes-256-cbc', keys.cipherKey, keys.iv);
  const mac = createHmac('sha256', keys.macKey).update(keys.iv);
  const sealedHash = createHash('sha256');
  const plainHash = createHash('sha256');
  let tail: Uint8Array = new Uint8Array(0);
  for await (const chunk of sealed) {
    sealedHash.update(chunk);
    const joined = Buffer.concat([tail, chunk]);
    const body = joined.subarray(0, Math.max(0, joined.length - MAC_BYTES));
    tail = joined.subarray(body.length);
    mac.update(body);
    const plain = decipher.update(body);
    plainHash.update(plain);
    if (plain.length > 0) yield plain;
  }
  requireEqual('mac', mac.digest().subarray(0, MAC_BYTES), tail);
  if (declared.sealedSha256) requireEqual('sealed hash', sealedHash.digest(), declared.sealedSha256);
  const last = finish(decipher);
  plainHash.update(last);
  if (declared.sha256) requireEqual('hash', plainHash.digest(), declared.sha256);
  if (last.length > 0) yield last;
}

function finish(decipher: { final(): Buffer }): Buffer {
  try {
    return decipher.final();
  } catch {
    throw new DamagedMediaError('padding');
  }
}

function requireEqual(what: string, actual: Uint8Array, expected: Uint8Array): void {
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw new DamagedMediaError(what);
}
