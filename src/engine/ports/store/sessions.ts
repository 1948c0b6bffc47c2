import type { Account } from '../../../connector-api/index.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { EventType } from '../../model/event.ts';
import type { DeafGap } from '../../model/liveness.ts';
import type { Session, SessionState, StateReason, TimelineEntry } from '../../model/session.ts';
import type { Page, PageQuery, PropertyFilter } from './common.ts';

export interface NewSession {
  readonly id: string;
  readonly property: string;
  readonly channel: string;
  readonly settings: JsonObject;
}

/** One step of a session's life, with the event that tells it, in one transaction. */
export interface SessionChange {
  readonly sessionId: string;
  readonly state: SessionState;
  readonly reason: StateReason | null;
  readonly at: number;
  /** Left as it is when absent; `null` forgets the account. */
  readonly account?: Account | null;
  readonly currentVersion?: string | null;
  readonly wantedVersion?: string | null;
  readonly attempt?: number;
  /** A time in which the line was deaf, now that it is over; goes into the timeline and the event. */
  readonly gap?: DeafGap;
  /** Absent = a step that is in the timeline only. */
  readonly event?: EventType;
}

export interface SessionStore {
  /** Rejects with `session_exists`. The new session is `unlinked`. */
  createSession(input: NewSession): Promise<Session>;
  getSession(id: string): Promise<Session | null>;
  listSessions(filter: { property: PropertyFilter }, page: PageQuery): Promise<Page<Session>>;
  /** Every session, for the supervisor at start. */
  allSessions(): Promise<readonly Session[]>;
  updateSessionSettings(id: string, settings: JsonObject): Promise<Session>;
  /** A change that repeats the present state and reason still makes a timeline row; an event is made only when asked. */
  recordSessionChange(change: SessionChange): Promise<Session>;
  /** Removes the session and its outbox; conversations and messages stay. */
  deleteSession(id: string): Promise<void>;
  /**
   * Limits whose end, as the network gave it, has passed are over: a timeline row and a `session.limit_over` event each. Writes
   * nothing when there is none; resolves with how many there were.
   */
  endLimits(now: number): Promise<number>;
  /** When the next of them ends; epoch ms. */
  nextLimitEnd(): Promise<number | null>;
  listTimeline(sessionId: string, page: PageQuery): Promise<Page<TimelineEntry>>;
}
