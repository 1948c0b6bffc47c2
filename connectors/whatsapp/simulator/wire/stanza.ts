import { deflateSync } from 'node:zlib';
import type { BinaryNode } from '@whiskeysockets/baileys';
import { decodeBinaryNode, encodeBinaryNode } from '@whiskeysockets/baileys';

const COMPRESS_FROM_BYTES = 4096; // large answers (groups, user sync) are deflated, as a real server does
const COMPRESSED = Buffer.from([2]);

/** The server's own address: a jid with an empty user. The plain word would make clients ignore some notifications. */
export const SERVER_JID = '@s.whatsapp.net';

export function encodeStanza(stanza: BinaryNode): Uint8Array {
  const plain = encodeBinaryNode(stanza);
  if (plain.length < COMPRESS_FROM_BYTES) return plain;
  return Buffer.concat([COMPRESSED, deflateSync(plain.subarray(1))]);
}

/** Rejects bytes that are no stanza. */
export function decodeStanza(bytes: Uint8Array): Promise<BinaryNode> {
  return decodeBinaryNode(Buffer.from(bytes));
}

/** A stanza; attributes that are undefined are left out. */
export function node(
  tag: string,
  attrs: Readonly<Record<string, string | undefined>> = {},
  content?: BinaryNode[] | string | Uint8Array,
): BinaryNode {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(attrs)) {
    if (value !== undefined) given[name] = value;
  }
  return content === undefined ? { tag, attrs: given } : { tag, attrs: given, content };
}

export function childrenOf(stanza: BinaryNode | undefined, tag?: string): BinaryNode[] {
  const content = stanza?.content;
  if (!Array.isArray(content)) return [];
  return tag === undefined ? content : content.filter((child) => child.tag === tag);
}

export function childOf(stanza: BinaryNode | undefined, tag: string): BinaryNode | undefined {
  return childrenOf(stanza, tag)[0];
}

/** The content as bytes, whatever the decoder made of it; undefined when there is none or it holds stanzas. */
export function bytesOf(stanza: BinaryNode | undefined): Uint8Array | undefined {
  const content = stanza?.content;
  if (content === undefined || Array.isArray(content)) return undefined;
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
}

export function textOf(stanza: BinaryNode | undefined): string | undefined {
  const bytes = bytesOf(stanza);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
}

/** The content as a big-endian unsigned number of at most six bytes. */
export function uintOf(stanza: BinaryNode | undefined): number | undefined {
  const bytes = bytesOf(stanza);
  if (bytes === undefined || bytes.length === 0 || bytes.length > 6) return undefined;
  return Buffer.from(bytes).readUIntBE(0, bytes.length);
}

export function uintBytes(value: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntBE(value, 0, length);
  return bytes;
}
