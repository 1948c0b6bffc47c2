import type { HeldBy, Message } from '../../model/message.ts';
import type { History, Intent, Standing } from '../../pacing/types.ts';
import type { PropertyFilter } from './common.ts';
import type { DueMessage } from './messages.ts';

/** A queued message, and what was noted of its plan. */
export interface QueuedIntent extends Intent {
  readonly sessionId: string;
  readonly noted: PlanNote | null;
}

/** What the planner says of a queued message, as it is shown. */
export interface PlanNote {
  /** Epoch ms; `null` = when a person has done something. */
  readonly at: number | null;
  readonly heldBy: HeldBy | null;
}

/** Everything that the plan of an account rests on. */
export interface PacingFacts {
  /** What waits in the sessions that were asked for, in the order in which it was accepted, without what is being sent. */
  readonly intents: readonly QueuedIntent[];
  readonly history: History;
  readonly standing: Omit<Standing, 'busyUntil'>;
}

export interface PacingQuery {
  readonly account: string;
  readonly sessions: readonly string[];
  readonly now: number;
  readonly conversation?: string;
}

export interface PacingStore {
  /**
   * `account`: an `accountKeyOf`; its history and standing are those of all its sessions, also of those that were removed. With
   * `conversation` of what waits only what waits there, read in one go. A long queue is read in pieces, between which others have
   * their turn: what changes meanwhile is announced by its commit, and may or may not be in the answer. History and standing are read last.
   */
  pacingFacts(query: PacingQuery): Promise<PacingFacts>;
  /** `isHeld`: from now on it waits for a person. What has left the queue is passed over. One transaction; wakes nobody. */
  notePlans(notes: readonly (PlanNote & { readonly messageId: string; readonly isHeld: boolean })[]): Promise<void>;
  /** A queued message that the planner has chosen; `null` when it has left the queue, or its conversation is being written in. */
  queuedMessage(id: string, now: number): Promise<DueMessage | null>;
  /** Those that are still queued become `expired` with the error code `too_late`: their turn would come when they are of no use. */
  expireTooLate(ids: readonly string[], at: number): Promise<readonly Message[]>;
  /**
   * A person lets a message go that is held for one, with an event that says who: `message.released`. Rejects with `message_not_queued`
   * and `message_not_held`. Once it is released, nothing happens.
   */
  releaseMessage(
    id: string,
    property: PropertyFilter,
    by: { readonly name: string; readonly keyId: string },
  ): Promise<Message>;
  /** A person starts an account that was banned for a while. Idempotent. */
  liftBan(sessionId: string): Promise<void>;
  /** Forgets what left before that; returns how many there were. */
  pruneSendLog(before: number): Promise<number>;
}
