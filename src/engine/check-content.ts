import type { Capabilities } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { checkAttachments } from './check-attachments.ts';
import { checkButtons, checkEntities } from './check-text.ts';
import type { MessageRequest, MessageRequestAttachment } from './engine-api.ts';
import type { Media } from './model/access.ts';
import type { NewOutbound } from './ports/index.ts';

/** The part of a message that a guest sees, as it will be stored. */
export type CheckedContent = Pick<
  NewOutbound,
  'body' | 'entities' | 'buttons' | 'attachments' | 'location' | 'contacts' | 'poll'
>;

/**
 * Exactly one content, with the body as caption of a file, and only what the chat can carry. Pure.
 * `media` is what the catalogue knows of each attachment; null = nothing. Throws a BellhopError that names the field.
 */
export function checkContent(
  request: MessageRequest,
  capabilities: Capabilities,
  media: readonly (Media | null)[],
): CheckedContent {
  const attachments = request.attachments?.length === 0 ? undefined : request.attachments;
  const extras = [attachments, request.location, request.contacts, request.poll].filter((part) => part !== undefined);
  if (extras.length > 1)
    throw new BellhopError('invalid_request', {
      detail:
        'A message carries one of attachments, location, contacts and poll; send the others as messages of their own.',
    });
  if (request.replyTo !== undefined && !capabilities.reply)
    throw new BellhopError('unsupported_content', { pointer: 'replyTo', detail: 'This channel knows no replies.' });
  if (extras.length > 0 && request.buttons !== undefined && request.buttons.length > 0)
    throw new BellhopError('invalid_request', {
      pointer: 'buttons',
      detail: 'Buttons stand under a text, nothing else.',
    });
  if (attachments !== undefined) return checkMedia(request, attachments, capabilities, media);
  if (extras.length === 1) return checkOther(request, capabilities);
  const body = checkBody(request.body, capabilities);
  return {
    ...NOTHING,
    body,
    entities: checkEntities(request, body, capabilities),
    buttons: checkButtons(request, capabilities),
  };
}

const NOTHING: CheckedContent = {
  body: null,
  entities: [],
  buttons: [],
  attachments: [],
  location: null,
  contacts: null,
  poll: null,
};

function checkBody(body: string | undefined, capabilities: Capabilities): string {
  if (body === undefined || body.trim() === '') throw new BellhopError('empty_message', { pointer: 'body' });
  if (body.length > capabilities.maxTextLength) throw tooLong('body', body.length, capabilities.maxTextLength);
  return body;
}

function checkMedia(
  request: MessageRequest,
  wanted: readonly MessageRequestAttachment[],
  capabilities: Capabilities,
  media: readonly (Media | null)[],
): CheckedContent {
  const attachments = checkAttachments(wanted, capabilities, media);
  const body = checkCaption(request.body, wanted, capabilities);
  return { ...NOTHING, attachments, body, entities: checkEntities(request, body, capabilities) };
}

/** A message has one caption, whether it stands as its body or with one of its files. */
function checkCaption(
  body: string | undefined,
  wanted: readonly MessageRequestAttachment[],
  capabilities: Capabilities,
): string | null {
  const captions = wanted.map(({ caption }, index) => ({ text: caption, pointer: `attachments[${index}].caption` }));
  const given = [{ text: body, pointer: 'body' }, ...captions].flatMap(({ text, pointer }) =>
    text === undefined || text.trim() === '' ? [] : [{ text, pointer }],
  );
  const [first] = given;
  if (first === undefined) return null;
  const other = given.find(({ text }) => text !== first.text);
  if (other !== undefined)
    throw new BellhopError('invalid_request', {
      pointer: other.pointer,
      detail: 'A message has one caption, the body or the caption of a file: give one of them.',
    });
  const { text, pointer } = given.at(-1) ?? first;
  if (text.length > capabilities.maxCaptionLength) throw tooLong(pointer, text.length, capabilities.maxCaptionLength);
  return text;
}

function checkOther(request: MessageRequest, capabilities: Capabilities): CheckedContent {
  if (request.body !== undefined && request.body.trim() !== '')
    throw new BellhopError('invalid_request', {
      pointer: 'body',
      detail: 'A location, contacts or a poll carries no text; send the text as a message of its own.',
    });
  checkEntities(request, null, capabilities);
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

function tooLong(pointer: string, length: number, limit: number): BellhopError {
  return new BellhopError('body_too_long', {
    pointer,
    detail: `${length} characters; the channel takes ${limit} here.`,
  });
}
