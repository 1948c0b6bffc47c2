import type { KeyObject } from 'node:crypto';
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import { BellhopError } from '../../core/errors.ts';
import { packFields, textField } from './record-fields.ts';

/** Length of the master key; AES-256 and HMAC-SHA256 both want 32 bytes. */
export const MASTER_KEY_BYTES = 32;

const KEY_BYTES = 32;
const NONCE_BYTES = 12; // what GCM is specified for; random, so one key may seal 2^32 records
const TAG_BYTES = 16;
const NAME_ID_BYTES = 16; // 128 bits: no two of a few million names meet
const KEY_SALT = 'bellhop session vault 1';

/** Seals the records of one vault and hides its names. Its keys come from the master key and the session's id. */
export class VaultCipher {
  readonly #sealKey: KeyObject;
  readonly #nameKey: KeyObject;

  constructor(deps: { masterKey: Uint8Array; sessionId: string }) {
    if (deps.masterKey.length !== MASTER_KEY_BYTES) {
      throw new BellhopError('vault_key_missing', {
        detail: `The key for session vaults must be ${MASTER_KEY_BYTES} bytes.`,
      });
    }
    const derived = Buffer.from(hkdfSync('sha256', deps.masterKey, KEY_SALT, deps.sessionId, 2 * KEY_BYTES));
    this.#sealKey = createSecretKey(derived.subarray(0, KEY_BYTES));
    this.#nameKey = createSecretKey(derived.subarray(KEY_BYTES));
    derived.fill(0);
  }

  /** A name as it stands in the file: the same for the same parts, unreadable without the key. */
  nameId(...parts: readonly string[]): Uint8Array {
    return createHmac('sha256', this.#nameKey)
      .update(packFields(parts.map(textField)))
      .digest()
      .subarray(0, NAME_ID_BYTES);
  }

  /** Encrypts `plain`. Only `unseal` with the same `place` gives it back, so a record cannot stand in for another. */
  seal(place: string, plain: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place, 'utf8'));
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** Throws `vault_corrupt` when a single bit of the record or of its place differs. */
  unseal(place: string, sealed: Uint8Array): Uint8Array {
    if (sealed.length < NONCE_BYTES + TAG_BYTES) throw damaged();
    const decipher = createDecipheriv('aes-256-gcm', this.#sealKey, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(place, 'utf8'));
    decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
    try {
      const plain = decipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
      return Buffer.concat([plain, decipher.final()]);
    } catch (cause) {
      throw damaged(cause);
    }
  }
}

function damaged(cause?: unknown): BellhopError {
  return new BellhopError('vault_corrupt', {
    detail: 'A record of the session vault was altered or damaged.',
    ...(cause === undefined ? {} : { cause }),
  });
}
