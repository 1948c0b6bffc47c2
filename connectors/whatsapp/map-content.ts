import type { proto } from '@whiskeysockets/baileys';
import type { AttachmentKind, ContactCard, InboundContent } from '../../src/connector-api/index.ts';
import type { MediaSource } from './media-source.ts';

type Message = proto.IMessage;

/** What a message says, before its files are fetched. */
export type ContentDraft =
  | { readonly type: 'plain'; readonly content: Exclude<InboundContent, { type: 'media' }> }
  | { readonly type: 'media'; readonly body?: string; readonly source: MediaSource }
  /** Key shares, settings and other talk between devices; nobody is meant to read it. */
  | { readonly type: 'nothing' };

/** Wrappers whose inside is the message (Baileys `normalizeMessageContent`, and three more of the same shape). */
const WRAPPERS = [
  'ephemeralMessage',
  'viewOnceMessage',
  'viewOnceMessageV2',
  'viewOnceMessageV2Extension',
  'documentWithCaptionMessage',
  'editedMessage',
  'associatedChildMessage',
  'groupMentionedMessage',
  'lottieStickerMessage',
  'botInvokeMessage',
] as const satisfies readonly (keyof Message)[];
const DEEPEST_WRAPPING = 5;

/** Fields that accompany a message or serve the devices only. */
const SILENT_FIELDS: ReadonlySet<string> = new Set<keyof Message>([
  'senderKeyDistributionMessage',
  'fastRatchetKeySenderKeyDistributionMessage',
  'messageContextInfo',
  'protocolMessage',
  'keepInChatMessage',
  'pinInChatMessage',
  'stickerSyncRmrMessage',
  'albumMessage', // only announces pictures that come as messages of their own
  'messageHistoryBundle',
  'messageHistoryNotice',
]);

/** The innermost message, out of disappearing, view-once and similar wrappers. */
export function unwrapMessage(message: Message | null | undefined): Message | undefined {
  let current = message ?? undefined;
  for (let depth = 0; depth < DEEPEST_WRAPPING && current !== undefined; depth += 1) {
    const outer: Message = current;
    const wrapper = WRAPPERS.map((name) => outer[name]?.message).find((inner) => inner);
    if (wrapper === undefined || wrapper === null) return outer;
    current = wrapper;
  }
  return current;
}

