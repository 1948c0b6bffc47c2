import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Webhook } from '../../engine/model/webhook.ts';
import type { NewWebhook, WebhookStore } from '../../engine/ports/index.ts';
import { decodeCursor, encodeCursor, toPage } from './cursors.ts';
import { readDelivery } from './delivery-view.ts';
import type { StoreParts } from './parts.ts';
import { isForeign, requireWebhook } from './require-webhook.ts';

type Webhooks = Pick<
  WebhookStore,
  'saveWebhook' | 'getWebhook' | 'listWebhooks' | 'updateWebhook' | 'deleteWebhook' | 'disableWebhook' | 'sendTestEvent'
>;

/** The endpoints of integrators. */
export function webhookOperations(parts: StoreParts): Webhooks {
  const { clock, webhooks, read, write } = parts;
  const view = makeView(parts);
  return {
    saveWebhook: (input) => write(() => view(save(parts, input, clock.now()))),
    getWebhook: (id, property) =>
      read(() => {
        const row = webhooks.get(id);
        return row === undefined || isForeign(row, property) ? null : view(row.webhook);
      }),
    listWebhooks: ({ property }, page) =>
      read(() => {
        const after = page.cursor === undefined ? '' : (decodeCursor('whk', page.cursor, 1)[0] ?? '');
        const rows = [...webhooks.all().values()].filter((row) => row.webhook.id > after && !isForeign(row, property));
        return toPage(
          rows,
          page.limit,
          (row) => view(row.webhook),
          (row) => encodeCursor('whk', row.webhook.id),
        );
      }),
    updateWebhook: (id, patch, property) =>
      write(() => {
        const row = requireWebhook(parts, id, property);
        const { url, types, description, disabled } = patch;
        const webhook: Webhook = {
          ...row.webhook,
          ...(url === undefined ? {} : { url }),
          ...(types === undefined ? {} : { types: [...types] }),
          ...(description === undefined ? {} : { description }),
          ...(disabled === undefined ? {} : { disabled }),
          ...(disabled === false ? { disabledReason: null } : {}),
          updatedAt: toTimestamp(clock.now()),
        };
        webhooks.save({ ...row, webhook });
        if (disabled === false) parts.queue.touched.deliveries = true;
        return view(webhook);
      }),
    deleteWebhook: (id, property) =>
      write(() => {
        requireWebhook(parts, id, property);
        webhooks.remove(id);
      }),
    disableWebhook: (id, reason, at) =>
      write(() => {
        const row = requireWebhook(parts, id, null);
        if (row.webhook.disabled) return;
        const webhook = { ...row.webhook, disabled: true, disabledReason: reason, updatedAt: toTimestamp(at) };
        webhooks.save({ ...row, webhook });
        const data = JSON.stringify({ webhook: view(webhook), cause: reason });
        const { property } = webhook;
        parts.events.append({
          type: 'webhook.disabled',
          property,
          at,
          conversationId: null,
          seq: null,
          line: '',
          data,
        });
      }),
    sendTestEvent: (id, property, at) =>
      write(() => {
        const { webhook } = requireWebhook(parts, id, property);
        if (webhook.disabled) throw new BellhopError('webhook_disabled');
        const data = JSON.stringify({ webhook: view(webhook) });
        const place = { property: webhook.property, conversationId: null, seq: null, line: '' };
        const eventCursor = parts.events.write({ ...place, type: 'webhook.test', at, data });
        const deliveryId = parts.deliveries.append({ webhookId: id, eventCursor, line: '', at });
        parts.queue.touched.deliveries = true;
        return readDelivery(parts.database, deliveryId);
      }),
  };
}

function makeView(parts: StoreParts): (webhook: Webhook) => Webhook {
  const count = parts.database.prepare<[string], { pending: number }>(
    "SELECT COUNT(*) AS pending FROM deliveries WHERE webhook_id = ? AND state IN ('ready', 'waiting')",
  );
  return (webhook) => ({ ...webhook, types: [...webhook.types], pending: count.get(webhook.id)?.pending ?? 0 });
}

function save(parts: StoreParts, input: NewWebhook, now: number): Webhook {
  const time = toTimestamp(now);
  const { property, url, description, secret, configKey } = input;
  const id = configKey === undefined ? undefined : parts.webhooks.idOfConfigKey(configKey);
  const known = id === undefined ? undefined : parts.webhooks.get(id);
  const facts = { property, url, types: [...input.types], description };
  if (known !== undefined) {
    // Another address is another endpoint: what disabled the old one says nothing about it.
    const fresh = known.webhook.url === url ? {} : { disabled: false, disabledReason: null };
    const webhook: Webhook = { ...known.webhook, ...facts, ...fresh, updatedAt: time };
    parts.webhooks.save({ webhook, secret });
    return webhook;
  }
  const webhook: Webhook = {
    id: parts.ids.next('whk'),
    ...facts,
    disabled: false,
    disabledReason: null,
    pending: 0,
    createdAt: time,
    updatedAt: time,
  };
  parts.webhooks.insert({ webhook, secret }, configKey ?? null);
  return webhook;
}
