import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto';

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** AES-256-GCM under a counter, as Noise uses it: 8 zero bytes and the counter as nonce, the tag behind the text. */
export class CounterCipher {
  readonly #key: Uint8Array;
  #counter = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  seal(plain: Uint8Array, associated: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, this.#nextNonce());
    cipher.setAAD(associated);
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws when the text was not sealed by the peer at this position. */
  open(sealed: Uint8Array, associated: Uint8Array): Buffer {
    const textBytes = sealed.length - TAG_BYTES;
    if (textBytes < 0) throw new Error('sealed text is shorter than its tag');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, this.#nextNonce());
    decipher.setAAD(associated);
    decipher.setAuthTag(sealed.subarray(textBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, textBytes)), decipher.final()]);
  }

  #nextNonce(): Buffer {
    const nonce = Buffer.alloc(NONCE_BYTES);
    nonce.writeUInt32BE(this.#counter, NONCE_BYTES - 4);
    this.#counter += 1;
    return nonce;
  }
}

/** Two 32-byte keys from `material` under `salt`. */
export function deriveTwoKeys(material: Uint8Array, salt: Uint8Array): [Buffer, Buffer] {
  const bytes = Buffer.from(hkdfSync('sha256', material, salt, new Uint8Array(0), 64));
  return [bytes.subarray(0, 32), bytes.subarray(32)];
}

export function sha256(...parts: Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}
