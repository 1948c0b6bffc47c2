import type { InboundContent, TextEntity } from '../../../src/connector-api/index.ts';
import { phoneAddress } from '../ids.ts';
import type { PendingFile } from '../journal-entry.ts';
import { unavailable } from '../journal-entry.ts';
import { fullName } from '../peer-record.ts';
import { isBotEntityMapped, readBotEntities } from './bot-entities.ts';
import type { BotMessage } from './bot-schemas.ts';
import { mapBotFile } from './map-bot-file.ts';

/** What a message says. `isWhole`: nothing of its content is left without a place. */
export interface BotDraft {
  readonly content: InboundContent;
  readonly files: readonly PendingFile[];
  readonly isWhole: boolean;
}

/** The words of a message, or those under its file. */
export function readBotWords(message: BotMessage): {
  readonly body: string;
  readonly entities?: readonly TextEntity[];
} {
  const body = message.text ?? message.caption ?? '';
  const entities = readBotEntities(body, message.entities ?? message.caption_entities ?? []);
  return { body, ...(entities.length === 0 ? {} : { entities }) };
}

/** Maps what a message says; undefined where it is nothing that is read here. Pure. */
export function mapBotContent(message: BotMessage): BotDraft | undefined {
  const { text, venue, location, contact, poll } = message;
  const file = mapBotFile(message);
  const isStyledWhole = (message.entities ?? message.caption_entities ?? []).every(isBotEntityMapped);
  if (text !== undefined) {
    return { content: { type: 'text', ...readBotWords(message) }, files: [], isWhole: isStyledWhole };
  }
  if (file !== undefined) {
    const words = message.caption === undefined ? {} : readBotWords(message);
    const content = { type: 'media', ...words, attachments: [unavailable(file, 'not_fetched')] } as const;
    return { content, files: [file], isWhole: isStyledWhole };
  }
  if (venue !== undefined) {
    const name = [venue.title, venue.address].filter((part) => part !== undefined && part !== '').join(', ');
    return toDraft({ type: 'location', location: { ...venue.location, ...(name === '' ? {} : { name }) } });
  }
  if (location !== undefined) return toDraft({ type: 'location', location });
  if (contact !== undefined) {
    const digits = contact.phone_number.replaceAll(/[^\d+]/g, '');
    const name = fullName(contact.first_name, contact.last_name) ?? contact.phone_number;
    return toDraft({ type: 'contacts', contacts: [{ name, phones: digits === '' ? [] : [phoneAddress(digits)] }] });
  }
  if (poll !== undefined) {
    const { question, allows_multiple_answers: multiple = false } = poll;
    return toDraft({ type: 'poll', poll: { question, options: poll.options.map((option) => option.text), multiple } });
  }
  return undefined;
}

/** Places move, cards carry more than a number, polls end: the message is kept as it came, beside what is read of it. */
const toDraft = (content: InboundContent): BotDraft => ({ content, files: [], isWhole: false });
