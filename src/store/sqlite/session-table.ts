import type Database from 'better-sqlite3';
import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Liveness } from '../../engine/model/liveness.ts';
import type { Session, SessionPacing, TimelineEntry } from '../../engine/model/session.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';
import type { LimitTable } from './limit-table.ts';
import { shownLimits, toSessionLimit } from './limit-view.ts';

/** What is known of a session beside the store: from the configuration, and from memory. Shown with it and stored nowhere. */
export interface SessionFacts {
  readonly pacingMode: string;
  /** Newest first. */
  readonly versions: readonly string[];
  /** What sessions go back to as soon as it is accepted; null where the channel knows no versions. */
  readonly wanted: string | null;
  /** Of this session; null while it is not connected. */
  readonly liveness?: Liveness | null;
  /** Of its account; null while nothing is known of it. */
  readonly pacing?: Pick<SessionPacing, 'budgets' | 'lanes' | 'nextSendAt' | 'waiting'> | null;
}

const NO_PLAN = { budgets: [], lanes: [], nextSendAt: null, waiting: [] };

interface Row {
  readonly id: string;
  readonly last_inbound_at: number | null;
  readonly last_outbound_at: number | null;
  readonly object: JsonOf<Session>;
}

const COLUMNS = 'id, last_inbound_at, last_outbound_at, object';

/**
 * The sessions, all kept in memory once read: each message asks for its session. What changes with every message (traffic times)
 * stands in columns; the length of the queue is counted on reading.
 */
export class SessionTable {
  readonly #sql;
  readonly #limits: LimitTable;
  #cache: Map<string, Session> | null = null;
  #factsOf: ((channel: string, sessionId: string) => SessionFacts) | undefined;

  constructor(deps: { database: Database.Database; limits: LimitTable }) {
    const { database } = deps;
    this.#limits = deps.limits;
    this.#sql = {
      all: database.prepare<[], Row>(`SELECT ${COLUMNS} FROM sessions ORDER BY id`),
      insert: database.prepare<[string, string, string, string]>(
        'INSERT INTO sessions (id, property, channel, object) VALUES (?, ?, ?, ?)',
      ),
      update: database.prepare<[string, string]>('UPDATE sessions SET object = ? WHERE id = ?'),
      remove: database.prepare<[string]>('DELETE FROM sessions WHERE id = ?'),
      inbound: database.prepare<[number, string]>('UPDATE sessions SET last_inbound_at = ? WHERE id = ?'),
      outbound: database.prepare<[number, string]>('UPDATE sessions SET last_outbound_at = ? WHERE id = ?'),
      addEntry: database.prepare<{ id: string; object: string }>(
        `INSERT INTO session_timeline (session_id, entry, object)
         VALUES (@id, (SELECT COALESCE(MAX(entry), 0) + 1 FROM session_timeline WHERE session_id = @id), @object)`,
      ),
      queued: database.prepare<[string], { queued: number }>(
        'SELECT COUNT(*) AS queued FROM outbox WHERE session_id = ?',
      ),
    };
  }

  /** Called once, when the store is opened. */
  describeBy(factsOf: (channel: string, sessionId: string) => SessionFacts): void {
    this.#factsOf = factsOf;
  }

  forget(): void {
    this.#cache = null;
  }

  /** In the order of their ids. `pacing.queued` is as of the last `view`. */
  all(): ReadonlyMap<string, Session> {
    return this.#sessions();
  }

  get(id: string): Session | undefined {
    return this.#sessions().get(id);
  }

  /** Rejects with `not_found`. */
  require(id: string): Session {
    const session = this.get(id);
    if (session === undefined) throw new BellhopError('not_found', { detail: 'There is no such session.' });
    return session;
  }

  /** A copy with the present length of its queue, what the network has closed and what the configuration says, safe to hand out. */
  view(session: Session): Session {
    const queued = this.#sql.queued.get(session.id)?.queued ?? 0;
    const limits = [...shownLimits(this.#limits.of(session.id)).values()].map(toSessionLimit);
    const facts = this.#factsOf?.(session.channel, session.id);
    if (facts === undefined) return { ...session, limits, pacing: { ...NO_PLAN, mode: session.pacing.mode, queued } };
    return {
      ...session,
      limits,
      version: { ...session.version, wanted: facts.wanted ?? session.version.wanted, ladder: [...facts.versions] },
      pacing: { ...NO_PLAN, ...facts.pacing, mode: facts.pacingMode, queued },
      liveness: facts.liveness ?? null,
    };
  }

  insert(session: Session): void {
    this.#sql.insert.run(session.id, session.property, session.channel, encode(session).json);
    this.forget();
  }

  save(session: Session): void {
    this.#sql.update.run(encode(session).json, session.id);
    this.#sessions().set(session.id, session);
  }

  remove(id: string): void {
    this.#sql.remove.run(id);
    this.#limits.forget();
    this.#sessions().delete(id);
  }

  addTimelineEntry(id: string, entry: TimelineEntry): void {
    this.#sql.addEntry.run({ id, object: encode(entry).json });
  }

  noteTraffic(session: Session, direction: 'inbound' | 'outbound', at: number): void {
    const time = toTimestamp(at);
    const known = direction === 'inbound' ? session.lastInboundAt : session.lastOutboundAt;
    if (known !== null && known >= time) return; // a message that comes late does not turn the time back
    if (direction === 'inbound') this.#sql.inbound.run(at, session.id);
    else this.#sql.outbound.run(at, session.id);
    const times = direction === 'inbound' ? { lastInboundAt: time } : { lastOutboundAt: time };
    this.#sessions().set(session.id, { ...session, ...times });
  }

  #sessions(): Map<string, Session> {
    if (this.#cache === null) {
      this.#cache = new Map();
      for (const row of this.#sql.all.iterate()) {
        this.#cache.set(row.id, {
          ...decode(row.object),
          liveness: null, // only ever known to the daemon that is connected
          limits: [], // a table of its own; also rows that were written before it was
          lastInboundAt: row.last_inbound_at === null ? null : toTimestamp(row.last_inbound_at),
          lastOutboundAt: row.last_outbound_at === null ? null : toTimestamp(row.last_outbound_at),
        });
      }
    }
    return this.#cache;
  }
}
