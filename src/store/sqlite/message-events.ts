import type { EventType } from '../../engine/model/event.ts';
import type { Message } from '../../engine/model/message.ts';
import type { StoreParts } from './parts.ts';

/** Writes the message as it now is and the event that tells it, with the next seq of its conversation. */
export function saveWithEvent(parts: StoreParts, message: Message, type: EventType, at: number): Message {
  const messageJson = parts.messages.save(message);
  const row = parts.conversations.require(message.conversationId, null);
  parts.threads.appendAbout(row, { type, at, messageJson, guestId: message.guestId });
  parts.conversations.save(row);
  return message;
}
