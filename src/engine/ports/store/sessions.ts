import type { Account, ConnectorEvent } from '../../../connector-api/index.ts';
import type { JsonObject } from '../../../core/json.ts';
import type { EventType } from '../../model/event.ts';
import type { DeafGap } from '../../model/liveness.ts';
import type { Session, SessionState, StateReason, TimelineEntry } from '../../model/session.ts';
import type { Brake } from '../../pacing/brakes.ts';
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

/** What a network has said by itself of what an account may do. */
export type NetworkNotice = Omit<Extract<ConnectorEvent, { type: 'limit' }>, 'type'>;

/** What is closed for sessions. Each limit is one event when it begins and one when it is over, and rows of the timeline. */
export interface LimitStore {
  /** Replaces what the network said before under the same `origin`. Writes nothing where that changes nothing, or without such a session. */
  recordNotice(sessionId: string, notice: NetworkNotice, at: number): Promise<void>;
  /** Bellhop's own brakes of the session's account: those that are on now. As above. */
  recordBrakes(sessionId: string, brakes: readonly Brake[], at: number): Promise<void>;
  /** Limits whose end was given and has passed are over. Writes nothing when there is none; resolves with how many there were. */
  endLimits(now: number): Promise<number>;
  /** When the next of them ends; epoch ms. */
  nextLimitEnd(): Promise<number | null>;
}

export interface SessionStore extends LimitStore {
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
  listTimeline(sessionId: string, page: PageQuery): Promise<Page<TimelineEntry>>;
}
