import type Database from 'better-sqlite3';
import type { LimitScope } from '../../connector-api/index.ts';
import type { ErrorCode } from '../../core/errors.ts';

/** What a network has closed for a session. */
export interface LimitRow {
  readonly sessionId: string;
  readonly scope: LimitScope;
  /** Set for the scope `chat`. */
  readonly conversationId: string | null;
  readonly code: ErrorCode;
  readonly nativeCode: string | null;
  readonly since: number;
  readonly until: number;
  /** The network gave no end: it is over when a message went through, not by the clock. */
  readonly isAssumed: boolean;
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
  readonly code: ErrorCode;
  readonly native_code: string | null;
  readonly since: number;
  readonly until: number;
  readonly assumed: number;
}

const NONE: readonly LimitRow[] = [];

/** All limits that stand, kept in memory once read: they are few, and each message asks for them. */
export class LimitTable {
  readonly #sql;
  #cache: Map<string, readonly LimitRow[]> | null = null;

  constructor(deps: { database: Database.Database }) {
    const { database } = deps;
    this.#sql = {
      all: database.prepare<[], Row>('SELECT * FROM session_limits ORDER BY session_id, scope, conversation_id'),
      put: database.prepare<[string, LimitScope, string, string, string | null, number, number, number]>(
        `INSERT INTO session_limits (session_id, scope, conversation_id, code, native_code, since, until, assumed)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (session_id, scope, conversation_id) DO UPDATE SET code = excluded.code,
           native_code = excluded.native_code, until = excluded.until, assumed = excluded.assumed`,
      ),
      remove: database.prepare<[string, LimitScope, string]>(
        'DELETE FROM session_limits WHERE session_id = ? AND scope = ? AND conversation_id = ?',
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
      .filter((row) => row.until > now && concerns(row, place))
      .toSorted((one, other) => other.until - one.until)[0];
  }

  /** What a message that went through proves to be over: no end was given, and the trial was due. */
  disproved(place: LimitPlace, now: number): readonly LimitRow[] {
    return this.of(place.sessionId).filter((row) => row.isAssumed && row.until <= now && concerns(row, place));
  }

  /** A limit that stands already keeps its beginning. */
  put(row: LimitRow): void {
    const { sessionId, scope, conversationId, code, nativeCode, since, until, isAssumed } = row;
    this.#sql.put.run(sessionId, scope, conversationId ?? '', code, nativeCode, since, until, isAssumed ? 1 : 0);
    this.forget();
  }

  remove(row: LimitRow): void {
    this.#sql.remove.run(row.sessionId, row.scope, row.conversationId ?? '');
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
    code: row.code,
    nativeCode: row.native_code,
    since: row.since,
    until: row.until,
    isAssumed: row.assumed === 1,
  };
}
