import { createCipheriv, createDecipheriv } from 'node:crypto';

/*
 * AES-256 in IGE mode: c[i] = E(p[i] ^ c[i-1]) ^ p[i-1]. The 32 bytes of `iv` are c[-1] and p[-1]. Lengths are multiples of 16.
 */

const BLOCK_BYTES = 16;
const NO_IV = Buffer.alloc(BLOCK_BYTES);

/**
 * With x[i] = c[i] ^ p[i-1], encryption is x[i] = E(p[i] ^ p[i-2] ^ x[i-1]): one native pass of CBC over p[i] ^ p[i-2], where the first
 * two blocks take c[-1] and p[-1] from `iv` instead; then c[i] = x[i] ^ p[i-1].
 */
export function igeEncrypt(key: Uint8Array, iv: Uint8Array, plain: Uint8Array): Buffer {
  const mixed = Buffer.from(plain);
  for (let at = 0; at < mixed.length; at += 1) {
    const twoBlocksBack = at - 2 * BLOCK_BYTES;
    const other = twoBlocksBack >= 0 ? plain[twoBlocksBack] : iv[at];
    mixed[at] = (mixed[at] ?? 0) ^ (other ?? 0);
  }
  const cipher = createCipheriv('aes-256-cbc', key, NO_IV).setAutoPadding(false);
  const sealed = Buffer.concat([cipher.update(mixed), cipher.final()]);
  for (let at = 0; at < sealed.length; at += 1) {
    const before = at >= BLOCK_BYTES ? plain[at - BLOCK_BYTES] : iv[BLOCK_BYTES + at];
    sealed[at] = (sealed[at] ?? 0) ^ (before ?? 0);
  }
  return sealed;
}

/** Block after block, for each needs the plain text of the one before. */
export function igeDecrypt(key: Uint8Array, iv: Uint8Array, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  const plain = Buffer.allocUnsafe(sealed.length);
  const block = Buffer.alloc(BLOCK_BYTES);
  let before = Buffer.from(iv.subarray(BLOCK_BYTES, 2 * BLOCK_BYTES));
  let sealedBefore = iv.subarray(0, BLOCK_BYTES);
  for (let at = 0; at < sealed.length; at += BLOCK_BYTES) {
    for (let index = 0; index < BLOCK_BYTES; index += 1)
      block[index] = (sealed[at + index] ?? 0) ^ (before[index] ?? 0);
    const opened = decipher.update(block);
    for (let index = 0; index < BLOCK_BYTES; index += 1)
      plain[at + index] = (opened[index] ?? 0) ^ (sealedBefore[index] ?? 0);
    before = plain.subarray(at, at + BLOCK_BYTES);
    sealedBefore = sealed.subarray(at, at + BLOCK_BYTES);
  }
  return plain;
}
