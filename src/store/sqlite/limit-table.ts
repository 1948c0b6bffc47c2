import type Database from 'better-sqlite3';
import type { LimitScope } from '../../connector-api/index.ts';
import type { SessionLimit } from '../../engine/model/session-limit.ts';
import { isBrakeRule } from '../../engine/pacing/brakes.ts';

/** What a message met that was refused. */
export const FROM_SEND = 'send';

/** What a network has closed for a session, or Bellhop has. */
export interface LimitRow {
  readonly sessionId: string;
  readonly scope: LimitScope;
  /** Set for the scope `chat`. */
  readonly conversationId: string | null;
  /** Who says so: `FROM_SEND`, a rule of our own, or the connector's name for what its network tells by itself. */
  readonly origin: string;
  readonly state: SessionLimit['state'];
  readonly code: string;
  readonly nativeCode: string | null;
  readonly since: number;
  readonly until: number;
  /** Nobody gave an end: it is over when a message went through, or by a word of who set it, not by the clock. */
  readonly isAssumed: boolean;
  /** A warning: how many guests may still be written to first until then, where the network has said it, and when it did. */
  readonly quotaLeft: number | null;
  readonly quotaAt: number | null;
}

/** Where a message is to go, as far as limits ask. */
export interface LimitPlace {
  readonly sessionId: string;
  readonly conversationId: string;
  /** A direct conversation in which the guest never wrote. */
  readonly isNewChat: boolean;
}

interface Row {
  readonly session_id: string;
  readonly scope: LimitScope;
  readonly conversation_id: string;
  readonly origin: string;
  readonly state: LimitRow['state'];
  readonly code: string;
  readonly native_code: string | null;
  readonly since: number;
  readonly until: number;
  readonly assumed: number;
  readonly quota_left: number | null;
  readonly quota_at: number | null;
}

const NONE: readonly LimitRow[] = [];

/** Whether the network itself holds messages back. What it only warns of, and what we close ourselves, is the planner's. */
export function isClosing({ state, origin }: Pick<LimitRow, 'state' | 'origin'>): boolean {
  return state === 'closed' && !isBrakeRule(origin);
}

/** All limits that stand, kept in memory once read: they are few, and each message asks for them. */
export class LimitTable {
  readonly #sql;
  #cache: Map<string, readonly LimitRow[]> | null = null;

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      all: database.prepare<[], Row>(
        'SELECT * FROM session_limits ORDER BY session_id, scope, conversation_id, origin',
      ),
      put: database.prepare<Omit<LimitRow, 'isAssumed'> & { readonly isAssumed: number }>(
        `INSERT INTO session_limits (session_id, scope, conversation_id, origin, state, code, native_code, since, until, assumed, quota_left, quota_at)
         VALUES (@sessionId, @scope, @conversationId, @origin, @state, @code, @nativeCode, @since, @until, @isAssumed, @quotaLeft, @quotaAt)
         ON CONFLICT (session_id, scope, conversation_id, origin) DO UPDATE SET code = excluded.code,
           since = CASE state WHEN excluded.state THEN since ELSE excluded.since END, state = excluded.state,
           native_code = excluded.native_code, until = excluded.until, assumed = excluded.assumed, quota_left = excluded.quota_left,
           quota_at = excluded.quota_at`,
      ),
      remove: database.prepare<[string, LimitScope, string, string]>(
        'DELETE FROM session_limits WHERE session_id = ? AND scope = ? AND conversation_id = ? AND origin = ?',
      ),
    };
  }

  forget(): void {
    this.#cache = null;
  }

  all(): readonly LimitRow[] {
    return [...this.#rows().values()].flat();
  }

  of(sessionId: string): readonly LimitRow[] {
    return this.#rows().get(sessionId) ?? NONE;
  }

  /** The limit that is in the way longest; undefined when the message may go. */
  closing(place: LimitPlace, now: number): LimitRow | undefined {
    return this.of(place.sessionId)
      .filter((row) => isClosing(row) && row.until > now && concerns(row, place))
      .toSorted((one, other) => other.until - one.until)[0];
  }

  /** What a message that went through proves to be over: no end was given, and the trial was due. */
  disproved(place: LimitPlace, now: number): readonly LimitRow[] {
    return this.of(place.sessionId).filter(
      (row) => row.isAssumed && isClosing(row) && row.until <= now && concerns(row, place),
    );
  }

  /** A limit that stands already keeps its beginning, unless it closes more or less than before. */
  put(row: LimitRow): void {
    this.#sql.put.run({ ...row, conversationId: row.conversationId ?? '', isAssumed: row.isAssumed ? 1 : 0 });
    this.forget();
  }

  remove({ sessionId, scope, conversationId, origin }: LimitRow): void {
    this.#sql.remove.run(sessionId, scope, conversationId ?? '', origin);
    this.forget();
  }

  #rows(): Map<string, readonly LimitRow[]> {
    if (this.#cache === null) {
      this.#cache = new Map();
      for (const row of this.#sql.all.all().map(fromRow)) {
        this.#cache.set(row.sessionId, [...(this.#cache.get(row.sessionId) ?? NONE), row]);
      }
    }
    return this.#cache;
  }
}

function concerns(row: LimitRow, place: LimitPlace): boolean {
  switch (row.scope) {
    case 'account':
      return true;
    case 'chat':
      return row.conversationId === place.conversationId;
    case 'new_chats':
      return place.isNewChat;
  }
}

function fromRow(row: Row): LimitRow {
  return {
    sessionId: row.session_id,
    scope: row.scope,
    conversationId: row.conversation_id === '' ? null : row.conversation_id,
    origin: row.origin,
    state: row.state,
    code: row.code,
    nativeCode: row.native_code,
    since: row.since,
    until: row.until,
    isAssumed: row.assumed === 1,
    quotaLeft: row.quota_left,
    quotaAt: row.quota_at,
  };
}
