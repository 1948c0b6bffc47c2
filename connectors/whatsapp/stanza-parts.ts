import { createHash } from 'node:crypto';
import type { BinaryNode } from '@whiskeysockets/baileys';

const HASH_BYTES = 32;

/** Lower-case hex SHA-256. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** The children of a stanza; none where it carries text or bytes. */
export function childrenOf(stanza: BinaryNode): readonly BinaryNode[] {
  return Array.isArray(stanza.content) ? stanza.content : [];
}

/** The ciphertexts of a message, as the objects in which Baileys will hand them to the Signal repository. */
export function ciphertextsOf(stanza: BinaryNode): readonly Uint8Array[] {
  return childrenOf(stanza).flatMap(({ tag, content }) =>
    tag === 'enc' && content instanceof Uint8Array ? [content] : [],
  );
}

/** The stanza with the hash of each ciphertext in its place: what the journal keeps, 32 bytes a part. */
export function withHashes(stanza: BinaryNode): BinaryNode {
  if (!Array.isArray(stanza.content)) return stanza;
  const content = stanza.content.map((child) =>
    child.tag === 'enc' && child.content instanceof Uint8Array
      ? { ...child, content: Buffer.from(sha256(child.content), 'hex') }
      : child,
  );
  return { ...stanza, content };
}

/** The hashes that stand in a journalled stanza, in the order of its parts. */
export function hashesOf(journalled: BinaryNode): readonly string[] {
  return ciphertextsOf(journalled).map((content) => hashIn(content));
}

/** The hash in the place of a ciphertext. */
export function hashIn(content: Uint8Array): string {
  if (content.length !== HASH_BYTES) throw new TypeError('not a journalled part');
  return Buffer.from(content).toString('hex');
}

/** Who sent which message to where. The same for a second delivery and for a copy that was sealed again. */
export function messageIdentity(stanza: BinaryNode): string {
  const { from, participant, recipient, id } = stanza.attrs;
  return sha256(JSON.stringify([from ?? '', participant ?? '', recipient ?? '', id ?? '']));
}

const HEADER_ONLY = ['offline', 'e'] as const; // differ between two deliveries of the same receipt

/** The same for two deliveries of one receipt, notification or call. */
export function stanzaIdentity(stanza: BinaryNode): string {
  const hash = createHash('sha256');
  const attrs = Object.entries(stanza.attrs)
    .filter(([name]) => !HEADER_ONLY.some((header) => header === name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
  hash.update(JSON.stringify([stanza.tag, attrs]));
  if (Array.isArray(stanza.content)) for (const child of stanza.content) hash.update(stanzaIdentity(child));
  else if (stanza.content !== undefined) hash.update(stanza.content);
  return hash.digest('hex');
}

/** The chat a stanza belongs to, without device: entries of one chat are handed over in order. */
export function laneOf(stanza: BinaryNode): string {
  const chat = stanza.attrs['recipient'] ?? stanza.attrs['from'] ?? '';
  return chat.replace(/:\d+@/, '@');
}
