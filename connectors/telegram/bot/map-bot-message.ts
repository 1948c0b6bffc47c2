import type { ConnectorEvent, InboundMessage, MessageReference } from '../../../src/connector-api/index.ts';
import type { JournalEntry } from '../journal-entry.ts';
import { toAuthor, toChat } from './bot-people.ts';
import type { BotFrame, BotMessage } from './bot-schemas.ts';
import { mapBotContent, readBotWords } from './map-bot-content.ts';

const MS_PER_SECOND = 1_000;

/** Fields of a message that have a place in the model, or say nothing about it. */
const MAPPED: ReadonlySet<string> = new Set(
  (
    'message_id message_thread_id from sender_chat sender_boost_count chat date edit_date text entities caption caption_entities ' +
    'photo video animation video_note voice audio document sticker location media_group_id reply_to_message is_topic_message ' +
    'has_protected_content link_preview_options show_caption_above_media author_signature sender_tag effect_id'
  ).split(' '),
);

/** Housekeeping of chats, which nobody says to anybody. */
const HOUSEKEEPING: readonly string[] = (
  'new_chat_members left_chat_member new_chat_participant left_chat_participant new_chat_photo delete_chat_photo group_chat_created ' +
  'supergroup_chat_created channel_chat_created message_auto_delete_timer_changed migrate_to_chat_id migrate_from_chat_id ' +
  'pinned_message forum_topic_created forum_topic_edited forum_topic_closed forum_topic_reopened general_forum_topic_hidden ' +
  'general_forum_topic_unhidden boost_added chat_background_set write_access_allowed video_chat_scheduled video_chat_started ' +
  'video_chat_ended video_chat_participants_invited chat_owner_left chat_owner_changed'
).split(' ');

/** Maps a message of a guest; an entry without events is one that says nothing. `raw` is the same message as it came. Pure. */
export function mapBotMessage(message: BotMessage, raw: Readonly<Record<string, unknown>>): JournalEntry {
  const frame = frameOf(message);
  if (message.new_chat_title !== undefined) {
    return entryOf({ type: 'chat_updated', chat: { ...frame.chat, title: message.new_chat_title } });
  }
  const draft = mapBotContent(message);
  if (draft === undefined) {
    if (HOUSEKEEPING.some((field) => field in raw)) return { events: [], files: [] };
    // Dice, games, gifts, payments: a person did something that staff would see in the app.
    const nativeKind = Object.keys(raw).find((field) => !MAPPED.has(field)) ?? 'empty';
    return entryOf(said(frame, raw, nativeKind));
  }
  const isWhole = draft.isWhole && Object.keys(raw).every((field) => MAPPED.has(field));
  const replyTo = readReply(message);
  const { media_group_id: albumId } = message;
  const isForwarded = message.forward_origin !== undefined || message.forward_date !== undefined;
  const whole: InboundMessage = {
    ...frame,
    content: draft.content,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(albumId === undefined ? {} : { albumId }),
    ...(isForwarded ? { forwarded: true } : {}),
    ...(isWhole ? {} : { raw: JSON.stringify(raw) }),
  };
  return { events: [{ type: 'message', message: whole }], files: draft.files };
}

/** What is left of a message whose fields are not what they should be. */
export function mapBotFrame(frame: BotFrame, raw: Readonly<Record<string, unknown>>): JournalEntry {
  return entryOf(said(frameOf(frame), raw, 'unmappable'));
}

/** Maps new words; without events where a place moved, or only a picture was exchanged for another kind. Pure. */
export function mapBotEdit(message: BotMessage): JournalEntry {
  const draft = mapBotContent(message);
  if (draft === undefined || (draft.content.type !== 'text' && draft.content.type !== 'media')) {
    return { events: [], files: [] };
  }
  const at = (message.edit_date ?? message.date) * MS_PER_SECOND;
  const target = { networkId: String(message.message_id) };
  return entryOf({ type: 'edited', chat: toChat(message.chat), target, ...readBotWords(message), at });
}

function frameOf({
  message_id: id,
  date,
  chat,
  from,
  sender_chat: senderChat,
}: BotFrame): Omit<InboundMessage, 'content'> {
  return {
    networkId: String(id),
    chat: toChat(chat),
    sender: toAuthor(from, senderChat, chat),
    direction: 'inbound',
    sentAt: date * MS_PER_SECOND,
  };
}

function said(frame: Omit<InboundMessage, 'content'>, raw: unknown, nativeKind: string): ConnectorEvent {
  return {
    type: 'message',
    message: { ...frame, content: { type: 'unsupported', nativeKind }, raw: JSON.stringify(raw) },
  };
}

/** In a forum each message answers the topic itself, which is no answer to anything. */
function readReply({ reply_to_message: replied }: BotMessage): MessageReference | undefined {
  if (replied === undefined || replied.forum_topic_created !== undefined) return undefined;
  return { networkId: String(replied.message_id) };
}

const entryOf = (event: ConnectorEvent): JournalEntry => ({ events: [event], files: [] });
