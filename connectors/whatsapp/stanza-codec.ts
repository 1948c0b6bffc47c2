import type { BinaryNode } from '@whiskeysockets/baileys';
import type { JsonObject, JsonValue } from '../../src/core/json.ts';
import { isRecord } from '../../src/core/json.ts';

/** A stanza as JSON: bytes as `{ b: base64 }`. Short names because each message keeps one. */
export function encodeStanza(node: BinaryNode): JsonObject {
  const content = encodeContent(node.content);
  return { t: node.tag, a: { ...node.attrs }, ...(content === undefined ? {} : { c: content }) };
}

function encodeContent(content: BinaryNode['content']): JsonValue | undefined {
  if (content === undefined || typeof content === 'string') return content;
  if (content instanceof Uint8Array) return { b: Buffer.from(content).toString('base64') };
  return content.map(encodeStanza);
}

/** The inverse of `encodeStanza`. Throws a TypeError on anything else. */
export function decodeStanza(value: unknown): BinaryNode {
  if (!isRecord(value) || typeof value['t'] !== 'string' || !isRecord(value['a'])) {
    throw new TypeError('not a journalled stanza');
  }
  const attrs: Record<string, string> = {};
  for (const [name, text] of Object.entries(value['a'])) {
    if (typeof text === 'string') attrs[name] = text;
  }
  const content = decodeContent(value['c']);
  return { tag: value['t'], attrs, ...(content === undefined ? {} : { content }) };
}

function decodeContent(value: unknown): BinaryNode['content'] {
  if (value === undefined || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(decodeStanza);
  if (isRecord(value) && typeof value['b'] === 'string') return Buffer.from(value['b'], 'base64');
  throw new TypeError('not the content of a journalled stanza');
}
