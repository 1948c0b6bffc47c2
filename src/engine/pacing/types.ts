import type { LimitScope } from '../../connector-api/index.ts';
import type { Purpose, Urgency } from '../model/message.ts';

/** Who goes first: the names stand in their order. */
export const lanes = ['safety', 'reply', 'service', 'scheduled', 'promotional'] as const;
export type Lane = (typeof lanes)[number];

/** One queued message as the planner sees it. It carries no text and no address. Times are epoch ms. */
export interface Intent {
  readonly messageId: string;
  readonly conversationId: string;
  readonly purpose: Purpose;
  readonly urgency: Urgency;
  /** UTF-16 code units of what a person would type. */
  readonly textLength: number;
  readonly hasMedia: boolean;
  /** Prepared text: a person pastes it. */
  readonly isTemplate: boolean;
  /** A keyed hash of the `comparableText`; the same for texts that a reader would call the same. `null` where there is none. */
  readonly textKey: string | null;
  readonly queuedAt: number;
  /** Not before. */
  readonly sendAt: number | null;
  readonly expiresAt: number | null;
  /** The pause after an attempt that failed; holds its place in the conversation meanwhile. */
  readonly retryAt: number | null;
  /** `held`: it waits for a person. `released`: a person has let it go in spite of the rule that held it for one. */
  readonly review: 'none' | 'held' | 'released';
}

/** What the planner must know of a conversation that has something queued. */
export interface ChatFacts {
  /** When the guest last wrote; `null` = never. */
  readonly lastInboundAt: number | null;
  /** Whether the guest ever wrote, or it is a group in which the account already is. */
  readonly isKnown: boolean;
  /** Words of the guest that nobody has marked as read on the network. */
  readonly unreadWords: number;
  /** Messages that the hotel sent by itself since the guest last wrote. */
  readonly unanswered: number;
  /** Whether the hotel ever wrote in it. */
  readonly isOpened: boolean;
}

/** One message that left, or may have left. The store keeps these for as long as the longest window looks back. */
export interface SendLogEntry {
  readonly messageId: string;
  readonly conversationId: string;
  readonly at: number;
  readonly lane: Lane;
  /** It was the first word of the hotel to a guest who had never written. */
  readonly opensChat: boolean;
  readonly textKey: string | null;
  /** The guest has written since. */
  readonly isAnswered: boolean;
  /** One of the hotel's own that the network has taken and of which it has not told that it reached the guest. */
  readonly isUndelivered: boolean;
}

/** What has happened on the account. From the store alone: after a restart it is the same. */
export interface History {
  /** Oldest first: at least the last 24 hours, and before that the last 40 messages of the hotel's own, and the last 20 that opened a chat. */
  readonly sends: readonly SendLogEntry[];
  /** Times at which guests asked for no more messages, or reported the account; the last 24 hours. */
  readonly optOuts: readonly number[];
  /** By conversation id, each conversation that has something queued. One that is missing is a guest nobody knows. */
  readonly chats: ReadonlyMap<string, ChatFacts>;
}

/** What the network has closed. */
export interface NetworkLimit {
  readonly scope: LimitScope;
  /** For the scope `chat`. */
  readonly conversationId: string | null;
  readonly until: number;
}

/** The network has warned: it counts guests who were written to first and did not answer. */
export interface NewChatQuota {
  /** How many might still be written to when it said so; `null` = it gave no number. */
  readonly left: number | null;
  /** When it said so. */
  readonly at: number;
  /** When it counts anew. */
  readonly until: number;
}

/** How the account stands with its network. */
export interface Standing {
  /** When this number was first used; its warm-up counts from there. */
  readonly bornAt: number;
  readonly limits: readonly NetworkLimit[];
  /** Absent = it has not warned. */
  readonly quota?: NewChatQuota | null;
  /** The network has banned the account, for a while or for ever. Only a person ends it, never the clock. */
  readonly ban: { readonly kind: 'temporary' | 'permanent'; readonly until: number | null } | null;
  /** Whether the network tells of each message that it reached the guest; absent = no, and nothing follows from its silence. */
  readonly tellsDelivery?: boolean;
  /** Somebody is being written to until then: the desk is free after it. `null` = now. */
  readonly busyUntil: number | null;
}

/** The limits: what may hold a message back. */
export const holdRules = [
  'quiet_hours',
  'account_minute',
  'account_hour',
  'account_day',
  'own_hour',
  'own_day',
  'chat_cool_down',
  'new_chat_gap',
  'new_chats_day',
  'reply_ratio',
  'opt_outs',
  'undelivered',
  'new_chats_quota',
  'network_limit',
  'new_chats_closed',
  'unanswered',
  'same_text',
  'temporary_ban',
  'banned',
] as const;
export type HoldRule = (typeof holdRules)[number];

/** What sets the time of a message: a limit, or what a person needs. */
export type PaceRule = HoldRule | 'human' | 'queue' | 'send_at' | 'retry' | 'guest_gap' | 'rest';

const HOLD_RULES: ReadonlySet<PaceRule> = new Set(holdRules);

export function isHoldRule(rule: PaceRule): rule is HoldRule {
  return HOLD_RULES.has(rule);
}

export interface Hold {
  readonly rule: HoldRule;
  /** When the rule lets go; `null` = when a person does something. */
  readonly until: number | null;
  /** For staff, a sentence. */
  readonly detail: string;
}

interface Planned {
  readonly messageId: string;
  readonly conversationId: string;
  readonly lane: Lane;
}

export interface PlannedTurn extends Planned {
  readonly do: 'send';
  /** When the guest's messages are marked as read; `null` where nobody has read anything. */
  readonly readAt: number | null;
  /** From here on "typing…" is shown. */
  readonly typingFrom: number;
  readonly sendAt: number;
  /** The rule that set the time. */
  readonly reason: PaceRule;
  /** The limit that it waits for, or waited for last; `null` while it only waits for its turn. */
  readonly heldBy: Hold | null;
}

export type PlannedSend =
  | PlannedTurn
  /** Its time would come after it is of any use. */
  | (Planned & {
      readonly do: 'expire';
      readonly knownAt: number;
      readonly wouldSendAt: number;
      readonly reason: PaceRule;
    })
  /** A person has to look at it. */
  | (Planned & { readonly do: 'hold'; readonly heldBy: Hold })
  /** The account sends nothing at all, until a person does something. */
  | (Planned & { readonly do: 'closed'; readonly heldBy: Hold });
