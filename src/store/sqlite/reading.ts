import { toTimestamp } from '../../core/clock.ts';
import type { ConversationStore, ReadOutcome } from '../../engine/ports/index.ts';
import { findByChat, toChat } from './chats.ts';
import type { ConversationRow } from './conversation-table.ts';
import { toReference } from './message-table.ts';
import type { StoreParts } from './parts.ts';
import { findTarget } from './targets.ts';

/** The read position of conversations. */
export function readingOperations(parts: StoreParts): Pick<ConversationStore, 'markRead' | 'markReadByNetwork'> {
  const { conversations, write } = parts;
  const typeAt = parts.database.prepare<[string, number], { type: string }>(
    'SELECT type FROM events WHERE conversation_id = ? AND seq = ?',
  );
  const isReading = (conversationId: string, seq: number): boolean =>
    typeAt.get(conversationId, seq)?.type === 'conversation.read';
  return {
    markRead: (id, seq, property, at) =>
      write(() => {
        const row = conversations.require(id, property);
        return moveTo(parts, isReading, row, seq ?? row.conversation.lastSeq, at);
      }),
    markReadByNetwork: (sessionId, chat, upTo, at) =>
      write(() => {
        const row = findByChat(parts, sessionId, chat);
        const target = findTarget(parts, { sessionId, chat, networkId: upTo.networkId });
        if (row === undefined || target?.message.conversationId !== row.conversation.id) return;
        moveTo(parts, isReading, row, target.message.seq, at);
      }),
  };
}

function moveTo(
  parts: StoreParts,
  isReading: (conversationId: string, seq: number) => boolean,
  row: ConversationRow,
  seq: number,
  at: number,
): ReadOutcome {
  const { conversation } = row;
  const before = conversation.lastReadSeq;
  let upTo = Math.min(seq, conversation.lastSeq);
  // The event of an earlier reading is itself nothing to be read: asking twice moves nothing.
  while (upTo > before && isReading(conversation.id, upTo)) upTo -= 1;
  const read = upTo > before ? parts.messages.inboundBetween(conversation.id, before, upTo) : [];
  const readAt = toTimestamp(at);
  for (const { message } of read) parts.messages.save({ ...message, status: 'read', readAt });
  if (upTo > before) {
    conversation.lastReadSeq = upTo;
    conversation.unreadCount = Math.max(0, conversation.unreadCount - read.length);
    parts.threads.append(row, { type: 'conversation.read', at });
    parts.conversations.save(row);
  }
  return {
    conversation,
    sessionId: conversation.session,
    chat: toChat(parts, row),
    references: read.map(toReference),
  };
}
