import { z } from 'zod';
import type { AttachmentKind } from '../../../src/connector-api/index.ts';
import type { PendingFile } from '../journal-entry.ts';
import type { BotFile, BotMessage } from './bot-schemas.ts';

/** Where a file of a message lies, as the journal keeps it. Good for this bot only, and for as long as the message is there. */
export const botFileSource = z.object({ fileId: z.string() });

const MS_PER_SECOND = 1_000;

/** The fields of a message that are files, with what they are where the sender does not say. An animation is a document as well. */
const FIELDS = [
  ['animation', 'video', 'video/mp4'],
  ['video', 'video', 'video/mp4'],
  ['video_note', 'video_note', 'video/mp4'],
  ['voice', 'voice', 'audio/ogg'],
  ['audio', 'audio', 'audio/mpeg'],
  ['sticker', 'sticker', 'image/webp'],
  ['document', 'file', 'application/octet-stream'],
] as const satisfies readonly (readonly [keyof BotMessage, AttachmentKind, string])[];

/** The file of a message; undefined where it has none. Pure. */
export function mapBotFile(message: BotMessage): PendingFile | undefined {
  const largest = (message.photo ?? []).toSorted((one, other) => (other.width ?? 0) - (one.width ?? 0))[0];
  if (largest !== undefined) return toPending('image', largest, 'image/jpeg'); // the only form in which Telegram keeps photos
  for (const [field, kind, mimeType] of FIELDS) {
    const file = message[field];
    if (file !== undefined) return toPending(kind, file, file.mime_type ?? stickerType(file) ?? mimeType);
  }
  return undefined;
}

function toPending(kind: AttachmentKind, file: BotFile, mimeType: string): PendingFile {
  const { file_id: fileId, file_name: filename, file_size: sizeBytes, duration, length } = file;
  const width = file.width ?? length;
  const height = file.height ?? length;
  return {
    kind,
    mimeType,
    ...(filename === undefined ? {} : { filename }),
    ...(duration === undefined ? {} : { durationMs: Math.round(duration * MS_PER_SECOND) }),
    ...(width === undefined || height === undefined ? {} : { width, height }),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    source: { fileId },
  };
}

function stickerType({ is_animated: isAnimated, is_video: isVideo }: BotFile): string | undefined {
  if (isAnimated === true) return 'application/x-tgsticker';
  return isVideo === true ? 'video/webm' : undefined;
}