/** The names of the fields that are set, e.g. `imageMessage`. The decoder writes lists that are empty; they are not set. */
export function fieldsOf(message: object): readonly string[] {
  return Object.entries(message)
    .filter(([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([name]) => name);
}

/** What a message says about the one that it answers. */
export function contextOf(message: proto.IMessage): proto.IContextInfo | undefined {
  for (const name of fieldsOf(message)) {
    const part: unknown = Reflect.get(message, name);
    if (typeof part === 'object' && part !== null && 'contextInfo' in part && part.contextInfo) {
      return part.contextInfo;
    }
  }
  return undefined;
}

/** proto.MessageAssociation.AssociationType.MEDIA_ALBUM, spelled out so that mapping needs no library at run time. */
const MEDIA_ALBUM = 1;

/** The album that a picture or film belongs to, by the id of the message that announced it. */
export function albumOf(message: Message): string | undefined {
  const association = message.messageContextInfo?.messageAssociation;
  const isAlbum = Number(association?.associationType) === MEDIA_ALBUM;
  return isAlbum ? given(association?.parentMessageKey?.id) : undefined;
}

/** Reads an unwrapped message. Pure. */
export function mapContent(message: Message): ContentDraft {
  const text = message.conversation ?? message.extendedTextMessage?.text;
  if (typeof text === 'string' && text !== '') return plain({ type: 'text', body: text });
  return mapMedia(message) ?? mapCard(message) ?? mapRest(message);
}

const plain = (content: Exclude<InboundContent, { type: 'media' }>): ContentDraft => ({ type: 'plain', content });

function mapRest(message: Message): ContentDraft {
  const loud = fieldsOf(message).find((name) => !SILENT_FIELDS.has(name) && !isEmptyText(message, name));
  return loud === undefined ? { type: 'nothing' } : plain({ type: 'unsupported', nativeKind: loud });
}

const isEmptyText = (message: Message, field: string): boolean =>
  field === 'conversation' && message.conversation === '';

function mapMedia(message: Message): ContentDraft | undefined {
  const { imageMessage: image, audioMessage: audio, documentMessage: document, stickerMessage: sticker } = message;
  const { videoMessage: video, ptvMessage: round } = message;
  if (image) return media('image', 'image', image, image.caption);
  if (video) return media('video', 'video', video, video.caption);
  if (round) return media('video_note', 'video', round);
  if (audio) return media(audio.ptt === true ? 'voice' : 'audio', 'audio', audio);
  if (document) return media('file', 'document', document, document.caption);
  if (sticker) return media('sticker', 'sticker', sticker);
  return undefined;
}

type MediaMessage = proto.Message.IImageMessage &
  Pick<proto.Message.IVideoMessage, 'seconds'> &
  Pick<proto.Message.IDocumentMessage, 'fileName' | 'title'>;

/** What senders leave out when they name no type. */
const DEFAULT_MIME_TYPES: Readonly<Record<AttachmentKind, string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  video_note: 'video/mp4',
  voice: 'audio/ogg; codecs=opus',
  audio: 'audio/mpeg',
  file: 'application/octet-stream',
  sticker: 'image/webp',
};

function media(
  kind: AttachmentKind,
  secretKind: MediaSource['secretKind'],
  file: MediaMessage,
  caption?: string | null,
): ContentDraft {
  const filename = given(file.fileName) ?? given(file.title);
  const durationMs = typeof file.seconds === 'number' && file.seconds > 0 ? file.seconds * 1000 : undefined;
  const body = given(caption);
  return {
    type: 'media',
    ...(body === undefined ? {} : { body }),
    source: {
      kind,
      secretKind,
      mimeType: given(file.mimetype) ?? DEFAULT_MIME_TYPES[kind],
      ...(filename === undefined ? {} : { filename }),
      ...(durationMs === undefined ? {} : { durationMs }),
      ...(file.width && file.height ? { width: file.width, height: file.height } : {}),
      ...(file.url ? { url: file.url } : {}),
      ...(file.directPath ? { directPath: file.directPath } : {}),
      ...(file.mediaKey?.length ? { mediaKey: file.mediaKey } : {}),
      ...(file.fileSha256?.length ? { sha256: file.fileSha256 } : {}),
      ...(file.fileEncSha256?.length ? { sealedSha256: file.fileEncSha256 } : {}),
    },
  };
}

function mapCard(message: Message): ContentDraft | undefined {
  const place = message.locationMessage ?? message.liveLocationMessage;
  if (place && typeof place.degreesLatitude === 'number' && typeof place.degreesLongitude === 'number') {
    const name = given(message.locationMessage?.name) ?? given(message.locationMessage?.address);
    const { degreesLatitude: latitude, degreesLongitude: longitude } = place;
    return plain({ type: 'location', location: { latitude, longitude, ...(name === undefined ? {} : { name }) } });
  }
  const cards = message.contactsArrayMessage?.contacts ?? (message.contactMessage ? [message.contactMessage] : []);
  if (cards.length > 0) return plain({ type: 'contacts', contacts: cards.map(readCard) });
  const poll =
    message.pollCreationMessage ??
    message.pollCreationMessageV2 ??
    message.pollCreationMessageV3 ??
    message.pollCreationMessageV5;
  if (!poll) return undefined;
  const options = (poll.options ?? []).map((option) => option.optionName ?? '');
  return plain({
    type: 'poll',
    poll: { question: poll.name ?? '', options, multiple: poll.selectableOptionsCount !== 1 },
  });
}

/** Numbers stand in `TEL` lines of the vCard, folded or grouped (`item1.TEL;waid=…:+49 151 …`). */
function readCard(card: proto.Message.IContactMessage): ContactCard {
  const lines = (card.vcard ?? '').replace(/\r?\n[ \t]/g, '').split(/\r?\n/);
  const phones = lines
    .map((line) => /^(?:[\w-]+\.)?TEL\b[^:]*:(.*)$/i.exec(line)?.[1]?.trim())
    .filter((phone): phone is string => phone !== undefined && phone !== '');
  const formatted = lines.map((line) => /^FN[^:]*:(.*)$/i.exec(line)?.[1]?.trim()).find((name) => name);
  return { name: given(card.displayName) ?? formatted ?? '', phones };
}

const given = (text: string | null | undefined): string | undefined => (text === '' ? undefined : (text ?? undefined));
