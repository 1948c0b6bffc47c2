import { z } from 'zod';
import type { AttachmentKind } from '../../src/connector-api/index.ts';
import type { JsonValue } from '../../src/core/json.ts';
import type { PendingFile } from './journal-entry.ts';
import { addressOf, readPeer } from './peers.ts';
import type { TlObject } from './tl.ts';
import { bytesAt, isSet, listAt, longAt, numberAt, objectAt, textAt, valuesAt } from './tl-fields.ts';

/** Where a file of a message lies, as the journal keeps it. Longs in decimal, bytes in base64. */
export const fileSource = z.object({
  type: z.enum(['photo', 'document']),
  id: z.string(),
  accessHash: z.string(),
  /** Grows old within hours; the message has a new one. */
  fileReference: z.string(),
  /** Of a photo: which of its sizes. */
  thumbSize: z.string(),
  dcId: z.number(),
  sizeBytes: z.number().exactOptional(),
  chat: z.string(),
  messageId: z.number(),
});
export type FileSource = z.infer<typeof fileSource>;

const MS_PER_SECOND = 1_000;

/** The file of a message's media; undefined where it has none (any longer). */
export function mapFile(media: TlObject, message: TlObject): PendingFile | undefined {
  const photo = objectAt(media, 'photo');
  if (media._ === 'messageMediaPhoto') return photo?._ === 'photo' ? mapPhoto(photo, message) : undefined;
  const document = objectAt(media, 'document');
  return media._ === 'messageMediaDocument' && document?._ === 'document' ? mapDocument(document, message) : undefined;
}

function mapPhoto(photo: TlObject, message: TlObject): PendingFile | undefined {
  const largest = listAt(photo, 'sizes')
    .filter((size) => numberAt(size, 'w') !== undefined && textAt(size, 'type') !== undefined)
    .sort((a, b) => (numberAt(b, 'w') ?? 0) - (numberAt(a, 'w') ?? 0))[0];
  if (largest === undefined) return undefined;
  const sizeBytes = numberAt(largest, 'size') ?? lastNumber(largest, 'sizes');
  const place = { type: 'photo', thumbSize: textAt(largest, 'type') ?? '' } as const;
  return {
    kind: 'image',
    mimeType: 'image/jpeg', // the only form in which Telegram keeps photos
    ...measures(largest),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    source: sourceOf(photo, message, place, sizeBytes),
  };
}

function mapDocument(document: TlObject, message: TlObject): PendingFile {
  const attributes = listAt(document, 'attributes');
  const find = (name: string): TlObject | undefined => attributes.find(({ _ }) => _ === `documentAttribute${name}`);
  const [audio, video, name] = [find('Audio'), find('Video'), find('Filename')];
  const timed = audio ?? video;
  const seconds = timed === undefined ? undefined : numberAt(timed, 'duration');
  const size = longAt(document, 'size');
  const sizeBytes = size === undefined ? undefined : Number(size);
  const filename = name === undefined ? undefined : textAt(name, 'fileName');
  return {
    kind: kindOf({
      audio,
      video,
      isSticker: find('Sticker') !== undefined,
      isAnimated: find('Animated') !== undefined,
    }),
    mimeType: textAt(document, 'mimeType') ?? 'application/octet-stream',
    ...(filename === undefined ? {} : { filename }),
    ...(seconds === undefined ? {} : { durationMs: Math.round(seconds * MS_PER_SECOND) }),
    ...measures(video ?? find('ImageSize')),
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    source: sourceOf(document, message, { type: 'document', thumbSize: '' }, sizeBytes),
  };
}

function kindOf(facts: {
  readonly audio: TlObject | undefined;
  readonly video: TlObject | undefined;
  readonly isSticker: boolean;
  readonly isAnimated: boolean;
}): AttachmentKind {
  const { audio, video, isSticker, isAnimated } = facts;
  if (isSticker) return 'sticker';
  if (video !== undefined) return isSet(video, 'roundMessage') ? 'video_note' : 'video';
  if (isAnimated) return 'video';
  if (audio !== undefined) return isSet(audio, 'voice') ? 'voice' : 'audio';
  return 'file';
}

function sourceOf(
  file: TlObject,
  message: TlObject,
  place: Pick<FileSource, 'type' | 'thumbSize'>,
  sizeBytes: number | undefined,
): JsonValue {
  const peer = readPeer(objectAt(message, 'peerId'));
  const source: FileSource = {
    ...place,
    id: String(longAt(file, 'id') ?? 0n),
    accessHash: String(longAt(file, 'accessHash') ?? 0n),
    fileReference: Buffer.from(bytesAt(file, 'fileReference') ?? []).toString('base64'),
    dcId: numberAt(file, 'dcId') ?? 0,
    chat: peer === undefined ? '' : addressOf(peer),
    messageId: numberAt(message, 'id') ?? 0,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
  };
  return source;
}

function measures(object: TlObject | undefined): Pick<PendingFile, 'width' | 'height'> {
  const width = object === undefined ? undefined : numberAt(object, 'w');
  const height = object === undefined ? undefined : numberAt(object, 'h');
  return width === undefined || height === undefined ? {} : { width, height };
}

/** A progressive photo tells how much is enough for each quality; the last is the whole. */
function lastNumber(object: TlObject, field: string): number | undefined {
  const last = valuesAt(object, field).at(-1);
  return typeof last === 'number' ? last : undefined;
}
