import type Database from 'better-sqlite3';
import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { EventType } from '../../engine/model/event.ts';
import type { Delivery, DeliveryStatus } from '../../engine/model/webhook.ts';
import type { DeliveryRow, DeliveryState } from './delivery-table.ts';

/** A delivery with what its event is, for a query that names the tables `d` and `e`. */
export type DeliveryViewRow = DeliveryRow & { readonly event_id: string; readonly event_type: EventType };

export const DELIVERY_VIEW = `SELECT d.*, e.id AS event_id, e.type AS event_type
  FROM deliveries d JOIN events e ON e.cursor = d.event_cursor`;

/** One delivery as the API shows it; rejects with `not_found`. */
export function readDelivery(database: Database.Database, id: string): Delivery {
  const row = database.prepare<[string], DeliveryViewRow>(`${DELIVERY_VIEW} WHERE d.id = ?`).get(id);
  if (row === undefined) throw new BellhopError('not_found', { detail: 'There is no such delivery.' });
  return toDelivery(row);
}

export function toDelivery(row: DeliveryViewRow): Delivery {
  const status = statusOf(row.state);
  return {
    id: row.id,
    webhookId: row.webhook_id,
    eventId: row.event_id,
    eventType: row.event_type,
    status,
    attempts: row.attempts,
    nextAttemptAt: status === 'pending' ? toTimestamp(row.due_at) : null,
    lastAttemptAt: row.last_at === null ? null : toTimestamp(row.last_at),
    lastStatus: row.last_status,
    lastError: row.last_error,
    deliveredAt: row.delivered_at === null ? null : toTimestamp(row.delivered_at),
    createdAt: toTimestamp(row.created_at),
  };
}

/** The states in which a delivery of this status may be. */
export function statesOf(status: DeliveryStatus | undefined): readonly DeliveryState[] {
  switch (status) {
    case 'pending':
      return ['ready', 'waiting'];
    case 'delivered':
    case 'dead':
      return [status];
    case undefined:
      return ['ready', 'waiting', 'delivered', 'dead'];
  }
}

function statusOf(state: DeliveryState): DeliveryStatus {
  return state === 'ready' || state === 'waiting' ? 'pending' : state;
}
