import type { EventType } from '../../engine/model/event.ts';
import type { Message, MessageRelease } from '../../engine/model/message.ts';
import { withHold } from './held-by.ts';
import type { StoreParts } from './parts.ts';

/** Writes the message as it now is and the event that tells it, with the next seq of its conversation. */
export function saveWithEvent(parts: StoreParts, message: Message, type: EventType, at: number): Message {
  const messageJson = parts.messages.save(message);
  const row = parts.conversations.require(message.conversationId, null);
  parts.threads.appendAbout(row, { type, at, messageJson, guestId: message.guestId });
  parts.conversations.save(row);
  return message;
}

/** The event that says who let it go; the message itself stays as it is. */
export function tellRelease(parts: StoreParts, message: Message, release: MessageRelease): void {
  const at = Date.parse(release.at);
  const messageJson = JSON.stringify(withHold(parts, message));
  const row = parts.conversations.require(message.conversationId, null);
  const about = { type: 'message.released', at, messageJson, guestId: message.guestId } as const;
  parts.threads.appendAbout(row, { ...about, releaseJson: JSON.stringify(release) });
  parts.conversations.save(row);
}
