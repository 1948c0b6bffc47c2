import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Keeps an answer that holds a secret (a new API key, a webhook's secret) for a repeat of the request, without the store being able
 * to read it: sealed under what only the caller has, the bearer key and the idempotency key.
 */
export function sealAnswer(answer: string, caller: { bearer: string; idempotencyKey: string }): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, keyOf(caller), nonce);
  const sealed = Buffer.concat([cipher.update(answer, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** Throws when it was sealed by another caller or was changed. */
export function openAnswer(sealed: string, caller: { bearer: string; idempotencyKey: string }): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(ALGORITHM, keyOf(caller), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
}

function keyOf(caller: { bearer: string; idempotencyKey: string }): Buffer {
  return Buffer.from(hkdfSync('sha256', caller.bearer, caller.idempotencyKey, 'bellhop sealed answer', KEY_BYTES));
}
