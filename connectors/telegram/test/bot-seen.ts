import type { AttachmentKind, Button, TextEntity } from '../../../src/connector-api/index.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { KitFile, Seen } from '../../../test/contract/connector-contract-harness.ts';
import type { Fields } from './bot-server.ts';
import type { TakenCall } from './bot-town.ts';

const KINDS: Readonly<Record<string, AttachmentKind>> = {
  photo: 'image',
  animation: 'video',
  video: 'video',
  video_note: 'video_note',
  voice: 'voice',
  audio: 'audio',
  document: 'file',
  sticker: 'sticker',
};

/** What a call of a bot shows to whoever is in its chat. */
export function seenOf(call: TakenCall): readonly Seen[] {
  const { method, fields, messageIds } = call;
  const networkId = String(messageIds[0] ?? '');
  const target = JSON.stringify(fields['message_id'] ?? '');
  switch (method) {
    case 'sendMessage':
      return [
        {
          type: 'text',
          networkId,
          body: String(fields['text']),
          ...replyOf(fields),
          ...styleOf(fields),
          ...buttonsOf(fields),
        },
      ];
    case 'editMessageText':
      return [{ type: 'edited', target, body: String(fields['text']) }];
    case 'deleteMessage':
      return [{ type: 'deleted', target }];
    case 'setMessageReaction': {
      const [given] = records(fields['reaction']);
      const emoji = given?.['emoji'];
      return [{ type: 'reaction', target, emoji: typeof emoji === 'string' ? emoji : '' }];
    }
    case 'sendChatAction':
      return [{ type: 'typing', on: true }];
    case 'sendLocation':
    case 'sendVenue': {
      const place = { latitude: Number(fields['latitude']), longitude: Number(fields['longitude']) };
      const title = fields['title'];
      return [
        { type: 'location', networkId, location: { ...place, ...(typeof title === 'string' ? { name: title } : {}) } },
      ];
    }
    case 'sendContact':
      return [{ type: 'contacts', networkId, names: [String(fields['first_name'])] }];
    case 'sendPoll': {
      const options = records(fields['options']).map(({ text }) => String(text));
      return [{ type: 'poll', networkId, poll: { question: String(fields['question']), options } }];
    }
    case 'sendMediaGroup': {
      const items = records(fields['media']);
      const files = items.map((item) => fileOf(call, String(item['type']), item['media'], item['caption']));
      const body = files.map((file) => file.body).find((caption) => caption !== undefined);
      return [{ type: 'album', networkId, files, ...(body === undefined ? {} : { body }) }];
    }
    default: {
      const field = Object.keys(KINDS).find((name) => name in fields);
      if (field === undefined) return [];
      return [{ type: 'media', networkId, ...fileOf(call, field, fields[field], fields['caption']) }];
    }
  }
}

function fileOf({ files }: TakenCall, form: string, place: unknown, caption: unknown): KitFile {
  const part = files.get(String(place).replace(/^attach:\/\//, ''));
  const kind = KINDS[form];
  if (part === undefined || kind === undefined) throw new Error('the file did not come with the call');
  const body = typeof caption === 'string' ? { body: caption } : {};
  return { kind, bytes: part.bytes, mimeType: '', filename: part.filename, ...body };
}

function replyOf({ reply_parameters: reply }: Fields): { readonly replyTo?: string } {
  return isRecord(reply) ? { replyTo: String(reply['message_id']) } : {};
}

function styleOf({ entities }: Fields): { readonly entities?: readonly TextEntity[] } {
  const read = records(entities).map((entity): TextEntity => {
    const { type, offset, length, url } = entity;
    const kind = type === 'text_link' ? 'link' : type;
    if (kind !== 'link' && kind !== 'bold' && kind !== 'italic') throw new Error('the kit has no such style');
    return { type: kind, offset: Number(offset), length: Number(length), ...(typeof url === 'string' ? { url } : {}) };
  });
  return read.length === 0 ? {} : { entities: read };
}

function buttonsOf({ reply_markup: markup }: Fields): { readonly buttons?: readonly Button[] } {
  if (!isRecord(markup) || !Array.isArray(markup['inline_keyboard'])) return {};
  const buttons = records(markup['inline_keyboard'].flat());
  return { buttons: buttons.map(({ text, callback_data: id }) => ({ id: String(id), label: String(text) })) };
}

const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isRecord) : []);
