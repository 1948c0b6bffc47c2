import type { Conversation } from '../../engine/model/conversation.ts';
import type { ConversationStore, NewConversation } from '../../engine/ports/index.ts';
import { findByChat, toChat } from './chats.ts';
import { conversationLists } from './conversation-lists.ts';
import type { EventRow } from './event-log.ts';
import { EVENT_COLUMNS, toEnvelope } from './event-log.ts';
import type { StoreParts } from './parts.ts';

type Conversations = Pick<
  ConversationStore,
  'createConversation' | 'getConversation' | 'listConversations' | 'listConversationEvents' | 'updateChat' | 'chatOf'
>;

/** Conversations and their events. */
export function conversationOperations(parts: StoreParts): Conversations {
  const { database, conversations, read, write } = parts;
  const list = conversationLists(parts);
  const range = database.prepare<[string, number, number, number], EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events e WHERE e.conversation_id = ? AND e.seq >= ? AND e.seq <= ? ORDER BY e.seq LIMIT ?`,
  );
  return {
    createConversation: (input) => write(() => create(parts, input)),
    getConversation: (id, property) =>
      read(() => {
        const conversation = conversations.get(id)?.conversation;
        if (conversation === undefined || (property !== null && conversation.property !== property)) return null;
        return conversation;
      }),
    listConversations: (filter, page) => read(() => list(filter, page)),
    listConversationEvents: (id, { fromSeq, toSeq, limit }, property) =>
      read(() => {
        conversations.require(id, property);
        return range.all(id, fromSeq, toSeq ?? Number.MAX_SAFE_INTEGER, limit).map(toEnvelope);
      }),
    updateChat: (sessionId, chat, at) =>
      write(() => {
        const row = findByChat(parts, sessionId, chat);
        if (row === undefined) return;
        const { property, channel } = row.conversation;
        if (chat.kind === 'direct') {
          parts.directory.recognise({ property, channel, addresses: chat.addresses, displayName: undefined, at });
          return;
        }
        if (chat.title === undefined || chat.title === row.conversation.title) return;
        row.conversation.title = chat.title;
        parts.threads.append(row, { type: 'conversation.updated', at });
        conversations.save(row);
      }),
    chatOf: (conversationId, property) =>
      read(() => {
        const row = conversations.get(conversationId);
        if (row === undefined || (property !== null && row.conversation.property !== property)) return null;
        return { sessionId: row.conversation.session, chat: toChat(parts, row) };
      }),
  };
}

function create(parts: StoreParts, input: NewConversation): { conversation: Conversation; created: boolean } {
  const { property, channel, sessionId, kind, address, title } = input;
  parts.sessions.require(sessionId);
  const at = parts.clock.now();
  const place = { property, channel, sessionId, address, title, at };
  const guest =
    kind === 'group'
      ? null
      : parts.directory.resolve({ property, channel, addresses: [address], displayName: undefined, at });
  const present =
    guest === null
      ? parts.conversations.findGroup(sessionId, address)
      : parts.conversations.findDirect(sessionId, guest.guest.id);
  if (present !== undefined) return { conversation: present.conversation, created: false };
  const row = parts.threads.create({ ...place, guest });
  parts.conversations.save(row);
  return { conversation: row.conversation, created: true };
}
