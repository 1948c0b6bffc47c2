import type Database from 'better-sqlite3';
import type { HeldBy, Purpose, Urgency } from '../../engine/model/message.ts';
import type { JsonOf } from './codec.ts';
import { encode } from './codec.ts';
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
  readonly expires_at: number | null;
  readonly queued_at: number;
  readonly purpose: Purpose;
  readonly text_length: number;
  readonly has_media: number;
  readonly text_key: string | null;
  readonly send_at: number | null;
  readonly review: 'none' | 'held' | 'released';
  /** When the planner means to send it; `null` = not planned yet, `NEVER_AT` = only once a person has acted. */
  readonly plan_at: number | null;
  /** The rule of pacing that it waits for. */
  readonly hold: JsonOf<HeldBy> | null;
}

/** Stands for no time at all where a column must compare; epoch ms. */
export const NEVER_AT = Number.MAX_SAFE_INTEGER;

interface NewOutboxRow {
  readonly messageId: string;
  readonly sessionId: string;
  readonly conversationId: string;
  readonly urgency: Urgency;
  /** The message's place among all: the order among those of the same urgency. */
  readonly position: number;
  /** Set for a time to come: it stands in no line, so it holds nothing up until then. */
  readonly scheduled: boolean;
  readonly dueAt: number;
  readonly expiresAt: number | null;
  readonly queuedAt: number;
  readonly purpose: Purpose;
  readonly textLength: number;
  readonly hasMedia: boolean;
  readonly textKey: string | null;
  readonly sendAt: number | null;
}

/** By rank. */
export const URGENCIES: readonly Urgency[] = ['high', 'normal', 'low', 'very-low'];

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
      get: database.prepare<[string], OutboxRow>(
        'SELECT o.* FROM messages m JOIN outbox o ON o.position = m.n WHERE m.id = ?',
      ),
      insert: database.prepare<
        [
          ...[string, string, string, number, number, number, OutboxState, number, number | null, number],
          ...[Purpose, number, number, string | null, number | null],
        ]
      >(
        `INSERT INTO outbox (message_id, session_id, conversation_id, urgency, position, scheduled, state, due_at, expires_at, queued_at,
           purpose, text_length, has_media, text_key, send_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      setPlan: database.prepare<[number, string | null, string, string]>(
        'UPDATE outbox SET plan_at = ?, hold = ?, review = ? WHERE position = (SELECT n FROM messages WHERE id = ?)',
      ),
      putOffNewChats: database.prepare<{ session: string; now: number; until: number }>(
        `UPDATE outbox SET due_at = @until WHERE session_id = @session AND state = 'ready' AND due_at <= @now AND EXISTS (
           SELECT 1 FROM conversations c
           WHERE c.id = outbox.conversation_id AND c.direct_guest_id IS NOT NULL AND c.last_inbound_at IS NULL)`,
      ),
      notDue: database.prepare<[string, number], OutboxRow>(
        "SELECT * FROM outbox WHERE session_id = ? AND state = 'ready' AND due_at > ?",
      ),
      line: database.prepare<[string, string], Pick<OutboxRow, 'position' | 'urgency' | 'state'>>(
        'SELECT position, urgency, state FROM outbox WHERE session_id = ? AND conversation_id = ? AND scheduled = 0 ORDER BY urgency, position LIMIT 1',
      ),
      demote: database.prepare<[string, string, number]>(
        `UPDATE outbox SET state = 'waiting'
         WHERE session_id = ? AND conversation_id = ? AND scheduled = 0 AND state = 'ready' AND position <> ?`,
      ),
      queuedIn: database.prepare<[string, string], { message_id: string }>(
        "SELECT message_id FROM outbox WHERE session_id = ? AND conversation_id = ? AND state <> 'sending' ORDER BY position",
      ),
      setState: database.prepare<[OutboxState, number]>('UPDATE outbox SET state = ? WHERE position = ?'),
      setDue: database.prepare<[OutboxState, number, number]>(
        'UPDATE outbox SET state = ?, due_at = ?, plan_at = NULL, hold = NULL WHERE position = ?',
      ),
      remove: database.prepare<[number]>('DELETE FROM outbox WHERE position = ?'),
    };
  }

  get(messageId: string): OutboxRow | undefined {
    return this.#sql.get.get(messageId);
  }

  /** What is due to guests who never wrote waits until then; in one statement, for there may be thousands. */
  putOffNewChats(session: string, now: number, until: number): void {
    this.#sql.putOffNewChats.run({ session, now, until });
  }

  /** Heads and scheduled messages of a session that are not due yet. */
  notDue(sessionId: string, now: number): readonly OutboxRow[] {
    return this.#sql.notDue.all(sessionId, now);
  }

  /** Ids of what waits in a conversation, not of what is being sent. */
  queuedIn(sessionId: string, conversationId: string): readonly string[] {
    return this.#sql.queuedIn.all(sessionId, conversationId).map((row) => row.message_id);
  }

  insert(row: NewOutboxRow): void {
    const urgency = URGENCIES.indexOf(row.urgency);
    let state: OutboxState = 'ready';
    if (!row.scheduled) {
      const head = this.#sql.line.get(row.sessionId, row.conversationId);
      if (head !== undefined && head.urgency <= urgency) state = 'waiting';
      else if (head !== undefined) this.#sql.demote.run(row.sessionId, row.conversationId, row.position);
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
      row.purpose,
      row.textLength,
      row.hasMedia ? 1 : 0,
      row.textKey,
      row.sendAt,
    );
    this.#touched().outbox.add(row.sessionId);
  }

  /** What the planner says of a message that waits; `at` null = when a person acts. Wakes nobody. */
  plan(row: OutboxRow, plan: { at: number | null; heldBy: HeldBy | null; review: OutboxRow['review'] }): void {
    const hold = plan.heldBy === null ? null : encode(plan.heldBy).json;
    this.#sql.setPlan.run(plan.at ?? NEVER_AT, hold, plan.review, row.message_id);
  }

  begin(row: OutboxRow): void {
    this.#sql.setState.run('sending', row.position);
  }

  /** Back to its place, not before `dueAt`. */
  postpone(row: OutboxRow, dueAt: number): void {
    const state = row.state === 'waiting' ? 'waiting' : 'ready';
    this.#sql.setDue.run(state, dueAt, row.position);
    this.#settleLine(row);
    this.#touched().outbox.add(row.session_id);
  }

  remove(row: OutboxRow): void {
    this.#sql.remove.run(row.position);
    this.#settleLine(row);
    this.#touched().outbox.add(row.session_id);
  }

  /** Makes the first of the line its head, and nothing else. */
  #settleLine(place: { readonly session_id: string; readonly conversation_id: string }): void {
    const head = this.#sql.line.get(place.session_id, place.conversation_id);
    if (head === undefined || head.state === 'sending') return;
    this.#sql.demote.run(place.session_id, place.conversation_id, head.position);
    if (head.state === 'waiting') this.#sql.setState.run('ready', head.position);
  }
}
