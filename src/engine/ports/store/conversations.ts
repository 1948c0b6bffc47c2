import type { Chat, MessageReference } from '../../../connector-api/index.ts';
import type { Conversation, Guest } from '../../model/conversation.ts';
import type { EventEnvelope } from '../../model/event.ts';
import type { Page, PageQuery, PropertyFilter } from './common.ts';

export interface ConversationFilter {
  readonly property: PropertyFilter;
  readonly channel?: string;
  readonly session?: string;
  readonly guestId?: string;
  readonly unread?: boolean;
  /** Part of the title, a guest's name or an address. */
  readonly q?: string;
}

export interface NewConversation {
  readonly property: string;
  readonly channel: string;
  readonly sessionId: string;
  readonly kind: 'direct' | 'group';
  readonly address: string;
  readonly title: string | null;
}

export interface ReadOutcome {
  readonly conversation: Conversation;
  readonly sessionId: string;
  readonly chat: Chat;
  /** Messages of guests that were unread and are to be marked on the network. */
  readonly references: readonly MessageReference[];
}

export interface ConversationStore {
  /** Returns the one that exists for the same session and participants; a direct conversation is always distinct. */
  createConversation(input: NewConversation): Promise<{ conversation: Conversation; created: boolean }>;
  getConversation(id: string, property: PropertyFilter): Promise<Conversation | null>;
  /** Newest activity first. */
  listConversations(filter: ConversationFilter, page: PageQuery): Promise<Page<Conversation>>;
  /** Events `fromSeq..toSeq` in order; gapless. */
  listConversationEvents(
    id: string,
    range: { fromSeq: number; toSeq?: number; limit: number },
    property: PropertyFilter,
  ): Promise<readonly EventEnvelope[]>;
  /** Moves the read position forward (default: to the last event) with a `conversation.read` event when it moved. */
  markRead(id: string, seq: number | null, property: PropertyFilter, at: number): Promise<ReadOutcome>;
  /** Staff read the chat on the account's phone. */
  markReadByNetwork(sessionId: string, chat: Chat, upTo: MessageReference, at: number): Promise<void>;
  updateChat(sessionId: string, chat: Chat, at: number): Promise<void>;
  chatOf(conversationId: string, property: PropertyFilter): Promise<{ sessionId: string; chat: Chat } | null>;

  getGuest(id: string, property: PropertyFilter): Promise<Guest | null>;
  listGuests(filter: { property: PropertyFilter; q?: string }, page: PageQuery): Promise<Page<Guest>>;
  updateGuest(
    id: string,
    patch: { displayName?: string | null; language?: string | null; notes?: string | null },
    property: PropertyFilter,
    at: number,
  ): Promise<Guest>;
  /** `from` becomes part of `into`: identities, conversations and messages move; `from` answers with `mergedInto`. */
  mergeGuests(into: string, from: string, property: PropertyFilter, at: number): Promise<Guest>;
}
