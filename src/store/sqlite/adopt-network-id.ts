import { toTimestamp } from '../../core/clock.ts';
import type { Message } from '../../engine/model/message.ts';
import { saveWithEvent } from './message-events.ts';
import type { MessageRow } from './message-table.ts';
import type { StoreParts } from './parts.ts';
import { advance } from './progress.ts';

/**
 * The network gave a message of ours an id of its own: from now on it is known by that one alone. A row that has this id already
 * is not overwritten: where it is the echo of this very send, which came first as if the phone had said it, it is withdrawn and
 * what it had learned moves over; where it is anything else, this message keeps its id. Returns the message and how far the
 * echo had come. Never throws for a conflict.
 */
export function adoptNetworkId(parts: StoreParts, row: MessageRow, networkId: string, at: number): Message {
  const { message } = row;
  if (networkId === row.networkId) return message;
  const place = { session: message.session, message: message.id };
  const holder = holderOf(parts, message, networkId);
  if (holder !== undefined && !isEcho(holder)) {
    parts.log.error('the network gave a message an id that another message has; it keeps its own', {
      ...place,
      holder: holder.id,
    });
    return message;
  }
  const adopted: Message = { ...message, channelMessageId: networkId };
  if (holder === undefined) {
    parts.messages.rename(adopted, networkId);
    return adopted;
  }
  parts.log.warn('the echo of a send was stored before its outcome; the two are one now', {
    ...place,
    echo: holder.id,
  });
  parts.messages.makeUnknown(holder.id);
  if (holder.deletedAt === null) {
    saveWithEvent(parts, { ...holder, deletedAt: toTimestamp(at) }, 'message.deleted', at);
  }
  const { reactions, deletedAt, body, entities, editedAt, poll } = holder;
  const edit = editedAt === null ? {} : { body, entities, editedAt };
  const votes = message.poll === null || poll === null ? {} : { poll: { ...message.poll, votes: poll.votes } };
  const joined: Message = { ...adopted, reactions: [...message.reactions, ...reactions], deletedAt, ...edit, ...votes };
  parts.messages.rename(joined, networkId);
  return catchUp(parts, joined, holder);
}

function holderOf(parts: StoreParts, message: Message, networkId: string): Message | undefined {
  const thread = currentThread(parts, message.conversationId);
  return parts.messages
    .byNetworkId(message.session, networkId)
    .find((row) => currentThread(parts, row.message.conversationId) === thread)?.message;
}

function currentThread(parts: StoreParts, conversationId: string): string {
  return parts.conversations.get(conversationId)?.supersededBy ?? conversationId;
}

/** What came from the network as said by the account; messages of the API have an urgency. */
function isEcho(message: Message): boolean {
  return message.direction === 'outbound' && message.urgency === null;
}

function catchUp(parts: StoreParts, message: Message, echo: Message): Message {
  let caughtUp = message;
  for (const [status, at] of [
    ['sent', echo.sentAt],
    ['delivered', echo.deliveredAt],
    ['read', echo.readAt],
  ] as const) {
    if (at !== null) caughtUp = advance(parts, caughtUp, status, Date.parse(at)) ?? caughtUp;
  }
  return caughtUp;
}
