import type { Readable } from 'node:stream';
import type { AttachmentKind } from '../../src/connector-api/index.ts';
import type { KitFile } from './connector-contract-harness.ts';

const mimeTypes: Readonly<Record<AttachmentKind, string>> = {
  image: 'image/png',
  video: 'video/mp4',
  video_note: 'video/mp4',
  voice: 'audio/ogg; codecs=opus',
  audio: 'audio/mpeg',
  file: 'application/pdf',
  sticker: 'image/webp',
};
/** More than one block of any cipher, and not a multiple of one. */
export const FILE_BYTES = 5_003;

/** Noise, which nobody takes for a fault: connectors do not look into files. Each `variant` has other bytes. */
export function fileOf(kind: AttachmentKind, variant = 0): KitFile {
  const bytes = Uint8Array.from({ length: FILE_BYTES }, (_, index) => (index * 7 + kind.length + variant) % 256);
  const named = kind === 'file' ? { filename: 'kit-bill.pdf' } : {};
  return { kind, bytes, mimeType: mimeTypes[kind], ...named };
}

export async function bytesOf(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Uint8Array.from(Buffer.concat(chunks));
}
