import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { signalLibrary } from './signal-library.ts';

/** Families of media keys; the name goes into the key derivation (protocol constant). */
export type MediaFamily = 'Image' | 'Video' | 'Audio' | 'Document';

const MEDIA_KEY_BYTES = 32;
const DERIVED_BYTES = 112; // iv 16, cipher key 32, mac key 32, and a reference key that nobody uses
const MAC_BYTES = 10;

export interface SealedMedia {
  readonly mediaKey: Uint8Array;
  /** What lies on the media server: AES-256-CBC and the first ten bytes of an HMAC. */
  readonly blob: Uint8Array;
  readonly fileSha256: Uint8Array;
  readonly fileEncSha256: Uint8Array;
  readonly fileLength: number;
}

export function sealMedia(bytes: Uint8Array, family: MediaFamily): SealedMedia {
  const mediaKey = new Uint8Array(randomBytes(MEDIA_KEY_BYTES));
  const { iv, cipherKey, macKey } = deriveKeys(mediaKey, family);
  const cipher = createCipheriv('aes-256-cbc', cipherKey, iv);
  const encrypted = Buffer.concat([cipher.update(bytes), cipher.final()]);
  const blob = new Uint8Array(Buffer.concat([encrypted, macOf(macKey, iv, encrypted)]));
  return { mediaKey, blob, fileSha256: sha256(bytes), fileEncSha256: sha256(blob), fileLength: bytes.length };
}

export interface MediaReference {
  readonly mediaKey?: Uint8Array | null;
  readonly fileSha256?: Uint8Array | null;
  readonly fileEncSha256?: Uint8Array | null;
}

/** The plain bytes; throws if the MAC or one of the hashes that the message names does not fit. */
export function openMedia(blob: Uint8Array, reference: MediaReference, family: MediaFamily): Uint8Array {
  const { mediaKey, fileSha256, fileEncSha256 } = reference;
  if (!mediaKey || !fileSha256 || !fileEncSha256) throw new Error('the message lacks a media key or hash');
  if (blob.length <= MAC_BYTES) throw new Error('the stored media is too short');
  if (!isEqual(sha256(blob), fileEncSha256)) throw new Error('the stored media has another hash');
  const { iv, cipherKey, macKey } = deriveKeys(mediaKey, family);
  const encrypted = blob.subarray(0, blob.length - MAC_BYTES);
  if (!isEqual(macOf(macKey, iv, encrypted), blob.subarray(blob.length - MAC_BYTES)))
    throw new Error('the media has a wrong MAC');
  const decipher = createDecipheriv('aes-256-cbc', cipherKey, iv);
  const bytes = new Uint8Array(Buffer.concat([decipher.update(encrypted), decipher.final()]));
  if (!isEqual(sha256(bytes), fileSha256)) throw new Error('the decrypted media has another hash');
  return bytes;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha256').update(bytes).digest());
}

function deriveKeys(mediaKey: Uint8Array, family: MediaFamily): Record<'iv' | 'cipherKey' | 'macKey', Uint8Array> {
  const derived = signalLibrary.hkdf(mediaKey, DERIVED_BYTES, { info: `WhatsApp ${family} Keys` });
  return { iv: derived.slice(0, 16), cipherKey: derived.slice(16, 48), macKey: derived.slice(48, 80) };
}

function macOf(macKey: Uint8Array, iv: Uint8Array, encrypted: Uint8Array): Uint8Array {
  return createHmac('sha256', macKey).update(iv).update(encrypted).digest().subarray(0, MAC_BYTES);
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && timingSafeEqual(left, right);
}
