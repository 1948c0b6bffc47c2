import type Database from 'better-sqlite3';
import type { Urgency } from '../../engine/model/message.ts';
import type { Touched } from './write-queue.ts';

/** `ready`: the head of its conversation's line, or scheduled. `waiting`: behind another. `sending`: handed to the connector. */
type OutboxState = 'ready' | 'waiting' | 'sending';

export interface OutboxRow {
  readonly message_id: string;
  readonly session_id: string;
  readonly conversation_id: string;
  readonly urgency: number;
  readonly position: number;
  readonly scheduled: number;
  readonly state: OutboxState;
  readonly due_at: number;
}

interface NewOutboxRow {
  readonly messageId: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly urgency: Urgency;
  /** Order among messages of the same urgency. */
  readonly position: number;
  /** Set for a time to come: it stands in no line, so it holds nothing up until then. */
  readonly scheduled: boolean;
  readonly dueAt: number;
  readonly expiresAt: number | null;
  readonly queuedAt: number;
}

const URGENCY_RANKS: Readonly<Record<Urgency, number>> = { high: 0, normal: 1, low: 2, 'very-low': 3 };

/**
 * What is to be sent. Each conversation has one line, by urgency and then age; its head is marked in the row, so that finding
 * what is due is an index lookup. A head that has to wait holds its line up: the guest reads in the order in which was written.
 */
export class OutboxTable {
  readonly #touched: () => Touched;
  readonly #sql;

  constructor(deps: { database: Database.Database; touched: () => Touched }) {
    const { database } = deps;
    this.#touched = deps.touched;
    this.#sql = {
      get: database.prepare<[string], OutboxRow>('SELECT * FROM outbox WHERE message_id = ?'),
      insert: database.prepare<
        [string, string, string, number, number, number, OutboxState, number, number | null, number]
      >(
        `INSERT INTO outbox (message_id, session_id, conversation_id, urgency, position, scheduled, state, due_at, expires_at, queued_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      line: database.prepare<[string], OutboxRow>(
        'SELECT * FROM outbox WHERE conversation_id = ? AND scheduled = 0 ORDER BY urgency, position LIMIT 1',
      ),
      demote: database.prepare<[string, string]>(
        "UPDATE outbox SET state = 'waiting' WHERE conversation_id = ? AND scheduled = 0 AND state = 'ready' AND message_id <> ?",
      ),
      setState: database.prepare<[OutboxState, string]>('UPDATE outbox SET state = ? WHERE message_id = ?'),
      setDue: database.prepare<[OutboxState, number, string]>(
        'UPDATE outbox SET state = ?, due_at = ? WHERE message_id = ?',
      ),
      remove: database.prepare<[string]>('DELETE FROM outbox WHERE message_id = ?'),
    };
  }

  get(messageId: string): OutboxRow | undefined {
    return this.#sql.get.get(messageId);
  }

  insert(row: NewOutboxRow): void {
    const urgency = URGENCY_RANKS[row.urgency];
    let state: OutboxState = 'ready';
    if (!row.scheduled) {
      const head = this.#sql.line.get(row.conversationId);
      if (head !== undefined && head.urgency <= urgency) state = 'waiting';
      else if (head !== undefined) this.#sql.demote.run(row.conversationId, row.messageId);
    }
    this.#sql.insert.run(
      row.messageId,
      row.sessionId,
      row.conversationId,
      urgency,
      row.position,
      row.scheduled ? 1 : 0,
      state,
      row.dueAt,
      row.expiresAt,
      row.queuedAt,
    );
    this.#touched().outbox.add(row.sessionId);
  }

  begin(row: OutboxRow): void {
    this.#sql.setState.run('sending', row.message_id);
  }

  /** Back to its place, not before `dueAt`. */
  postpone(row: OutboxRow, dueAt: number): void {
    const state = row.state === 'waiting' ? 'waiting' : 'ready';
    this.#sql.setDue.run(state, dueAt, row.message_id);
    this.settleLine(row.conversation_id);
    this.#touched().outbox.add(row.session_id);
  }

  remove(row: OutboxRow): void {
    this.#sql.remove.run(row.message_id);
    this.settleLine(row.conversation_id);
    this.#touched().outbox.add(row.session_id);
  }

  /** Makes the first of the line its head, and nothing else. */
  settleLine(conversationId: string): void {
    const head = this.#sql.line.get(conversationId);
    if (head === undefined || head.state === 'sending') return;
    this.#sql.demote.run(conversationId, head.message_id);
    if (head.state === 'waiting') this.#sql.setState.run('ready', head.message_id);
  }
}
