import type {
  AttachmentKind,
  Button,
  ContactCard,
  Location,
  Poll,
  TextEntity,
} from '../../../connector-api/content.ts';
import type {
  Certainty,
  Chat,
  InboundMessage,
  LimitScope,
  MessageReference,
  OutboundContent,
  Person,
  Receipt,
} from '../../../connector-api/index.ts';
import type { ErrorCode } from '../../../core/errors.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { ConsentState } from '../../model/consent.ts';
import type { Conversation, Guest } from '../../model/conversation.ts';
import type { HeldBy, Message, Purpose, Urgency } from '../../model/message.ts';
import type { Session } from '../../model/session.ts';
import type { IdempotencyClaim, PropertyFilter } from './common.ts';

/** What is asked when a message is to be sent: who is meant, and which session could carry it. */
export interface RouteQuery {
  readonly property: PropertyFilter;
  readonly conversationId?: string;
  readonly guestId?: string;
  readonly channel?: string;
  readonly address?: string;
}

export interface Route {
  readonly conversation: Conversation | null;
  readonly guest: Guest | null;
  /** The session that last spoke with this guest on the channel. */
  readonly lastSessionId: string | null;
  /** Sessions of the channel (and property, where the query names one). */
  readonly sessions: readonly Session[];
  /** When the guest last wrote on this channel; epoch ms. */
  readonly lastInboundAt: number | null;
}

export interface NewOutbound {
  readonly property: string;
  readonly sessionId: string;
  readonly channel: string;
  /** Chosen by the connector's manifest, before anything is stored. */
  readonly networkId: string;
  readonly to:
    | { readonly conversationId: string }
    | { readonly kind: 'direct' | 'group'; readonly address: string; readonly guestId?: string };
  readonly body: string | null;
  readonly entities: readonly TextEntity[];
  readonly buttons: readonly Button[];
  readonly attachments: readonly {
    readonly mediaId: string;
    readonly kind: AttachmentKind;
    readonly filename: string | null;
  }[];
  readonly location: Location | null;
  readonly contacts: readonly ContactCard[] | null;
  readonly poll: Poll | null;
  readonly replyTo: string | null;
  readonly urgency: Urgency;
  readonly purpose: Purpose;
  readonly basis: { readonly reservation?: string | undefined; readonly consent?: string | undefined } | null;
  readonly sendAt: number | null;
  readonly expiresAt: number | null;
  readonly metadata: JsonObject | null;
  readonly requestedBy: string;
  readonly estimatedSendAt: number | null;
}

export interface InboundRecord {
  readonly property: string;
  readonly sessionId: string;
  readonly channel: string;
  readonly message: InboundMessage;
  readonly receivedAt: number;
  /** What the guest asks for by it; written into the ledger in the same transaction. */
  readonly asks?: ConsentState;
}

export interface InboundOutcome {
  /** The network delivered it before; nothing was written. */
  readonly duplicate: boolean;
  readonly message: Message;
  /** The message changed what the guest last asked for. */
  readonly consentChanged: boolean;
}

/** A queued message whose time has come: the head of its conversation's line. */
export interface DueMessage {
  readonly message: Message;
  readonly chat: Chat;
  /** The guest's latest messages that are not marked as read on the network yet, newest last, at most 20. */
  readonly unreadReferences: readonly MessageReference[];
  readonly lastInboundAt: number | null;
  /** A limit of the network that closes its conversation: it is to be put off (`deferMessage`), not sent. */
  readonly hold: { readonly notBefore: number; readonly heldBy: HeldBy } | null;
}

/** What the connector is handed, as stored. */
export interface SendOrder {
  readonly message: Message;
  readonly chat: Chat;
  readonly networkId: string;
  readonly content: OutboundContent;
  readonly replyTo: (MessageReference & { readonly body?: string }) | null;
  readonly attempt: number;
}

export interface SendFailure {
  readonly code: ErrorCode;
  /** For people, in the connector's words. */
  readonly detail?: string;
  readonly certainty: Certainty;
  readonly nativeCode: string | null;
}

/** What a network has closed because of an attempt; the message itself is innocent. */
export interface NewLimit {
  readonly scope: LimitScope;
  readonly code: ErrorCode;
  readonly nativeCode: string | null;
  readonly until: number;
  /** The network gave no end: when `until` has passed one message is tried, and the limit is over once it went through. */
  readonly isAssumed: boolean;
}

