import { beforeEach, describe, expect, it } from 'vitest';
import type { Webhook } from '../../src/engine/model/webhook.ts';
import type { CommitSummary, DeliveryJob, DeliveryOutcome } from '../../src/engine/ports/index.ts';
import { accept, BEN, eventTypes } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const LEASE_MS = 30_000;
const hook = {
  property: 'main',
  url: 'https://pms.example/hook',
  types: [],
  description: null,
  secret: 'whsec_c2VjcmV0',
};
const toBen = { to: { kind: 'direct', address: BEN } } as const;

export function storeDeliveryContract(use: () => StoreUnderTest): void {
  const claim = (query: Partial<{ limit: number; perWebhook: number; exclude: readonly string[] }> = {}) => {
    const { store, clock } = use();
    const now = clock.now();
    return store.claimDeliveries({ now, leaseUntil: now + LEASE_MS, limit: 50, perWebhook: 50, exclude: [], ...query });
  };
  const record = (jobs: readonly DeliveryJob[], outcome: DeliveryOutcome) =>
    use().store.recordDeliveries(jobs.map((job) => ({ deliveryId: job.deliveryId, outcome })));
  const delivered = (jobs: readonly DeliveryJob[]) =>
    record(jobs, { type: 'delivered', at: use().clock.now(), status: 204 });
  const typesOf = (jobs: readonly DeliveryJob[]) => jobs.map((job) => job.eventType);

  describe('webhooks', () => {
    it('keeps, changes, lists and removes endpoints within their property', async () => {
      const { store } = use();
      const webhook = await store.saveWebhook({ ...hook, types: ['message.*'] });
      expect(webhook).toMatchObject({ url: hook.url, types: ['message.*'], disabled: false, pending: 0 });
      expect(JSON.stringify(webhook)).not.toContain('whsec');
      expect(await store.getWebhook(webhook.id, 'main')).toEqual(webhook);
      expect(await store.getWebhook(webhook.id, 'other')).toBeNull();
      const second = await store.saveWebhook(hook);
      const page = await store.listWebhooks({ property: 'main' }, { limit: 1 });
      expect(page.data).toEqual([webhook]);
      expect(
        (await store.listWebhooks({ property: 'main' }, { limit: 1, cursor: page.nextCursor ?? '' })).data,
      ).toEqual([second]);
      const changed = await store.updateWebhook(webhook.id, { description: 'PMS', types: [] }, 'main');
      expect(changed).toMatchObject({ description: 'PMS', types: [], url: hook.url });
      await expect(store.updateWebhook(webhook.id, {}, 'other')).rejects.toMatchObject({ code: 'not_found' });
      await store.deleteWebhook(webhook.id, 'main');
      expect(await store.getWebhook(webhook.id, null)).toBeNull();
      await expect(store.deleteWebhook(webhook.id, null)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('makes an endpoint of the configuration once and updates it at later starts', async () => {
      const { store } = use();
      const first = await store.saveWebhook({ ...hook, configKey: 'pms' });
      const again = await store.saveWebhook({ ...hook, configKey: 'pms', types: ['guest.*'], secret: 'whsec_new' });
      expect(again).toMatchObject({ id: first.id, types: ['guest.*'] });
      await accept(store, 'N1');
      expect(await claim()).toMatchObject([{ secret: 'whsec_new', eventType: 'guest.created' }]);
    });

    it('disables with one event, lets everything wait from then on, and goes on when enabled', async () => {
      const { store, clock } = use();
      const webhook = await store.saveWebhook({ ...hook, types: ['message.*'] });
      await accept(store, 'N1');
      await store.disableWebhook(webhook.id, 'gone', clock.now());
      await store.disableWebhook(webhook.id, 'gone', clock.now());
      expect((await eventTypes(store)).filter((type) => type === 'webhook.disabled')).toHaveLength(1);
      await accept(store, 'N2');
      expect(await claim()).toEqual([]);
      expect(await store.nextDeliveryAt()).toBeNull();
      expect(await store.getWebhook(webhook.id, null)).toMatchObject({
        disabled: true,
        disabledReason: 'gone',
        pending: 2,
      });
      await expect(store.sendTestEvent(webhook.id, 'main', clock.now())).rejects.toMatchObject({
        code: 'webhook_disabled',
      });
      expect((await store.figures(clock.now())).webhooks).toEqual({ enabled: 0, paused: 0, refused: 1 });
      const enabled = await store.updateWebhook(webhook.id, { disabled: false }, 'main');
      expect(enabled).toMatchObject({ disabled: false, disabledReason: null });
      await store.updateWebhook(webhook.id, { disabled: true }, 'main');
      expect((await store.figures(clock.now())).webhooks).toEqual({ enabled: 0, paused: 1, refused: 0 });
      await store.updateWebhook(webhook.id, { disabled: false }, 'main');
      expect(typesOf(await claim())).toEqual(['message.queued']);
    });

    it('gives an endpoint the events of its own property only', async () => {
      const { store } = use();
      await store.saveWebhook({ ...hook, property: 'other' });
      await accept(store, 'N1');
      expect(await claim()).toEqual([]);
    });

    it('sends a test event to one endpoint alone', async () => {
      const { store, clock } = use();
      const webhook = await store.saveWebhook({ ...hook, types: ['guest.*'] });
      await store.saveWebhook(hook);
      const delivery = await store.sendTestEvent(webhook.id, 'main', clock.now());
      expect(delivery).toMatchObject({ webhookId: webhook.id, eventType: 'webhook.test', status: 'pending' });
      expect(await claim()).toMatchObject([{ webhookId: webhook.id, eventType: 'webhook.test' }]);
    });
  });

  describe('deliveries', () => {
    let webhook: Webhook;
    beforeEach(async () => {
      webhook = await use().store.saveWebhook({ ...hook, types: ['message.*', 'conversation.*'] });
    });

    it('gives the head of each line only, with everything needed to send it', async () => {
      const { store } = use();
      const message = await accept(store, 'N1');
      await accept(store, 'B1', toBen);
      const jobs = await claim();
      expect(typesOf(jobs)).toEqual(['conversation.created', 'conversation.created']);
      expect(jobs[0]).toMatchObject({ url: hook.url, secret: hook.secret, attempts: 0 });
      const envelope: unknown = JSON.parse(jobs[0]?.body ?? '');
      const [event] = (await store.listEvents({ property: null, types: ['conversation.created'], limit: 1 })).data;
      expect(envelope).toEqual(event);
      expect(event).toMatchObject({ conversationId: message.conversationId, seq: 1 });
      expect(await claim()).toEqual([]);
      await delivered(jobs.slice(0, 1));
      expect(typesOf(await claim())).toEqual(['message.queued']);
    });

    it('sends the same bytes on each attempt, and holds the line until then', async () => {
      const { store, clock } = use();
      await accept(store, 'N1');
      const [first] = await claim();
      const nextAt = clock.now() + 5000;
      await record(first === undefined ? [] : [first], {
        type: 'retry',
        at: clock.now(),
        nextAt,
        status: 500,
        error: 'HTTP 500',
      });
      expect(await claim()).toEqual([]);
      expect(await store.nextDeliveryAt()).toBe(nextAt);
      await clock.advance(5000);
      const [second] = await claim();
      expect(second).toEqual({ ...first, attempts: 1 });
      await record(second === undefined ? [] : [second], { type: 'dead', at: clock.now(), status: 410, error: 'gone' });
      const dead = (await store.listDeliveries(webhook.id, { status: 'dead', property: null }, { limit: 9 })).data;
      expect(dead).toMatchObject([
        { id: first?.deliveryId, attempts: 2, lastStatus: 410, lastError: 'gone', nextAttemptAt: null },
      ]);
      expect(typesOf(await claim())).toEqual(['message.queued']);
    });

    it('frees a claim when its lease is over or the daemon starts anew', async () => {
      const { store, clock } = use();
      await accept(store, 'N1');
      const first = await claim();
      await clock.advance(LEASE_MS - 1);
      expect(await claim()).toEqual([]);
      expect(await store.nextDeliveryAt()).toBe(clock.now() + 1);
      await clock.advance(1);
      expect(await claim()).toEqual(first);
      await store.releaseDeliveries();
      expect(await claim()).toEqual(first);
    });

    it('is fair between endpoints and leaves out those that are busy', async () => {
      const { store } = use();
      const other = await store.saveWebhook({ ...hook, types: ['conversation.*'] });
      for (let index = 0; index < 4; index += 1) {
        await accept(store, `N${index}`, { to: { kind: 'direct', address: `+4915100000${index}` } });
      }
      const byHook = (jobs: readonly DeliveryJob[], id: string) => jobs.filter((job) => job.webhookId === id).length;
      const jobs = await claim({ perWebhook: 2 });
      expect([byHook(jobs, webhook.id), byHook(jobs, other.id)]).toEqual([2, 2]);
      const rest = await claim({ exclude: [webhook.id] });
      expect([byHook(rest, webhook.id), byHook(rest, other.id)]).toEqual([0, 2]);
      expect(await claim({ limit: 1 })).toHaveLength(1);
    });

    it('lists deliveries newest first, by status and page', async () => {
      const { store } = use();
      await accept(store, 'N1');
      await accept(store, 'N2');
      await delivered(await claim());
      const page = await store.listDeliveries(webhook.id, { property: 'main' }, { limit: 2 });
      const next = await store.listDeliveries(
        webhook.id,
        { property: 'main' },
        { limit: 2, cursor: page.nextCursor ?? '' },
      );
      const all = [...page.data, ...next.data];
      expect(all.map((delivery) => [delivery.eventType, delivery.status])).toEqual([
        ['message.queued', 'pending'],
        ['message.queued', 'pending'],
        ['conversation.created', 'delivered'],
      ]);
      expect(all[2]).toMatchObject({ lastStatus: 204, attempts: 1, deliveredAt: expect.any(String) });
      expect(next.nextCursor).toBeNull();
      const pending = await store.listDeliveries(webhook.id, { status: 'pending', property: null }, { limit: 9 });
      expect(pending.data).toHaveLength(2);
      await expect(store.listDeliveries(webhook.id, { property: 'other' }, { limit: 1 })).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await store.figures(0)).toMatchObject({
        deliveriesPending: 2,
        deliveriesDead: 0,
        oldestDeliveryAt: expect.any(Number),
        limits: [],
      });
    });

    it('delivers a dead one again, before what came after it', async () => {
      const { store, clock } = use();
      await accept(store, 'N1');
      const first = await claim();
      await record(first, { type: 'dead', at: clock.now(), status: null, error: 'timeout' });
      const again = await store.redeliver(webhook.id, first[0]?.deliveryId ?? '', 'main', clock.now());
      expect(again).toMatchObject({ status: 'pending', attempts: 0 });
      expect(await claim()).toEqual(first);
      await delivered(first);
      expect(typesOf(await claim())).toEqual(['message.queued']);
      await expect(store.redeliver(webhook.id, 'dlv_x', 'main', 1)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('does not begin a redelivery while another of its line is under way', async () => {
      const { store, clock } = use();
      await accept(store, 'N1');
      const first = await claim();
      await delivered(first);
      const second = await claim();
      await store.redeliver(webhook.id, first[0]?.deliveryId ?? '', 'main', clock.now());
      expect(await claim()).toEqual([]);
      await delivered(second);
      expect(await claim()).toMatchObject([{ deliveryId: first[0]?.deliveryId }]);
    });

    it('replays the events of a range that the endpoint wants, in order', async () => {
      const { store, clock } = use();
      await Promise.all(Array.from({ length: 300 }, (_, index) => accept(store, `N${index}`)));
      const events = (await store.listEvents({ property: null, types: ['message.*'], limit: 400 })).data;
      const late = await store.saveWebhook({ ...hook, types: ['message.*'] });
      const range = { after: events[0]?.cursor ?? '', until: events[298]?.cursor ?? '' };
      expect(await store.replayEvents(late.id, range, 'main', clock.now())).toBe(298);
      expect(await store.replayEvents(late.id, range, 'main', clock.now())).toBe(0);
      const seen: string[] = [];
      for (let index = 0; index < 3; index += 1) {
        const jobs = await claim({ exclude: [webhook.id] });
        seen.push(...jobs.map((job) => job.eventId));
        await delivered(jobs);
      }
      expect(seen).toEqual(events.slice(1, 4).map((event) => event.id));
      await expect(store.replayEvents(late.id, { after: 'x' }, 'main', 1)).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });

    it('puts a replayed event before newer ones that still wait', async () => {
      const { store, clock } = use();
      await accept(store, 'N1');
      const first = await claim();
      await delivered(first);
      const [start, created] = (await store.listEvents({ property: null, limit: 2 })).data;
      const range = { after: start?.cursor ?? '', until: created?.cursor ?? '' };
      expect(await store.replayEvents(webhook.id, range, 'main', clock.now())).toBe(1);
      const again = await claim();
      expect(again).toMatchObject([{ eventId: first[0]?.eventId, body: first[0]?.body }]);
      await delivered(again);
      expect(typesOf(await claim())).toEqual(['message.queued']);
    });

    it('says in the summary of a commit that there is something to deliver', async () => {
      const { store } = use();
      const seen: CommitSummary[] = [];
      store.onCommit((summary) => seen.push(summary));
      await accept(store, 'N1');
      expect(seen.map((summary) => summary.deliveries)).toEqual([true]);
    });

    it('forgets the deliveries of an endpoint that was removed', async () => {
      const { store } = use();
      await accept(store, 'N1');
      const jobs = await claim();
      await store.deleteWebhook(webhook.id, 'main');
      await delivered(jobs);
      expect(await claim()).toEqual([]);
      expect((await store.figures(0)).deliveriesPending).toBe(0);
    });
  });
}
