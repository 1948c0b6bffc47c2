import type { AttachmentKind, Capabilities } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { attachmentKindOf } from './attachment-kind.ts';
import type { MessageRequestAttachment } from './engine-api.ts';
import type { Media } from './model/access.ts';
import type { NewOutbound } from './ports/index.ts';

type Attachments = NewOutbound['attachments'];

/**
 * As many files as the channel takes in one message, each of a kind and size that it carries. Pure.
 * `media` is what the catalogue knows of each, in the same order; null = nothing. Throws a BellhopError that names the field.
 */
export function checkAttachments(
  wanted: readonly MessageRequestAttachment[],
  capabilities: Capabilities,
  media: readonly (Media | null)[],
): Attachments {
  const { maxAttachments } = capabilities;
  if (wanted.length > maxAttachments) throw tooMany(maxAttachments);
  const files = wanted.map((attachment, index) => checkFile(attachment, index, capabilities, media[index] ?? null));
  checkAlbum(
    files.map(({ kind }) => kind),
    capabilities,
  );
  return files;
}

function tooMany(maxAttachments: number): BellhopError {
  if (maxAttachments === 0)
    return new BellhopError('unsupported_content', {
      pointer: 'attachments[0]',
      detail: 'This channel carries no attachments.',
    });
  const limit = maxAttachments === 1 ? 'One attachment' : `At most ${maxAttachments} attachments`;
  const several = maxAttachments === 1 ? 'a message for each file' : 'the others as messages of their own';
  return new BellhopError('unsupported_content', {
    pointer: `attachments[${maxAttachments}]`,
    detail: `${limit} a message: send ${several}, e.g. with POST /v1/messages/batch.`,
  });
}

function checkFile(
  attachment: MessageRequestAttachment,
  index: number,
  capabilities: Capabilities,
  media: Media | null,
): Attachments[number] {
  const place = `attachments[${index}]`;
  const pointer = `${place}.${attachment.mediaId === undefined ? 'url' : 'mediaId'}`;
  if (media === null) throw new BellhopError('media_not_found', { pointer });
  const kind = kindOf(attachment, media, place);
  const room = capabilities.attachments[kind];
  if (room === undefined)
    throw new BellhopError('unsupported_content', {
      pointer: place,
      detail: `This channel carries no attachment of the kind ${kind}.`,
    });
  if (media.sizeBytes > room.maxBytes)
    throw new BellhopError('media_too_large', {
      pointer,
      detail: `${media.sizeBytes} bytes; the channel takes ${room.maxBytes} for the kind ${kind}.`,
    });
  return { mediaId: media.id, kind, filename: attachment.filename ?? media.filename };
}

function kindOf({ voice, videoNote }: MessageRequestAttachment, media: Media, place: string): AttachmentKind {
  if (voice === true && videoNote === true)
    throw new BellhopError('invalid_request', {
      pointer: `${place}.videoNote`,
      detail: 'A file is a voice note or a video note, not both.',
    });
  if (videoNote === true) {
    const kind = attachmentKindOf(media.mimeType, 'video_note');
    if (kind !== undefined) return kind;
    throw new BellhopError('unsupported_content', {
      pointer: `${place}.videoNote`,
      detail: 'Only a film can be a video note.',
    });
  }
  const kind = attachmentKindOf(media.mimeType, voice === true ? 'voice' : undefined);
  if (kind !== undefined) return kind;
  throw new BellhopError('unsupported_content', {
    pointer: `${place}.voice`,
    detail: 'Only a sound file can be a voice note.',
  });
}

/** Networks show pictures and films together, but seldom a picture beside a song. */
function checkAlbum(kinds: readonly AttachmentKind[], { albumKinds }: Capabilities): void {
  if (kinds.length < 2 || albumKinds === undefined) return;
  if (albumKinds.some((group) => kinds.every((kind) => group.includes(kind)))) return;
  const groups = albumKinds.map((group) => group.join(' and ')).join('; ');
  throw new BellhopError('unsupported_content', {
    pointer: 'attachments',
    detail: `This channel does not put ${[...new Set(kinds)].join(' and ')} into one album. It groups ${groups}.`,
  });
}
