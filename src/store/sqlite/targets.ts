import type { Chat } from '../../connector-api/index.ts';
import { findByChat } from './chats.ts';
import type { MessageRow } from './message-table.ts';
import type { StoreParts } from './parts.ts';

/**
 * The message that a network names by chat and id. Ids are unique only within a chat, so the chat decides; a message that
 * stands in a thread which this chat's thread took over counts as well.
 */
export function findTarget(
  parts: StoreParts,
  target: { sessionId: string; chat: Chat; networkId: string },
): MessageRow | undefined {
  const candidates = parts.messages.byNetworkId(target.sessionId, target.networkId);
  if (candidates.length === 0) return undefined;
  const row = findByChat(parts, target.sessionId, target.chat);
  if (row === undefined) return undefined;
  const { id } = row.conversation;
  return candidates.find(({ message }) => {
    if (message.conversationId === id) return true;
    return parts.conversations.get(message.conversationId)?.supersededBy === id;
  });
}
