import type { Button, ContactCard, Location, Poll, TextEntity } from '../connector-api/content.ts';
import type { LoginStep } from '../connector-api/index.ts';
import type { BellhopError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Principal } from './model/access.ts';
import type { ClientVersionView } from './model/client-version.ts';
import type { Conversation } from './model/conversation.ts';
import type { LiveEvent } from './model/event.ts';
import type { Message, Purpose, Urgency } from './model/message.ts';
import type { Session } from './model/session.ts';
import type { AlertWay, IdempotencyClaim } from './ports/index.ts';

/** `POST /v1/messages` after its shape was validated. */
export interface MessageRequest {
  readonly channel?: string | undefined;
  readonly to?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly guestId?: string | undefined;
  readonly session?: string | undefined;
  readonly body?: string | undefined;
  /** Of the body or the caption. */
  readonly entities?: readonly TextEntity[] | undefined;
  readonly buttons?: readonly Button[] | undefined;
  readonly attachments?: readonly MessageRequestAttachment[] | undefined;
  readonly location?: Location | undefined;
  readonly contacts?: readonly ContactCard[] | undefined;
  readonly poll?: Poll | undefined;
  readonly replyTo?: string | undefined;
  readonly urgency?: Urgency | undefined;
  readonly purpose?: Purpose | undefined;
  readonly basis?: { readonly reservation?: string | undefined; readonly consent?: string | undefined } | undefined;
  /** Epoch ms. */
  readonly sendAt?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly metadata?: JsonObject | undefined;
}

/** Exactly one of `mediaId` and `url`. */
export interface MessageRequestAttachment {
  readonly mediaId?: string | undefined;
  readonly url?: string | undefined;
  readonly caption?: string | undefined;
  readonly filename?: string | undefined;
  readonly voice?: boolean | undefined;
  readonly videoNote?: boolean | undefined;
}

export type AcceptedAnswer = { readonly status: number; readonly body: string };

export interface MessageCommands {
  /** 202 once durable. Rejects with a BellhopError whose `pointer` names the field. */
  accept(principal: Principal, request: MessageRequest, idempotency?: IdempotencyClaim): Promise<AcceptedAnswer>;
  /** Up to 50; one transaction for those that are valid; a result for each, in order: the message or a problem. */
  acceptBatch(
    principal: Principal,
    requests: readonly (MessageRequest | BellhopError)[],
    idempotency?: IdempotencyClaim,
  ): Promise<AcceptedAnswer>;
  /** Cancel while queued, else delete for everyone where the channel can. */
  delete(principal: Principal, messageId: string): Promise<Message>;
  /** Lets a message go that waits for a person. Rejects with `message_not_queued` and `message_not_held`. */
  release(principal: Principal, messageId: string): Promise<Message>;
  edit(principal: Principal, messageId: string, body: string): Promise<Message>;
  react(principal: Principal, messageId: string, emoji: string): Promise<Message>;
}

export interface ConversationCommands {
  create(
    principal: Principal,
    request: {
      channel: string;
      session?: string | undefined;
      participants: readonly string[];
      kind?: 'direct' | 'group' | undefined;
      title?: string | undefined;
    },
  ): Promise<{ conversation: Conversation; created: boolean }>;
  markRead(principal: Principal, conversationId: string, seq: number | null): Promise<Conversation>;
  setTyping(principal: Principal, conversationId: string, on: boolean): Promise<void>;
}

/** The step that is now asked of the person who links, and when it changes. */
export interface LinkView {
  readonly sessionId: string;
  readonly step: LoginStep;
}

export interface SessionCommands {
  create(
    principal: Principal,
    request: { id: string; channel: string; property?: string | undefined; settings?: JsonObject | undefined },
  ): Promise<Session>;
  updateSettings(principal: Principal, id: string, settings: JsonObject): Promise<Session>;
  /** Unlinks the account, erases the vault, removes the session. */
  remove(principal: Principal, id: string): Promise<void>;
  start(principal: Principal, id: string): Promise<Session>;
  stop(principal: Principal, id: string): Promise<Session>;
  restart(principal: Principal, id: string): Promise<Session>;
  /** Resolves with the first step. */
  beginLink(
    principal: Principal,
    id: string,
    flow: { method?: string | undefined; phone?: string | undefined },
  ): Promise<LinkView>;
  /** Rejects with `no_link_in_progress`. */
  currentLink(principal: Principal, id: string): LinkView;
  answerLink(principal: Principal, id: string, input: Readonly<Record<string, string>>): Promise<LinkView>;
}

/** Of the whole house: the sessions of a channel share its versions. */
export interface VersionCommands {
  /** Newest first, channel by channel. */
  view(channel?: string): readonly ClientVersionView[];
  /** What is shown with each session of a channel; undefined where there is nothing to show. */
  facts(channel: string): { readonly versions: readonly string[]; readonly wanted: string } | undefined;
  /** Has the sessions of the channel prefer it. Rejects with `not_found` and `invalid_request`. */
  pin(channel: string, version: string): Promise<ClientVersionView>;
  /** Rejects with `not_found`. */
  unpin(channel: string, version: string): Promise<ClientVersionView>;
  /** Forgets when it worked and failed. Rejects with `not_found`. */
  forget(channel: string, version: string): Promise<void>;
}

/** How a test went on one way. */
export interface AlertTestResult {
  /** For people, e.g. `e-mail`. */
  readonly way: string;
  readonly delivered: boolean;
  /** Why not; null when it was. */
  readonly reason: string | null;
}

export interface AlertCommands {
  /** Tells a test on every way that is configured, and resolves when each has answered; empty = none is. */
  test(): Promise<readonly AlertTestResult[]>;
  /** How each way that is configured is doing. From memory. */
  ways(): readonly AlertWay[];
}

export interface LiveEvents {
  /** Typing and presence, not stored. Returns an unsubscribe function. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
}

/** What adapters (http, cli) may ask of the engine. Reads go to the Store port directly. */
export interface EngineApi {
  readonly messages: MessageCommands;
  readonly conversations: ConversationCommands;
  readonly sessions: SessionCommands;
  readonly versions: VersionCommands;
  readonly alerts: AlertCommands;
  readonly live: LiveEvents;
}