export type AttemptOutcome =
  | {
      readonly type: 'sent';
      readonly at: number;
      /** The network's own id where it is not the chosen one; the message has no other from then on. */
      readonly networkId?: string;
    }
  | {
      readonly type: 'retry';
      readonly at: number;
      readonly notBefore: number;
      readonly failure: SendFailure;
      readonly heldBy: HeldBy;
    }
  /** Surely not sent, and not counted as an attempt. */
  | { readonly type: 'limited'; readonly at: number; readonly limit: NewLimit }
  | { readonly type: 'failed'; readonly at: number; readonly failure: SendFailure };

/** A message named by its place on the network. */
export interface NetworkTarget {
  readonly sessionId: string;
  readonly chat: Chat;
  readonly networkId: string;
}

export interface MessageStore {
  findRoute(query: RouteQuery): Promise<Route>;
  /**
   * Accepts messages in one transaction: guest, conversation and events as needed, outbox rows, and the idempotent answer
   * `{ status, body }` made by `answer` from the accepted messages. `texts` is the JSON of each. Resolves once durable. With a claim that was completed
   * before, nothing is written and the earlier answer comes back. Rejects with `idempotency_key_reused`, `not_found`,
   * `media_not_found`, `reply_target_not_found`, `store_full`.
   */
  acceptMessages(
    inputs: readonly NewOutbound[],
    idempotency?: {
      claim: IdempotencyClaim;
      answer: (messages: readonly Message[], texts: readonly string[]) => { status: number; body: string };
    },
  ): Promise<{ replay: { status: number; body: string } } | { messages: readonly Message[]; texts: readonly string[] }>;
  getMessage(id: string, property: PropertyFilter): Promise<Message | null>;
  /** Rejects with `message_not_queued`. */
  cancelMessage(id: string, property: PropertyFilter, at: number): Promise<Message>;

  /**
   * Stores what a network delivered: once for each (session, chat, networkId). Joins guests that turn out to be one
   * (LID and number), gives the conversation its next seq, makes the event and its webhook deliveries, all in one transaction.
   * An `outbound` message with a networkId of ours is the echo of our own send and settles it as sent.
   */
  recordInbound(record: InboundRecord): Promise<InboundOutcome>;
  /** Moves statuses forward; returns how many messages changed. A receipt for an unknown message changes nothing. */
  recordReceipt(sessionId: string, receipt: Receipt): Promise<number>;
  recordReaction(target: NetworkTarget, reaction: { by: string; emoji: string; at: number }): Promise<boolean>;
  /** What this person has chosen now in the poll; an empty `options` takes the vote back. Places that the poll has not are left out. */
  recordPollVote(target: NetworkTarget, vote: { by: string; options: readonly number[]; at: number }): Promise<boolean>;
  /** The new body has the new `entities`, and none where they are absent. */
  recordEdit(
    target: NetworkTarget,
    edit: { body: string; entities?: readonly TextEntity[] | undefined; at: number },
  ): Promise<boolean>;
  /** How many other conversations of the account were sent this text since then, by a message or an edit. */
  sameTextSince(messageId: string, body: string, since: number): Promise<number>;
  recordDeletion(target: NetworkTarget, at: number): Promise<boolean>;
  recordIdentity(input: { property: string; channel: string; person: Person; at: number }): Promise<void>;
  /** The network refused a message that it had accepted before. */
  recordLateFailure(target: NetworkTarget, failure: SendFailure, at: number): Promise<boolean>;

  /**
   * At most one message a conversation, by urgency and then age; conversations with a message in `sending` are left out, and all of
   * them while the network lets the account send nothing.
   */
  dueMessages(sessionId: string, now: number, limit: number): Promise<readonly DueMessage[]>;
  /** When the next message of this session falls due; epoch ms. */
  nextDueAt(sessionId: string): Promise<number | null>;
  deferMessage(id: string, until: { notBefore: number; heldBy: HeldBy }): Promise<void>;
  /** `sending`, one attempt more, durable before the first byte. `null` when the message left the queue meanwhile. */
  beginAttempt(id: string, at: number): Promise<SendOrder | null>;
  /**
   * `sent` with a network id of the network's own gives the message that id (`channelMessageId`, receipts, replies, changes) in the same
   * transaction. Where the echo was stored under it before, the echo's row is withdrawn (`message.deleted`) and what it had learned
   * moves over; an id that another message of ours has is left to that one.
   * `limited` makes the limit durable, with its timeline row and, where it is a new one, a `session.limited` event.
   */
  finishAttempt(id: string, outcome: AttemptOutcome): Promise<Message>;
  /** At start: whatever was in `sending` when the daemon died goes back to the queue, under the same network id. */
  releaseAttempts(): Promise<number>;
  /** Queued messages whose `expiresAt` has passed become `expired`, with their events. */
  expireMessages(now: number): Promise<readonly Message[]>;
}
