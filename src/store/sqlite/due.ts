import type { Message } from '../../engine/model/message.ts';
import type { DueMessage, MessageStore } from '../../engine/ports/index.ts';
import { toChat } from './chats.ts';
import type { JsonOf } from './codec.ts';
import { decode } from './codec.ts';
import type { StoreParts } from './parts.ts';

const UNREAD_REFERENCES = 20; // enough for a read mark to look like a person's; older ones count as read with the newest

/** What is to be sent next. Reads only. */
export function dueOperations(parts: StoreParts): Pick<MessageStore, 'dueMessages' | 'nextDueAt'> {
  const { database, read } = parts;
  const due = database.prepare<[string, number, number], { conversation_id: string; object: JsonOf<Message> }>(
    `SELECT o.conversation_id, m.object
     FROM outbox o JOIN messages m ON m.id = o.message_id
     WHERE o.session_id = ? AND o.state = 'ready' AND o.due_at <= ?
       AND NOT EXISTS (SELECT 1 FROM outbox s WHERE s.conversation_id = o.conversation_id AND s.state = 'sending')
     ORDER BY o.urgency, o.position LIMIT ?`,
  );
  const next = database.prepare<[string], { due_at: number }>(
    `SELECT o.due_at FROM outbox o
     WHERE o.session_id = ? AND o.state = 'ready'
       AND NOT EXISTS (SELECT 1 FROM outbox s WHERE s.conversation_id = o.conversation_id AND s.state = 'sending')
     ORDER BY o.due_at LIMIT 1`,
  );
  const toDue = (row: { conversation_id: string; object: JsonOf<Message> }): DueMessage => {
    const thread = parts.conversations.require(row.conversation_id, null);
    const { id, lastReadSeq } = thread.conversation;
    const message = decode(row.object);
    return {
      message,
      chat: toChat(parts, thread, message.to),
      unreadReferences: parts.messages.unreadSince(id, lastReadSeq, UNREAD_REFERENCES),
      lastInboundAt: thread.lastInboundAt,
    };
  };
  return {
    dueMessages: (sessionId, now, limit) =>
      read(() => {
        const found: DueMessage[] = [];
        const seen = new Set<string>();
        // A conversation has one head, but scheduled messages stand beside the line: one conversation may show up twice.
        for (const row of due.iterate(sessionId, now, Number.MAX_SAFE_INTEGER)) {
          if (found.length === limit) break;
          if (seen.has(row.conversation_id)) continue;
          seen.add(row.conversation_id);
          found.push(toDue(row));
        }
        return found;
      }),
    nextDueAt: (sessionId) => read(() => next.get(sessionId)?.due_at ?? null),
  };
}
