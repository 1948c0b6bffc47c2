import type { EventType } from '../../engine/model/event.ts';
import type { WebhookStore } from '../../engine/ports/index.ts';
import { decodeNumberCursor } from './cursors.ts';
import type { StoreParts } from './parts.ts';
import { requireWebhook } from './require-webhook.ts';
import { matchesTypes } from './webhook-table.ts';

const EVENTS_PER_COMMIT = 250; // a replay of days must not hold up what happens meanwhile

interface Row {
  readonly cursor: number;
  readonly type: EventType;
  readonly line: string;
}

/**
 * New deliveries for old events, in short commits one after the other: a crash leaves the first part of the range. An event that
 * still waits for this endpoint is not doubled. The range is `(after, until]`, by default up to the newest event.
 */
export function replayEvents(parts: StoreParts): WebhookStore['replayEvents'] {
  const { database, deliveries, write } = parts;
  const range = database.prepare<[number, number, string, number], Row>(
    `SELECT cursor, type, COALESCE(line, '') AS line FROM events WHERE cursor > ? AND cursor <= ? AND property = ?
     ORDER BY cursor LIMIT ?`,
  );
  const waiting = database.prepare<[string, string, number], { n: number }>(
    `SELECT n FROM deliveries WHERE webhook_id = ? AND line = ? AND event_cursor = ? AND state IN ('ready', 'waiting')`,
  );
  const newest = database.prepare<[], { cursor: number }>('SELECT cursor FROM events ORDER BY cursor DESC LIMIT 1');

  return async (webhookId, { after, until }, property, at) => {
    let from = decodeNumberCursor('evt', after);
    const end = until === undefined ? (newest.get()?.cursor ?? 0) : decodeNumberCursor('evt', until);
    let total = 0;
    for (;;) {
      const step = await write(() => {
        const { webhook } = requireWebhook(parts, webhookId, property);
        const rows = range.all(from, end, webhook.property, EVENTS_PER_COMMIT);
        let made = 0;
        for (const { cursor, type, line } of rows) {
          if (!matchesTypes(webhook.types, type)) continue;
          if (waiting.get(webhookId, line, cursor) !== undefined) continue;
          deliveries.insertInOrder({ webhookId, eventCursor: cursor, line, at });
          made += 1;
        }
        if (made > 0) parts.queue.touched.deliveries = true;
        return { made, last: rows.length < EVENTS_PER_COMMIT ? null : rows.at(-1) };
      });
      total += step.made;
      if (step.last === null || step.last === undefined) return total;
      from = step.last.cursor;
    }
  };
}
