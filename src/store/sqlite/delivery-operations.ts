import { BellhopError } from '../../core/errors.ts';
import type { Delivery } from '../../engine/model/webhook.ts';
import type { DeliveryJob, DeliveryOutcome, WebhookStore } from '../../engine/ports/index.ts';
import { decodeCursor, encodeCursor, toPage } from './cursors.ts';
import { DeliveryClaims } from './delivery-claims.ts';
import type { DeliveryRow, DeliveryState } from './delivery-table.ts';
import type { DeliveryViewRow } from './delivery-view.ts';
import { DELIVERY_VIEW, readDelivery, statesOf, toDelivery } from './delivery-view.ts';
import type { EventRow } from './event-log.ts';
import { EVENT_COLUMNS, envelopeText } from './event-log.ts';
import type { StoreParts } from './parts.ts';
import { requireWebhook } from './require-webhook.ts';

type Deliveries = Pick<
  WebhookStore,
  'claimDeliveries' | 'recordDeliveries' | 'releaseDeliveries' | 'nextDeliveryAt' | 'listDeliveries' | 'redeliver'
>;

type DueRow = EventRow & {
  readonly delivery_id: string;
  readonly line: string;
  readonly attempts: number;
  readonly created_at: number;
};

const BEYOND_EVERY_ID = '~'; // sorts after all letters and digits

/** The work of the webhook dispatcher. */
export function deliveryOperations(parts: StoreParts): Deliveries {
  const { database, webhooks, deliveries, read, write } = parts;
  const claims = new DeliveryClaims();
  const due = database.prepare<[string, number], DueRow>(
    `SELECT d.id AS delivery_id, d.line, d.attempts, d.created_at, ${EVENT_COLUMNS}
     FROM deliveries d JOIN events e ON e.cursor = d.event_cursor
     WHERE d.webhook_id = ? AND d.state = 'ready' AND d.due_at <= ? ORDER BY d.due_at`,
  );
  const upcoming = database.prepare<[string], { id: string; due_at: number }>(
    "SELECT id, due_at FROM deliveries WHERE webhook_id = ? AND state = 'ready' ORDER BY due_at",
  );
  const page = database.prepare<[string, DeliveryState, string, number], DeliveryViewRow>(
    `${DELIVERY_VIEW} WHERE d.webhook_id = ? AND d.state = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?`,
  );
  let turn = 0;
  return {
    claimDeliveries: (query) =>
      read(() => {
        const jobs: DeliveryJob[] = [];
        const excluded = new Set(query.exclude);
        const open = [...webhooks.all().values()].filter(
          ({ webhook }) => !webhook.disabled && !excluded.has(webhook.id),
        );
        // Each claim begins with another endpoint, so that none is always last when the limit is small.
        turn = open.length === 0 ? 0 : (turn + 1) % open.length;
        for (const { webhook, secret } of [...open.slice(turn), ...open.slice(0, turn)]) {
          let left = Math.min(query.perWebhook, query.limit - jobs.length);
          if (left <= 0) continue;
          for (const row of due.iterate(webhook.id, query.now)) {
            const place = { id: row.delivery_id, webhookId: webhook.id, line: row.line };
            if (claims.holds(place, query.now)) continue;
            claims.add(place, query.leaseUntil);
            jobs.push(toJob(row, webhook, secret));
            left -= 1;
            if (left === 0) break;
          }
        }
        return jobs;
      }),
    async recordDeliveries(outcomes) {
      const work = (): void => {
        for (const { deliveryId, outcome } of outcomes) {
          const row = deliveries.get(deliveryId);
          if (row !== undefined && isPending(row)) record(parts, row, outcome);
        }
        parts.queue.touched.deliveries = true;
      };
      await write(work, { lazy: true }); // undone by a power cut, it is delivered again under the same id
      for (const { deliveryId } of outcomes) claims.release(deliveryId);
    },
    releaseDeliveries: () => read(() => claims.clear()),
    nextDeliveryAt: () =>
      read(() => {
        let next: number | null = null;
        for (const { webhook } of webhooks.all().values()) {
          if (webhook.disabled) continue;
          for (const row of upcoming.iterate(webhook.id)) {
            const claim = claims.get(row.id);
            const at = claim === undefined ? row.due_at : Math.max(row.due_at, claim.leaseUntil);
            if (next === null || at < next) next = at;
            if (claim === undefined) break;
          }
        }
        return next;
      }),
    listDeliveries: (webhookId, filter, query) =>
      read(() => {
        requireWebhook(parts, webhookId, filter.property);
        const before = query.cursor === undefined ? BEYOND_EVERY_ID : (decodeCursor('dlv', query.cursor, 1)[0] ?? '');
        const rows = statesOf(filter.status)
          .flatMap((state) => page.all(webhookId, state, before, query.limit + 1))
          .sort((a, b) => (a.id < b.id ? 1 : -1))
          .slice(0, query.limit + 1);
        return toPage(rows, query.limit, toDelivery, (row) => encodeCursor('dlv', row.id));
      }),
    redeliver: (webhookId, deliveryId, property, at) =>
      write((): Delivery => {
        const { webhook } = requireWebhook(parts, webhookId, property);
        const row = deliveries.get(deliveryId);
        if (row?.webhook_id !== webhookId) {
          throw new BellhopError('not_found', { detail: 'There is no such delivery.' });
        }
        if (webhook.disabled) throw new BellhopError('webhook_disabled');
        deliveries.revive(row, at);
        parts.queue.touched.deliveries = true;
        return readDelivery(database, deliveryId);
      }),
  };
}

function isPending(row: DeliveryRow): boolean {
  return row.state === 'ready' || row.state === 'waiting';
}

function toJob(row: DueRow, webhook: { id: string; url: string }, secret: string): DeliveryJob {
  return {
    deliveryId: row.delivery_id,
    webhookId: webhook.id,
    url: webhook.url,
    secret,
    eventId: row.id,
    eventType: row.type,
    body: envelopeText(row),
    attempts: row.attempts,
    createdAt: row.created_at,
  };
}

function record(parts: StoreParts, row: DeliveryRow, outcome: DeliveryOutcome): void {
  switch (outcome.type) {
    case 'delivered':
      parts.deliveries.finish(row, 'delivered', { at: outcome.at, status: outcome.status, error: null });
      return;
    case 'dead':
      parts.deliveries.finish(row, 'dead', outcome);
      return;
    case 'retry':
      parts.deliveries.retry(row, outcome);
  }
}
