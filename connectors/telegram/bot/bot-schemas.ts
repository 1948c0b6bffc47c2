import { z } from 'zod';

/*
 * What of the Bot API's objects is read (core.telegram.org/bots/api#available-types). Fields that are not named here are dropped; the
 * maps look at the answer itself for what they leave out.
 */

const count = z.number().exactOptional();
const text = z.string().exactOptional();

export const botUser = z.object({
  id: z.int(),
  is_bot: z.boolean().exactOptional(),
  first_name: text,
  last_name: text,
  username: text,
});
export type BotUser = z.infer<typeof botUser>;

export const botChat = z.object({
  id: z.int(),
  type: z.enum(['private', 'group', 'supergroup', 'channel']),
  title: text,
  username: text,
});
export type BotChat = z.infer<typeof botChat>;

export const botEntity = z.object({
  type: z.string(),
  offset: z.int(),
  length: z.int(),
  url: text,
  language: text,
  user: botUser.exactOptional(),
});
export type BotEntity = z.infer<typeof botEntity>;

const file = z.object({
  file_id: z.string(),
  file_size: count,
  file_name: text,
  mime_type: text,
  duration: count,
  width: count,
  height: count,
  /** Side of a round film. */
  length: count,
  is_animated: z.boolean().exactOptional(),
  is_video: z.boolean().exactOptional(),
});
export type BotFile = z.infer<typeof file>;

const location = z.object({ latitude: z.number(), longitude: z.number() });
const entities = z.array(botEntity).exactOptional();
const keyboard = z.object({
  inline_keyboard: z.array(z.array(z.object({ text: z.string(), callback_data: text }))),
});

/** What every message has. */
export const botFrame = z.object({
  message_id: z.int(),
  /** Epoch seconds. */
  date: z.int(),
  chat: botChat,
  from: botUser.exactOptional(),
  sender_chat: botChat.exactOptional(),
});
export type BotFrame = z.infer<typeof botFrame>;

export const botMessage = botFrame.extend({
  edit_date: count,
  text,
  entities,
  caption: text,
  caption_entities: entities,
  media_group_id: text,
  photo: z.array(file).exactOptional(),
  video: file.exactOptional(),
  animation: file.exactOptional(),
  video_note: file.exactOptional(),
  voice: file.exactOptional(),
  audio: file.exactOptional(),
  document: file.exactOptional(),
  sticker: file.exactOptional(),
  location: location.exactOptional(),
  venue: z.object({ location, title: text, address: text }).exactOptional(),
  contact: z.object({ phone_number: z.string(), first_name: text, last_name: text }).exactOptional(),
  poll: z
    .object({
      id: z.string(),
      question: z.string(),
      options: z.array(z.object({ text: z.string() })),
      allows_multiple_answers: z.boolean().exactOptional(),
    })
    .exactOptional(),
  reply_to_message: z.object({ message_id: z.int(), forum_topic_created: z.unknown().optional() }).exactOptional(),
  forward_origin: z.unknown().optional(),
  forward_date: z.unknown().optional(),
  new_chat_title: text,
  migrate_to_chat_id: z.int().exactOptional(),
});
export type BotMessage = z.infer<typeof botMessage>;

export const botCallback = z.object({
  id: z.string(),
  from: botUser,
  data: text,
  /** A message that is gone or old has date 0 and no keyboard. */
  message: z.object({ message_id: z.int(), chat: botChat, reply_markup: keyboard.exactOptional() }).exactOptional(),
});
export type BotCallback = z.infer<typeof botCallback>;

export const botReaction = z.object({
  chat: botChat,
  message_id: z.int(),
  user: botUser.exactOptional(),
  actor_chat: botChat.exactOptional(),
  date: z.int(),
  new_reaction: z.array(z.object({ type: z.string(), emoji: text })),
});

export const botVote = z.object({
  poll_id: z.string().regex(/^-?\d+$/),
  user: botUser.exactOptional(),
  voter_chat: botChat.exactOptional(),
  option_ids: z.array(z.int()),
});

export const botMembership = z.object({ chat: botChat, new_chat_member: z.object({ status: z.string() }) });

export const botUpdateId = z.object({ update_id: z.int() });

/** What a send answers with: a message, of which little is needed. */
export const botSent = z.object({
  message_id: z.int(),
  date: z.int(),
  poll: z.object({ id: z.string().regex(/^-?\d+$/) }).exactOptional(),
});
export type BotSent = z.infer<typeof botSent>;

export const botFilePlace = z.object({ file_path: text, file_size: count });
