import type Database from 'better-sqlite3';
import type { IdFactory } from '../../core/ids.ts';

/** `ready`: the head of its line. `waiting`: behind another of its line. The last two are ends. */
export type DeliveryState = 'ready' | 'waiting' | 'delivered' | 'dead';

export interface DeliveryRow {
  readonly id: string;
  readonly webhook_id: string;
  readonly event_cursor: number;
  readonly line: string;
  readonly state: DeliveryState;
  readonly due_at: number;
  readonly attempts: number;
  readonly last_at: number | null;
  readonly last_status: number | null;
  readonly last_error: string | null;
  readonly delivered_at: number | null;
  readonly created_at: number;
}

/** What a new delivery is about. `line` is a conversation or session, whose events stay in order; '' stands in no line. */
interface NewDelivery {
  readonly webhookId: string;
  readonly eventCursor: number;
  readonly line: string;
  readonly at: number;
}

/**
 * The deliveries of each endpoint, in lines. Which one is the head of its line is kept in the row, so that claiming is an index
 * lookup however long the lines are. All methods run inside a write transaction.
 */
export class DeliveryTable {
  readonly #ids: IdFactory;
  readonly #sql;

  constructor(deps: { database: Database.Database; ids: IdFactory }) {
    const { database } = deps;
    this.#ids = deps.ids;
    this.#sql = {
      get: database.prepare<[string], DeliveryRow>('SELECT * FROM deliveries WHERE id = ?'),
      insert: database.prepare<[string, string, number, string, DeliveryState, number, number]>(
        'INSERT INTO deliveries (id, webhook_id, event_cursor, line, state, due_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ),
      inLine: database.prepare<[string, string], { n: number }>(
        "SELECT n FROM deliveries WHERE webhook_id = ? AND line = ? AND state IN ('ready', 'waiting') LIMIT 1",
      ),
      oldest: database.prepare<[string, string], { id: string; state: DeliveryState }>(
        `SELECT id, state FROM deliveries WHERE webhook_id = ? AND line = ? AND state IN ('ready', 'waiting')
         ORDER BY event_cursor LIMIT 1`,
      ),
      demote: database.prepare<[string, string, string]>(
        "UPDATE deliveries SET state = 'waiting' WHERE webhook_id = ? AND line = ? AND state = 'ready' AND id <> ?",
      ),
      setState: database.prepare<[DeliveryState, string]>('UPDATE deliveries SET state = ? WHERE id = ?'),
      retry: database.prepare<[number, number, number | null, string | null, string]>(
        'UPDATE deliveries SET attempts = attempts + 1, due_at = ?, last_at = ?, last_status = ?, last_error = ? WHERE id = ?',
      ),
      finish: database.prepare<[DeliveryState, number, number | null, string | null, number | null, string]>(
        'UPDATE deliveries SET state = ?, attempts = attempts + 1, last_at = ?, last_status = ?, last_error = ?, delivered_at = ? WHERE id = ?',
      ),
      revive: database.prepare<[number, string]>(
        "UPDATE deliveries SET state = 'waiting', attempts = 0, due_at = ?, delivered_at = NULL WHERE id = ?",
      ),
    };
  }

  get(id: string): DeliveryRow | undefined {
    return this.#sql.get.get(id);
  }

  /** For an event that is newer than every other of its line. Returns the delivery's id. */
  append(delivery: NewDelivery): string {
    const behind = delivery.line !== '' && this.#sql.inLine.get(delivery.webhookId, delivery.line) !== undefined;
    return this.#insert(delivery, behind ? 'waiting' : 'ready');
  }

  /** For an event of any age: it takes its place in the order of the log. */
  insertInOrder(delivery: NewDelivery): string {
    const id = this.#insert(delivery, delivery.line === '' ? 'ready' : 'waiting');
    this.settleLine(delivery.webhookId, delivery.line);
    return id;
  }

  retry(row: DeliveryRow, facts: { at: number; nextAt: number; status: number | null; error: string }): void {
    this.#sql.retry.run(facts.nextAt, facts.at, facts.status, facts.error, row.id);
  }

  /** An end; the next of its line goes. */
  finish(
    row: DeliveryRow,
    state: 'delivered' | 'dead',
    facts: { at: number; status: number | null; error: string | null },
  ): void {
    const deliveredAt = state === 'delivered' ? facts.at : null;
    this.#sql.finish.run(state, facts.at, facts.status, facts.error, deliveredAt, row.id);
    this.settleLine(row.webhook_id, row.line);
  }

  /** Tried again from the beginning, in its old place in the line. */
  revive(row: DeliveryRow, at: number): void {
    this.#sql.revive.run(at, row.id);
    if (row.line === '') this.#sql.setState.run('ready', row.id);
    else this.settleLine(row.webhook_id, row.line);
  }

  /** Makes the oldest of the line its head, and nothing else. */
  settleLine(webhookId: string, line: string): void {
    if (line === '') return;
    const oldest = this.#sql.oldest.get(webhookId, line);
    if (oldest === undefined || oldest.state === 'ready') return;
    this.#sql.demote.run(webhookId, line, oldest.id);
    this.#sql.setState.run('ready', oldest.id);
  }

  #insert(delivery: NewDelivery, state: DeliveryState): string {
    const id = this.#ids.next('dlv');
    const { webhookId, eventCursor, line, at } = delivery;
    this.#sql.insert.run(id, webhookId, eventCursor, line, state, at, at);
    return id;
  }
}
