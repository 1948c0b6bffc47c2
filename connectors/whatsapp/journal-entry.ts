import type { BinaryNode } from '@whiskeysockets/baileys';
import type { JsonObject } from '../../src/core/json.ts';
import { isRecord } from '../../src/core/json.ts';
import { decodeStanza, encodeStanza } from './stanza-codec.ts';

export const rawKinds = ['receipt', 'notification', 'call'] as const;
export type RawKind = (typeof rawKinds)[number];

/** What a spool entry of this connector holds. */
export type EntryBody =
  /** A message; `parts` maps the hash of a ciphertext to its plaintext. Complete when each hash of the stanza has one. */
  | { readonly kind: 'message'; readonly stanza: BinaryNode; readonly parts: ReadonlyMap<string, Uint8Array> }
  /** A message that was handed over: its plaintext is forgotten, but it can still be told from a new one. */
  | { readonly kind: 'done'; readonly stanza: BinaryNode }
  /** A copy of a message from the account's own phone (`WebMessageInfo`), with the envelope under which it was missed. */
  | { readonly kind: 'copy'; readonly stanza: BinaryNode; readonly webMessageInfo: Uint8Array }
  /** Every retry was in vain. */
  | { readonly kind: 'unreadable'; readonly stanza: BinaryNode }
  /** Kept as it came, before its acknowledgement. */
  | { readonly kind: RawKind; readonly stanza: BinaryNode };

export type EntryKind = EntryBody['kind'];

export function encodeEntry(body: EntryBody): Uint8Array {
  const json: JsonObject = { k: body.kind, s: encodeStanza(body.stanza), ...extrasOf(body) };
  return Buffer.from(JSON.stringify(json));
}

function extrasOf(body: EntryBody): JsonObject {
  if (body.kind === 'message') {
    return { p: Object.fromEntries([...body.parts].map(([hash, plain]) => [hash, toBase64(plain)])) };
  }
  return body.kind === 'copy' ? { w: toBase64(body.webMessageInfo) } : {};
}

/** Throws a TypeError or SyntaxError when the bytes are not of this version. */
export function decodeEntry(bytes: Uint8Array): EntryBody {
  const json: unknown = JSON.parse(Buffer.from(bytes).toString());
  if (!isRecord(json)) throw new TypeError('not a journal entry');
  const kind = json['k'];
  const stanza = decodeStanza(json['s']);
  if (kind === 'message') return { kind, stanza, parts: decodeParts(json['p']) };
  if (kind === 'copy' && typeof json['w'] === 'string') {
    return { kind, stanza, webMessageInfo: Buffer.from(json['w'], 'base64') };
  }
  if (kind === 'done' || kind === 'unreadable') return { kind, stanza };
  const raw = rawKinds.find((known) => known === kind);
  if (raw === undefined) throw new TypeError('unknown kind of journal entry');
  return { kind: raw, stanza };
}

function decodeParts(value: unknown): ReadonlyMap<string, Uint8Array> {
  if (!isRecord(value)) throw new TypeError('a journalled message without parts');
  const parts = new Map<string, Uint8Array>();
  for (const [hash, plain] of Object.entries(value)) {
    if (typeof plain === 'string') parts.set(hash, Buffer.from(plain, 'base64'));
  }
  return parts;
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
