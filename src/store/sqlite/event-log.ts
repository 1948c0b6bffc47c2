import type Database from 'better-sqlite3';
import { toTimestamp } from '../../core/clock.ts';
import type { IdFactory } from '../../core/ids.ts';
import type { EventEnvelope, EventType } from '../../engine/model/event.ts';
import type { JsonOf } from './codec.ts';
import { decode } from './codec.ts';
import { encodeCursor } from './cursors.ts';
import type { DeliveryTable } from './delivery-table.ts';
import type { WebhookTable } from './webhook-table.ts';
import type { Touched } from './write-queue.ts';

/** An event before it has its place in the log. `data` is the JSON of what the envelope carries. */
interface NewEvent {
  readonly type: EventType;
  readonly property: string;
  readonly at: number;
  readonly conversationId: string | null;
  readonly seq: number | null;
  /** Deliveries of one line go out in order: a conversation's or a session's id; '' where no order is promised. */
  readonly line: string;
  readonly data: string;
}

export interface EventRow {
  readonly cursor: number;
  readonly id: string;
  readonly type: EventType;
  readonly at: number;
  readonly conversation_id: string | null;
  readonly seq: number | null;
  readonly data: JsonOf<EventEnvelope['data']>;
}

/** Columns of an EventRow, for a query that joins the log under the name `e`. */
export const EVENT_COLUMNS = 'e.cursor, e.id, e.type, e.at, e.conversation_id, e.seq, e.data';

/** The log of everything that happened. Each event is written once, with one delivery row for each endpoint that wants it. */
export class EventLog {
  readonly #ids: IdFactory;
  readonly #webhooks: WebhookTable;
  readonly #deliveries: DeliveryTable;
  readonly #touched: () => Touched;
  readonly #insert;

  constructor(deps: {
    database: Database.Database;
    ids: IdFactory;
    webhooks: WebhookTable;
    deliveries: DeliveryTable;
    touched: () => Touched;
  }) {
    this.#ids = deps.ids;
    this.#webhooks = deps.webhooks;
    this.#deliveries = deps.deliveries;
    this.#touched = deps.touched;
    this.#insert = deps.database.prepare<
      [string, string, EventType, number, string | null, number | null, string, string]
    >('INSERT INTO events (id, property, type, at, conversation_id, seq, line, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  }

  /** Inside a write transaction. Returns the event's place in the log. */
  append(event: NewEvent): number {
    const cursor = this.write(event);
    for (const webhookId of this.#webhooks.wanting(event.property, event.type)) {
      this.#deliveries.append({ webhookId, eventCursor: cursor, line: event.line, at: event.at });
      this.#touched().deliveries = true;
    }
    return cursor;
  }

  /** The same without deliveries, for an event that is meant for one endpoint. */
  write(event: NewEvent): number {
    const { property, type, at, conversationId, seq, line, data } = event;
    const result = this.#insert.run(this.#ids.next('evt'), property, type, at, conversationId, seq, line, data);
    this.#touched().events = true;
    return Number(result.lastInsertRowid);
  }
}

/** The envelope as webhooks send it: the same bytes whenever it is made. */
export function envelopeText(row: EventRow): string {
  const place = row.conversation_id === null ? 'null' : `"${row.conversation_id}"`;
  return (
    `{"id":"${row.id}","type":"${row.type}","timestamp":"${toTimestamp(row.at)}","cursor":"${encodeCursor('evt', row.cursor)}",` +
    `"conversationId":${place},"seq":${row.seq ?? 'null'},"data":${row.data}}`
  );
}

export function toEnvelope(row: EventRow): EventEnvelope {
  return {
    id: row.id,
    type: row.type,
    timestamp: toTimestamp(row.at),
    cursor: encodeCursor('evt', row.cursor),
    conversationId: row.conversation_id,
    seq: row.seq,
    data: decode(row.data),
  };
}
