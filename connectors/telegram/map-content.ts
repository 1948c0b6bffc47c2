import type { ContactCard, InboundContent, Location } from '../../src/connector-api/index.ts';
import { phoneAddress } from './ids.ts';
import type { PendingFile } from './journal-entry.ts';
import { unavailable } from './journal-entry.ts';
import { mapFile } from './map-file.ts';
import { fullName } from './peer-record.ts';
import { isEntityMapped, readEntities } from './text-entities.ts';
import type { TlObject } from './tl.ts';
import { isSet, listAt, numberAt, objectAt, textAt } from './tl-fields.ts';

/** What a message says. `isWhole`: nothing of its media or formatting is left without a place. */
export interface ContentDraft {
  readonly content: InboundContent;
  readonly files: readonly PendingFile[];
  readonly isWhole: boolean;
}

/** Maps text, formatting and media of a `message`. Pure. */
export function mapContent(message: TlObject): ContentDraft {
  const media = objectAt(message, 'media');
  if (media === undefined) return mapText(message, true);
  switch (media._) {
    case 'messageMediaEmpty':
      return mapText(message, true);
    case 'messageMediaWebPage': // the network's own preview of a link that stands in the text
      return mapText(message, objectAt(media, 'webpage')?._ !== 'webPage');
    case 'messageMediaPhoto':
    case 'messageMediaDocument':
      return mapMedia(message, media);
    case 'messageMediaGeo':
    case 'messageMediaGeoLive':
    case 'messageMediaVenue': {
      const location = readLocation(media);
      if (location === undefined) return unsupported(message, media);
      return { content: { type: 'location', location }, files: [], isWhole: media._ === 'messageMediaGeo' };
    }
    case 'messageMediaContact':
      return { content: { type: 'contacts', contacts: [readContact(media)] }, files: [], isWhole: false };
    case 'messageMediaPoll':
      return mapPoll(message, media);
    default:
      return unsupported(message, media);
  }
}

/** The words of a message with their formatting. */
export function readWords(message: TlObject): Extract<InboundContent, { type: 'text' }> {
  const body = textAt(message, 'message') ?? '';
  const entities = readEntities(body, listAt(message, 'entities'));
  return { type: 'text', body, ...(entities.length === 0 ? {} : { entities }) };
}

function mapText(message: TlObject, isWhole: boolean): ContentDraft {
  const content = readWords(message);
  if (content.body === '') return { content: { type: 'unsupported', nativeKind: 'empty' }, files: [], isWhole: false };
  return { content, files: [], isWhole: isWhole && listAt(message, 'entities').every(isEntityMapped) };
}

function mapMedia(message: TlObject, media: TlObject): ContentDraft {
  const file = mapFile(media, message);
  const { body, entities } = readWords(message);
  const words = body === '' ? {} : { body, ...(entities === undefined ? {} : { entities }) };
  const isSecret = numberAt(media, 'ttlSeconds') !== undefined;
  if (file !== undefined) {
    const content = { type: 'media', ...words, attachments: [unavailable(file, 'not_fetched')] } as const;
    const isWhole = !isSecret && !isSet(media, 'spoiler') && listAt(message, 'entities').every(isEntityMapped);
    return { content, files: [file], isWhole };
  }
  // What was to be seen once was seen on the phone, or its time is over.
  const kind = media._ === 'messageMediaPhoto' ? 'image' : 'file';
  const gone = { kind, status: 'unavailable', mimeType: 'application/octet-stream', reason: 'gone' } as const;
  return { content: { type: 'media', ...words, attachments: [gone] }, files: [], isWhole: false };
}

function readLocation(media: TlObject): Location | undefined {
  const geo = objectAt(media, 'geo');
  const latitude = geo === undefined ? undefined : numberAt(geo, 'lat');
  const longitude = geo === undefined ? undefined : numberAt(geo, 'long');
  if (latitude === undefined || longitude === undefined) return undefined;
  const name = [textAt(media, 'title'), textAt(media, 'address')].filter((part) => part !== undefined).join(', ');
  return { latitude, longitude, ...(name === '' ? {} : { name }) };
}

function readContact(media: TlObject): ContactCard {
  const phone = textAt(media, 'phoneNumber');
  const name = fullName(textAt(media, 'firstName'), textAt(media, 'lastName'));
  return {
    name: name ?? phone ?? '',
    phones: phone === undefined ? [] : [phoneAddress(phone.replaceAll(/[^\d+]/g, ''))],
  };
}

function mapPoll(message: TlObject, media: TlObject): ContentDraft {
  const poll = objectAt(media, 'poll');
  const question = poll === undefined ? undefined : wordsOf(poll, 'question');
  if (poll === undefined || question === undefined) return unsupported(message, media);
  const options = listAt(poll, 'answers').map((answer) => wordsOf(answer, 'text') ?? '');
  const content = { type: 'poll', poll: { question, options, multiple: isSet(poll, 'multipleChoice') } } as const;
  return { content, files: [], isWhole: false };
}

/** `textWithEntities`, or the plain text that older layers have in its place. */
function wordsOf(object: TlObject, field: string): string | undefined {
  const rich = objectAt(object, field);
  return rich === undefined ? textAt(object, field) : textAt(rich, 'text');
}

/** Words that came with it are worth more than the note that something else did; that is in the raw form. */
function unsupported(message: TlObject, media: TlObject): ContentDraft {
  const content = readWords(message);
  if (content.body !== '') return { content, files: [], isWhole: false };
  return {
    content: { type: 'unsupported', nativeKind: nativeKindOf(media, 'messageMedia') },
    files: [],
    isWhole: false,
  };
}

/** `messageMediaDice` → `dice`. */
export function nativeKindOf(object: TlObject, prefix: string): string {
  const rest = object._.startsWith(prefix) ? object._.slice(prefix.length) : object._;
  return rest.charAt(0).toLowerCase() + rest.slice(1);
}
