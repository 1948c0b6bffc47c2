import { BellhopError } from '../../core/errors.ts';
import type { PropertyFilter } from '../../engine/ports/index.ts';
import type { WebhookRow, WebhookTable } from './webhook-table.ts';

/** Rejects with `not_found`, also for another property's endpoint. */
export function requireWebhook(parts: { webhooks: WebhookTable }, id: string, property: PropertyFilter): WebhookRow {
  const row = parts.webhooks.get(id);
  if (row === undefined || isForeign(row, property)) {
    throw new BellhopError('not_found', { detail: 'There is no such webhook.' });
  }
  return row;
}

export function isForeign(row: WebhookRow, property: PropertyFilter): boolean {
  return property !== null && row.webhook.property !== property;
}
