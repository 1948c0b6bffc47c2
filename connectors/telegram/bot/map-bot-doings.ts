import type { z } from 'zod';
import type { Address, ConnectorEvent } from '../../../src/connector-api/index.ts';
import { chatOfAddress, toAuthor, toChat, toPerson } from './bot-people.ts';
import type { BotCallback, botReaction, botVote } from './bot-schemas.ts';

const MS_PER_SECOND = 1_000;
/** What Telegram shows for a reaction that was paid for. */
const PAID_REACTION = '⭐';

/** A press has no message id; this tells it from the messages of the chat. */
export const pressId = (callbackId: string): string => `q${callbackId}`;

/** Maps the press of a button; undefined for one that is not of a message of ours. Pure. `now`: presses carry no time. */
export function mapPress(callback: BotCallback, now: number): ConnectorEvent | undefined {
  const { id, from, data, message } = callback;
  if (data === undefined || message === undefined) return undefined;
  const buttons = message.reply_markup?.inline_keyboard.flat() ?? [];
  const label = buttons.find((button) => button.callback_data === data)?.text ?? data;
  return {
    type: 'message',
    message: {
      networkId: pressId(id),
      chat: toChat(message.chat),
      sender: toPerson(from),
      direction: 'inbound',
      content: { type: 'button', buttonId: data, label },
      replyTo: { networkId: String(message.message_id) },
      sentAt: now,
    },
  };
}

/** Maps the reaction that somebody has on a message now; undefined for a picture that no text stands for. Pure. */
export function mapReaction(reaction: z.infer<typeof botReaction>): ConnectorEvent | undefined {
  const { chat, message_id: id, user, actor_chat: actor, date, new_reaction: given } = reaction;
  const signs = given.map(({ type, emoji }) => (type === 'paid' ? PAID_REACTION : emoji));
  const emoji = given.length === 0 ? '' : signs.findLast((sign) => sign !== undefined);
  if (emoji === undefined) return undefined;
  return {
    type: 'reaction',
    chat: toChat(chat),
    target: { networkId: String(id) },
    by: toAuthor(user, actor, chat),
    fromAccount: false,
    emoji,
    at: date * MS_PER_SECOND,
  };
}

/** Maps a vote in the poll that `asked` was. Pure. `now`: votes carry no time. */
export function mapVote(
  { user, voter_chat: group, option_ids: options }: z.infer<typeof botVote>,
  asked: { readonly chat: Address; readonly messageId: number },
  now: number,
): ConnectorEvent | undefined {
  const by = group === undefined ? user && toPerson(user) : toAuthor(user, group, group);
  if (by === undefined) return undefined;
  return {
    type: 'poll_vote',
    chat: chatOfAddress(asked.chat),
    target: { networkId: String(asked.messageId) },
    by,
    fromAccount: false,
    options,
    at: now,
  };
}
