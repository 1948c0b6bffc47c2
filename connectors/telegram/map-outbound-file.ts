import type { OutboundAttachment } from '../../src/connector-api/index.ts';
import type { TlObject } from './tl.ts';

/** What the network makes of a file. */
export interface MediaKind {
  readonly kind: 'messageMediaPhoto' | 'messageMediaDocument';
  /** Files of one album name the same; undefined = stands alone. */
  readonly album: 'visual' | 'sound' | 'document' | undefined;
  readonly hasCaption: boolean;
  /** The network keeps the bytes as they are. */
  readonly isKept: boolean;
}

/** Types of picture that Telegram makes a photo of; others go as a file, whole. */
const PHOTO_TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/bmp']);
const GIF = 'image/gif';
/** The side of a round film as the apps record it. */
const ROUND_SIDE_PX = 384;
const STICKER_SIDE_PX = 512;

const bareType = (mimeType: string): string => mimeType.split(';')[0]?.trim().toLowerCase() ?? '';

const isPhoto = ({ kind, media }: OutboundAttachment): boolean =>
  kind === 'image' && PHOTO_TYPES.has(bareType(media.mimeType));

export function mediaKindOf(file: OutboundAttachment): MediaKind {
  if (isPhoto(file)) return { kind: 'messageMediaPhoto', album: 'visual', hasCaption: true, isKept: false };
  const document = { kind: 'messageMediaDocument', hasCaption: true, isKept: true } as const;
  switch (file.kind) {
    case 'image': {
      // An animation is made into a film without sound, which stands alone.
      const isAnimation = bareType(file.media.mimeType) === GIF;
      return { ...document, album: isAnimation ? undefined : 'document', isKept: !isAnimation };
    }
    case 'video':
      return { ...document, album: 'visual' };
    case 'audio':
      return { ...document, album: 'sound' };
    case 'file':
      return { ...document, album: 'document' };
    case 'voice':
      return { ...document, album: undefined };
    case 'sticker':
    case 'video_note':
      return { ...document, album: undefined, hasCaption: false };
  }
}

/** `InputMedia` for a file that was just uploaded. Sizes and durations that are not known are zero: the apps measure for themselves. */
export function uploadedMedia(attachment: OutboundAttachment, file: TlObject): TlObject {
  if (isPhoto(attachment)) return { _: 'inputMediaUploadedPhoto', file };
  const forced = attachment.kind === 'file' ? { forceFile: true } : {};
  return {
    _: 'inputMediaUploadedDocument',
    file,
    mimeType: mimeTypeOf(attachment),
    attributes: attributesOf(attachment),
    ...forced,
  };
}

/** The `InputMedia` of what `messages.uploadMedia` answered, which an album is made of; undefined when it is no file. */
export function storedMedia(answer: TlObject): TlObject | undefined {
  const { photo, document } = answer;
  if (answer._ === 'messageMediaPhoto' && isReference(photo)) {
    return { _: 'inputMediaPhoto', id: { ...referenceOf(photo), _: 'inputPhoto' } };
  }
  if (answer._ === 'messageMediaDocument' && isReference(document)) {
    return { _: 'inputMediaDocument', id: { ...referenceOf(document), _: 'inputDocument' } };
  }
  return undefined;
}

const isReference = (value: unknown): value is TlObject =>
  typeof value === 'object' && value !== null && 'accessHash' in value && 'fileReference' in value;

const referenceOf = ({ id, accessHash, fileReference }: TlObject): Omit<TlObject, '_'> => ({
  id,
  accessHash,
  fileReference,
});

/** Phones play a voice note only in this form; the bytes are the caller's business. */
function mimeTypeOf({ kind, media }: OutboundAttachment): string {
  return kind === 'voice' ? 'audio/ogg' : bareType(media.mimeType);
}

function attributesOf(attachment: OutboundAttachment): readonly TlObject[] {
  const { kind, media } = attachment;
  const name: TlObject = { _: 'documentAttributeFilename', fileName: fileNameOf(attachment) };
  switch (kind) {
    case 'image':
      return bareType(media.mimeType) === GIF ? [{ _: 'documentAttributeAnimated' }, name] : [name];
    case 'video':
      return [{ _: 'documentAttributeVideo', supportsStreaming: true, duration: 0, w: 0, h: 0 }, name];
    case 'video_note':
      return [{ _: 'documentAttributeVideo', roundMessage: true, duration: 0, w: ROUND_SIDE_PX, h: ROUND_SIDE_PX }];
    case 'voice':
      return [{ _: 'documentAttributeAudio', voice: true, duration: 0 }];
    case 'audio':
      return [{ _: 'documentAttributeAudio', duration: 0 }, name];
    case 'sticker':
      return [
        { _: 'documentAttributeImageSize', w: STICKER_SIDE_PX, h: STICKER_SIDE_PX },
        { _: 'documentAttributeSticker', alt: '', stickerset: { _: 'inputStickerSetEmpty' } },
        name,
      ];
    case 'file':
      return [name];
  }
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'application/pdf': 'pdf',
};

/** The name under which a file travels: the caller's, or one whose ending tells the server what it is. */
export function fileNameOf({ kind, media, filename }: OutboundAttachment): string {
  if (filename !== undefined && filename !== '') return filename;
  const extension = EXTENSIONS[bareType(media.mimeType)];
  return extension === undefined ? kind : `${kind}.${extension}`;
}
