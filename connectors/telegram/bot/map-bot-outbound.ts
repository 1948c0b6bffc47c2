import type { Button, MediaRef, OutboundAttachment, OutboundContent } from '../../../src/connector-api/index.ts';
import type { PlannedCall, PlannedPart } from '../map-outbound.ts';
import { planCalls } from '../map-outbound.ts';
import { fileNameOf, mediaKindOf } from '../map-outbound-file.ts';
import { textAt } from '../tl-fields.ts';
import type { BotMethod, BotPayload } from './bot-api.ts';
import { OutgoingFile } from './bot-api.ts';
import { writeBotEntities } from './bot-entities.ts';

/** One call that says something, without the chat that it goes to. */
export interface BotCall {
  readonly method: BotMethod;
  readonly payload: BotPayload;
  /** Of its files. */
  readonly sizeBytes: number;
  /** Under its text. */
  readonly buttons?: readonly Button[];
}

/** Opens a file of the media store; called when its bytes are due. */
export type OpenFile = (ref: MediaRef) => AsyncIterable<Uint8Array>;

/**
 * The calls that say a content, in order: the same messages as a person's account would send (which files make an album, where the caption
 * stands), in the words of the Bot API. Pure but for `open`, which nothing calls yet.
 */
export function planBotCalls(content: OutboundContent, open: OpenFile): readonly BotCall[] {
  switch (content.type) {
    case 'text': {
      const { body: text, entities, buttons } = content;
      const words = { text, ...entitiesOf('entities', entities) };
      if (buttons === undefined) return [bare('sendMessage', words)];
      return [{ ...bare('sendMessage', { ...words, reply_markup: keyboardOf(buttons) }), buttons }];
    }
    case 'location': {
      const { latitude, longitude, name } = content.location;
      if (name === undefined) return [bare('sendLocation', { latitude, longitude })];
      // Phones show the address under the name; the model has none, so the place itself stands there.
      const address = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
      return [bare('sendVenue', { latitude, longitude, title: name, address })];
    }
    case 'poll': {
      const { question, multiple } = content.poll;
      const options = content.poll.options.map((text) => ({ text }));
      // Who voted is shown, as on the other channels, and only then the bot is told.
      return [bare('sendPoll', { question, options, is_anonymous: false, allows_multiple_answers: multiple })];
    }
    case 'contacts':
    case 'media':
      return planCalls(content).map((call) => toCall(call, open));
  }
}

function toCall([first, ...others]: PlannedCall, open: OpenFile): BotCall {
  if (others.length > 0) {
    const all = [first, ...others];
    const media = all.map((part) => albumItem(part, open));
    return {
      method: 'sendMediaGroup',
      payload: { media },
      sizeBytes: all.reduce((sum, part) => sum + sizeOf(part), 0),
    };
  }
  const { file, media, text, entities } = first;
  if (file !== undefined) return fileCall(first, file, open);
  if (media !== undefined) return bare('sendContact', contactFields(first));
  return bare('sendMessage', { text, ...entitiesOf('entities', entities) });
}

function fileCall(part: PlannedPart, file: OutboundAttachment, open: OpenFile): BotCall {
  const [method, field] = METHODS[formOf(file)];
  const form = formOf(file) === 'document' ? { disable_content_type_detection: true } : {};
  const payload = { [field]: outgoing(file, open), ...captionOf(part), ...form };
  return { method, payload, sizeBytes: file.media.sizeBytes };
}

function albumItem(part: PlannedPart, open: OpenFile): BotPayload {
  const { file } = part;
  if (file === undefined) throw new TypeError('an album is made of files');
  return { type: formOf(file), media: outgoing(file, open), ...captionOf(part) };
}

type Form = 'photo' | 'video' | 'animation' | 'video_note' | 'voice' | 'audio' | 'document' | 'sticker';

const METHODS: Readonly<Record<Form, readonly [BotMethod, string]>> = {
  photo: ['sendPhoto', 'photo'],
  video: ['sendVideo', 'video'],
  animation: ['sendAnimation', 'animation'],
  video_note: ['sendVideoNote', 'video_note'],
  voice: ['sendVoice', 'voice'],
  audio: ['sendAudio', 'audio'],
  document: ['sendDocument', 'document'],
  sticker: ['sendSticker', 'sticker'],
};

/** What Telegram makes of a file, in the words of the Bot API. */
function formOf(file: OutboundAttachment): Form {
  const { kind, album } = mediaKindOf(file);
  if (kind === 'messageMediaPhoto') return 'photo';
  if (file.kind === 'image') return album === undefined ? 'animation' : 'document';
  return file.kind === 'file' ? 'document' : file.kind;
}

function contactFields({ media }: PlannedPart): BotPayload {
  if (media === undefined) return {};
  const vcard = textAt(media, 'vcard');
  return {
    phone_number: textAt(media, 'phoneNumber') ?? '',
    first_name: textAt(media, 'firstName') ?? '',
    ...(vcard === undefined ? {} : { vcard }),
  };
}

/** One a row: a label of a hotel's is a sentence rather than a word. */
export function keyboardOf(buttons: readonly Button[]): BotPayload {
  return { inline_keyboard: buttons.map(({ id, label }) => [{ text: label, callback_data: id }]) };
}

function captionOf({ text, entities }: PlannedPart): BotPayload {
  return text === '' ? {} : { caption: text, ...entitiesOf('caption_entities', entities) };
}

function entitiesOf(field: string, entities: PlannedPart['entities']): BotPayload {
  const written = writeBotEntities(entities ?? []);
  return written.length === 0 ? {} : { [field]: written };
}

const outgoing = (file: OutboundAttachment, open: OpenFile): OutgoingFile =>
  new OutgoingFile(fileNameOf(file), () => open(file.media));

const sizeOf = ({ file }: PlannedPart): number => file?.media.sizeBytes ?? 0;

const bare = (method: BotMethod, payload: BotPayload): BotCall => ({ method, payload, sizeBytes: 0 });
