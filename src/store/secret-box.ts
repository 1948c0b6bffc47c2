import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, createSecretKey, hash, hkdfSync, randomBytes } from 'node:crypto';
import { BellhopError } from '../core/errors.ts';

/** Length of the daemon's master key. */
const SECRET_KEY_BYTES = 32;

const NONCE_BYTES = 12; // what GCM is specified for; random, so one key may seal 2^32 secrets
const TAG_BYTES = 16;
const PURPOSE = 'bellhop store secrets 1'; // the same master key opens the session vaults; derived keys keep the two apart

const MARK_CHARACTERS = 24; // 144 bits

/** Seals short secrets for columns of the store (AES-256-GCM). Each is bound to the row it stands in. */
export class SecretBox {
  readonly #key: KeyObject;
  readonly #markKeys: { readonly inner: string; readonly outer: string };

  /** `secretKey`: 32 bytes; throws `vault_key_missing` for any other length. */
  constructor(secretKey: Uint8Array) {
    if (secretKey.length !== SECRET_KEY_BYTES) {
      throw new BellhopError('vault_key_missing', { detail: `The key must be ${SECRET_KEY_BYTES} bytes.` });
    }
    this.#key = createSecretKey(Buffer.from(hkdfSync('sha256', secretKey, PURPOSE, 'secrets', SECRET_KEY_BYTES)));
    const markKey = (use: string): string =>
      Buffer.from(hkdfSync('sha256', secretKey, PURPOSE, use, SECRET_KEY_BYTES)).toString('hex');
    this.#markKeys = { inner: markKey('marks'), outer: markKey('outer marks') };
  }

  /**
   * The same for the same text, and tells nothing about it to who has not the key. Hashed twice as in HMAC, each time behind a key
   * that fills a block; Node's own Hmac is an object with a life, which costs every message five times as much.
   */
  mark(text: string): string {
    const { inner, outer } = this.#markKeys;
    return hash('sha256', outer + hash('sha256', inner + text, 'hex'), 'base64url').slice(0, MARK_CHARACTERS);
  }

  seal(place: string, secret: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place, 'utf8'));
    return Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `vault_key_wrong` when the key or the place is another, or a bit was changed. */
  open(place: string, sealed: Uint8Array): string {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw wrongKey();
    const decipher = createDecipheriv('aes-256-gcm', this.#key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(place, 'utf8'));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      const plain = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
      return Buffer.concat([plain, decipher.final()]).toString('utf8');
    } catch (cause) {
      throw wrongKey(cause);
    }
  }
}

function wrongKey(cause?: unknown): BellhopError {
  return new BellhopError('vault_key_wrong', {
    detail: 'The key does not open the secrets in the store.',
    ...(cause === undefined ? {} : { cause }),
  });
}
