import type { BinaryNode } from '@whiskeysockets/baileys';
import { z } from 'zod';

/** Bytes as base64 text. */
export const bytesSchema = z.base64().transform((text) => new Uint8Array(Buffer.from(text, 'base64')));

/** A stanza as JSON: bytes in their content become `{ "base64": … }`. */
interface JsonStanza {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly content?: string | { readonly base64: string } | readonly JsonStanza[];
}

export const stanzaSchema: z.ZodType<JsonStanza, JsonStanza> = z.lazy(() =>
  z.object({
    tag: z.string(),
    attrs: z.record(z.string(), z.string()),
    content: z.union([z.string(), z.object({ base64: z.base64() }), z.array(stanzaSchema)]).exactOptional(),
  }),
);

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

export function toJsonStanza({ tag, attrs, content }: BinaryNode): JsonStanza {
  if (content === undefined) return { tag, attrs };
  if (typeof content === 'string') return { tag, attrs, content };
  if (Array.isArray(content)) return { tag, attrs, content: content.map((child) => toJsonStanza(child)) };
  return { tag, attrs, content: { base64: toBase64(content) } };
}

export function fromJsonStanza({ tag, attrs, content }: JsonStanza): BinaryNode {
  const given = { ...attrs };
  if (content === undefined) return { tag, attrs: given };
  if (typeof content === 'string') return { tag, attrs: given, content };
  if ('base64' in content) return { tag, attrs: given, content: Buffer.from(content.base64, 'base64') };
  return { tag, attrs: given, content: content.map((child) => fromJsonStanza(child)) };
}
