import type { DueMessage, MessageStore } from '../../engine/ports/index.ts';
import { toChat } from './chats.ts';
import { toHold } from './limit-view.ts';
import { placeOf } from './limits.ts';
import type { StoreParts } from './parts.ts';

const UNREAD_REFERENCES = 20; // enough for a read mark to look like a person's; older ones count as read with the newest

/** Reads what a worker is handed of a queued message. */
export function dueReader(parts: StoreParts): (messageId: string, now: number) => DueMessage {
  return (messageId, now) => {
    const { message } = parts.messages.require(messageId, null);
    const thread = parts.conversations.require(message.conversationId, null);
    const { id, lastReadSeq } = thread.conversation;
    const limit = parts.limits.closing(placeOf(thread), now);
    return {
      message,
      chat: toChat(parts, thread, message.to),
      unreadReferences: parts.messages.unreadSince(id, lastReadSeq, UNREAD_REFERENCES),
      lastInboundAt: thread.lastInboundAt,
      hold: limit === undefined ? null : toHold(limit),
    };
  };
}

/** What is to be sent next. Reads only. */
export function dueOperations(
  parts: StoreParts,
  toDue: (messageId: string, now: number) => DueMessage,
): Pick<MessageStore, 'dueMessages' | 'nextDueAt'> {
  const { database, read } = parts;
  // The queue alone is sorted; messages are read only for what is taken.
  const due = database.prepare<[string, number], { message_id: string; conversation_id: string }>(
    `SELECT o.message_id, o.conversation_id FROM outbox o
     WHERE o.session_id = ? AND o.state = 'ready' AND o.due_at <= ?
       AND NOT EXISTS (SELECT 1 FROM outbox s WHERE s.conversation_id = o.conversation_id AND s.state = 'sending')
     ORDER BY o.urgency, o.position`,
  );
  const next = database.prepare<[string], { due_at: number }>(
    `SELECT o.due_at FROM outbox o
     WHERE o.session_id = ? AND o.state = 'ready'
       AND NOT EXISTS (SELECT 1 FROM outbox s WHERE s.conversation_id = o.conversation_id AND s.state = 'sending')
     ORDER BY o.due_at LIMIT 1`,
  );
  /** Until when the network lets the account send nothing; 0 = it may. */
  const closedUntil = (sessionId: string): number =>
    Math.max(0, ...parts.limits.of(sessionId).flatMap(({ scope, until }) => (scope === 'account' ? [until] : [])));
  return {
    dueMessages: (sessionId, now, limit) =>
      read(() => {
        const found: DueMessage[] = [];
        if (closedUntil(sessionId) > now) return found;
        const seen = new Set<string>();
        // A conversation has one head, but scheduled messages stand beside the line: one conversation may show up twice.
        for (const row of due.iterate(sessionId, now)) {
          if (found.length === limit) break;
          if (seen.has(row.conversation_id)) continue;
          seen.add(row.conversation_id);
          found.push(toDue(row.message_id, now));
        }
        return found;
      }),
    nextDueAt: (sessionId) =>
      read(() => {
        const dueAt = next.get(sessionId)?.due_at;
        return dueAt === undefined ? null : Math.max(dueAt, closedUntil(sessionId));
      }),
  };
}
