import { createHash } from 'node:crypto';
import type {
  ContactCard,
  Location,
  OutboundAttachment,
  OutboundContent,
  Poll,
  TextEntity,
} from '../../src/connector-api/index.ts';
import { mediaKindOf } from './map-outbound-file.ts';
import type { SentMark } from './sent-mark.ts';
import { digestOf } from './sent-mark.ts';
import type { TlObject } from './tl.ts';

/** One message of the network. */
export interface PlannedPart {
  readonly text: string;
  readonly entities?: readonly TextEntity[];
  /** A file to upload first. */
  readonly file?: OutboundAttachment;
  /** An `InputMedia` that needs no upload. */
  readonly media?: TlObject;
}

/** What goes out with one call: a message, or the messages of an album. */
export type PlannedCall = readonly [PlannedPart, ...PlannedPart[]];

const RANDOM_ID_BITS = 63;

/** The random id of each part is derived from the message's, so that a second attempt, also after a kill, repeats them all. */
export function partRandomId(message: bigint, index: number): bigint {
  if (index === 0) return message;
  const derived = createHash('sha256').update(`${message}/${index}`).digest().readBigUInt64BE();
  return BigInt.asUintN(RANDOM_ID_BITS, derived) || 1n; // Telegram takes 0 for "none"
}

/** The calls that say a content, in order. Pure. Telegram sends one contact a message, and puts no text under stickers and round films. */
export function planCalls(content: OutboundContent): readonly PlannedCall[] {
  switch (content.type) {
    case 'text':
      return [[withEntities(content.body, content.entities)]];
    case 'media':
      return planFiles(content.attachments, withEntities(content.body ?? '', content.entities));
    case 'location':
      return [[{ text: '', media: locationMedia(content.location) }]];
    case 'contacts':
      return content.contacts.map((card): PlannedCall => [{ text: '', media: contactMedia(card) }]);
    case 'poll':
      return [[{ text: '', media: pollMedia(content.poll) }]];
  }
}

/** What the part is known by again when the network shows it. */
export function markOf({ text, file, media }: PlannedPart): SentMark {
  const digest = digestOf(text);
  if (file !== undefined) {
    const { kind, isKept } = mediaKindOf(file);
    return { kind, digest, ...(isKept ? { sizeBytes: file.media.sizeBytes } : {}) };
  }
  // `inputMediaVenue` comes back as `messageMediaVenue`; a point has a name of its own.
  const kind =
    media === undefined ? 'text' : media._.replace(/^inputMedia/, 'messageMedia').replace(/GeoPoint$/, 'Geo');
  return { kind, digest };
}

type Caption = Pick<PlannedPart, 'text' | 'entities'>;

function withEntities(text: string, entities: readonly TextEntity[] | undefined): Caption {
  return { text, ...(entities === undefined || entities.length === 0 ? {} : { entities }) };
}

/** Files that stand beside one another and may share an album do; the caption is under the first that can carry one. */
function planFiles(files: readonly OutboundAttachment[], caption: Caption): readonly PlannedCall[] {
  const calls: [PlannedPart, ...PlannedPart[]][] = [];
  let album: string | undefined;
  let isCaptionPlaced = caption.text === '';
  for (const file of files) {
    const kind = mediaKindOf(file);
    const isCaption = !isCaptionPlaced && kind.hasCaption;
    const part: PlannedPart = { ...(isCaption ? caption : { text: '' }), file };
    isCaptionPlaced ||= isCaption;
    const last = calls.at(-1);
    if (last !== undefined && kind.album !== undefined && kind.album === album) last.push(part);
    else calls.push([part]);
    album = kind.album;
  }
  return isCaptionPlaced ? calls : [...calls, [caption]];
}

function locationMedia({ latitude, longitude, name }: Location): TlObject {
  const geoPoint: TlObject = { _: 'inputGeoPoint', lat: latitude, long: longitude };
  if (name === undefined) return { _: 'inputMediaGeoPoint', geoPoint };
  // Phones show the address under the name; the model has none, so the place itself stands there.
  const address = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return { _: 'inputMediaVenue', geoPoint, title: name, address, provider: '', venueId: '', venueType: '' };
}

function contactMedia({ name, phones }: ContactCard): TlObject {
  const vcard = phones.length > 1 ? toVcard(name, phones) : '';
  return { _: 'inputMediaContact', phoneNumber: phones[0] ?? '', firstName: name, lastName: '', vcard };
}

function toVcard(name: string, phones: readonly string[]): string {
  const plain = name.replaceAll(/[\\;,]/g, '\\$&').replaceAll(/\r?\n/g, '\\n');
  const lines = phones.map((phone) => `TEL;TYPE=cell:${phone.replaceAll(/[^\d+ ()-]/g, '')}`);
  return ['BEGIN:VCARD', 'VERSION:3.0', `FN:${plain}`, `N:;${plain};;;`, ...lines, 'END:VCARD'].join('\n');
}

/** Who voted is shown, as on the other channels: a hotel that asks wants to know who answered. */
function pollMedia({ question, options, multiple }: Poll): TlObject {
  const plain = (text: string): TlObject => ({ _: 'textWithEntities', text, entities: [] });
  const answers = options.map(
    (text, index): TlObject => ({ _: 'pollAnswer', text: plain(text), option: Uint8Array.of(index) }),
  );
  const choice = multiple ? { multipleChoice: true } : {};
  return {
    _: 'inputMediaPoll',
    poll: { _: 'poll', id: 0n, publicVoters: true, ...choice, question: plain(question), answers, hash: 0n },
  };
}
