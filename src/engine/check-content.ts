import type { Capabilities } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { attachmentKindOf } from './attachment-kind.ts';
import type { MessageRequest, MessageRequestAttachment } from './engine-api.ts';
import type { Media } from './model/access.ts';
import type { NewOutbound } from './ports/index.ts';

/** The part of a message that a guest sees, as it will be stored. */
export type CheckedContent = Pick<NewOutbound, 'body' | 'attachment' | 'location' | 'contacts' | 'poll'>;

/**
 * Exactly one content, with the body as caption of a file, and only what the chat can carry. Pure.
 * `media` is what the catalogue knows of the attachment; null = nothing. Throws a BellhopError that names the field.
 */
export function checkContent(
  request: MessageRequest,
  capabilities: Capabilities,
  media: Media | null | undefined,
): CheckedContent {
  const attachment = onlyAttachment(request);
  const extras = [attachment, request.location, request.contacts, request.poll].filter((part) => part !== undefined);
  if (extras.length > 1)
    throw new BellhopError('invalid_request', {
      detail:
        'A message carries one of attachments, location, contacts and poll; send the others as messages of their own.',
    });
  if (request.replyTo !== undefined && !capabilities.reply)
    throw new BellhopError('unsupported_content', { pointer: 'replyTo', detail: 'This channel knows no replies.' });
  if (attachment !== undefined) return checkAttachment(request, attachment, capabilities, media);
  if (extras.length === 1) return checkOther(request, capabilities);
  return { ...NOTHING, body: checkBody(request.body, capabilities) };
}

const NOTHING: CheckedContent = { body: null, attachment: null, location: null, contacts: null, poll: null };

function checkBody(body: string | undefined, capabilities: Capabilities): string {
  if (body === undefined || body.trim() === '') throw new BellhopError('empty_message', { pointer: 'body' });
  if (body.length > capabilities.maxTextLength) throw tooLong('body', body.length, capabilities.maxTextLength);
  return body;
}

function onlyAttachment(request: MessageRequest): MessageRequestAttachment | undefined {
  const [first, second] = request.attachments ?? [];
  if (second !== undefined)
    throw new BellhopError('unsupported_content', {
      pointer: 'attachments[1]',
      detail: 'One attachment a message: send a message for each file, e.g. with POST /v1/messages/batch.',
    });
  return first;
}

function checkAttachment(
  request: MessageRequest,
  attachment: MessageRequestAttachment,
  capabilities: Capabilities,
  media: Media | null | undefined,
): CheckedContent {
  const pointer = attachment.mediaId === undefined ? 'attachments[0].url' : 'attachments[0].mediaId';
  if (media === null || media === undefined) throw new BellhopError('media_not_found', { pointer });
  const kind = attachmentKindOf(media.mimeType, attachment.voice === true);
  if (kind === undefined)
    throw new BellhopError('unsupported_content', {
      pointer: 'attachments[0].voice',
      detail: 'Only a sound file can be a voice note.',
    });
  const room = capabilities.attachments[kind];
  if (room === undefined)
    throw new BellhopError('unsupported_content', {
      pointer: 'attachments[0]',
      detail: `This channel carries no attachment of the kind ${kind}.`,
    });
  if (media.sizeBytes > room.maxBytes)
    throw new BellhopError('media_too_large', {
      pointer,
      detail: `${media.sizeBytes} bytes; the channel takes ${room.maxBytes} for the kind ${kind}.`,
    });
  const caption = checkCaption(request.body, attachment.caption, capabilities);
  return {
    ...NOTHING,
    body: caption,
    attachment: { mediaId: media.id, kind, filename: attachment.filename ?? media.filename },
  };
}

function checkCaption(
  body: string | undefined,
  caption: string | undefined,
  capabilities: Capabilities,
): string | null {
  const text = nonBlank(caption) ?? nonBlank(body);
  if (nonBlank(caption) !== undefined && nonBlank(body) !== undefined && caption !== body)
    throw new BellhopError('invalid_request', {
      pointer: 'attachments[0].caption',
      detail: 'The body is the caption of the file: give one of them.',
    });
  if (text === undefined) return null;
  if (text.length > capabilities.maxCaptionLength)
    throw tooLong(
      caption === undefined ? 'body' : 'attachments[0].caption',
      text.length,
      capabilities.maxCaptionLength,
    );
  return text;
}

function checkOther(request: MessageRequest, capabilities: Capabilities): CheckedContent {
  if (nonBlank(request.body) !== undefined)
    throw new BellhopError('invalid_request', {
      pointer: 'body',
      detail: 'A location, contacts or a poll carries no text; send the text as a message of its own.',
    });
  for (const part of ['location', 'contacts', 'poll'] as const) {
    if (request[part] !== undefined && !capabilities[part])
      throw new BellhopError('unsupported_content', { pointer: part });
  }
  if (request.contacts?.length === 0) throw new BellhopError('empty_message', { pointer: 'contacts' });
  return {
    ...NOTHING,
    location: request.location ?? null,
    contacts: request.contacts ?? null,
    poll: request.poll ?? null,
  };
}

function nonBlank(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text;
}

function tooLong(pointer: string, length: number, limit: number): BellhopError {
  return new BellhopError('body_too_long', {
    pointer,
    detail: `${length} characters; the channel takes ${limit} here.`,
  });
}
