import { describe, expect, it } from 'vitest';
import { toTimestamp } from '../../src/core/clock.ts';
import type { Alert } from '../../src/engine/model/alert.ts';
import type { PendingNotice, StoredAlert } from '../../src/engine/ports/index.ts';
import { accept, eventTypes, inbound, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const idOf = (digit: string): string => `alr_${digit.repeat(26)}`;
const MINUTE_MS = 60_000;

/** What is remembered of alerts. */
export function storeAlertContract(use: () => StoreUnderTest): void {
  const known = (digit: string, more: Partial<Alert> = {}, key = `key ${digit}`): StoredAlert => {
    const now = toTimestamp(use().clock.now());
    return {
      key,
      alert: {
        id: idOf(digit),
        property: 'main',
        kind: 'line',
        code: 'fake_lost',
        name: 'front-desk (WhatsApp)',
        title: 'front-desk is down',
        text: 'The connection broke off.',
        action: 'none',
        remedy: 'Nothing to do.',
        channel: 'whatsapp',
        sessions: [SESSION],
        webhookId: null,
        since: now,
        openedAt: now,
        updatedAt: now,
        endedAt: null,
        closedAt: null,
        resolution: null,
        ...more,
      },
      members: ['session:front-desk'],
      told: ['none'],
      toldAt: use().clock.now(),
      lastDropAt: null,
    };
  };

  describe('alerts', () => {
    it('are kept whole, and are open until they are closed', async () => {
      const { store } = use();
      const first = known('1');
      await store.saveAlert(first, { event: 'alert.opened' });
      expect(await store.openAlerts()).toEqual([first]);
      const closed = known('1', { closedAt: first.alert.since, resolution: 'recovered' });
      await store.saveAlert(closed, { event: 'alert.closed' });
      expect(await store.openAlerts()).toEqual([]);
      expect((await store.listAlerts({ property: null }, { limit: 5 })).data).toEqual([closed.alert]);
      expect((await eventTypes(store)).filter((type) => type.startsWith('alert.'))).toEqual([
        'alert.opened',
        'alert.closed',
      ]);
    });

    it('are told in the log with the whole alert, and only when asked', async () => {
      const { store } = use();
      await store.saveAlert(known('1'));
      expect((await eventTypes(store)).filter((type) => type.startsWith('alert.'))).toEqual([]);
      await store.saveAlert(known('1'), { event: 'alert.updated' });
      const { data } = await store.listEvents({ property: 'main', types: ['alert.*'], limit: 5 });
      expect(data.map((event) => event.data)).toEqual([
        { alert: known('1').alert, cause: 'fake_lost', remedy: 'Nothing to do.' },
      ]);
    });

    it('are open only once for the same trouble', async () => {
      const { store } = use();
      await store.saveAlert(known('1', {}, 'same'));
      await expect(store.saveAlert(known('2', {}, 'same'), { event: 'alert.opened' })).rejects.toThrow();
      expect((await eventTypes(store)).filter((type) => type.startsWith('alert.'))).toEqual([]);
      await store.saveAlert(known('1', { closedAt: known('1').alert.since }, 'same'));
      await store.saveAlert(known('2', {}, 'same'));
      expect((await store.openAlerts()).map(({ alert }) => alert.id)).toEqual([idOf('2')]);
    });

    it('are listed newest first, page by page, by property and by whether they are open', async () => {
      const { store } = use();
      await store.saveAlert(known('1'));
      await store.saveAlert(known('2', { property: 'annex' }));
      await store.saveAlert(known('3', { closedAt: known('1').alert.since }));
      await store.saveAlert(known('1')); // a change does not move it
      const list = async (filter: { property: string | null; open?: boolean }, limit: number, cursor?: string) => {
        const page = await store.listAlerts(filter, { limit, ...(cursor === undefined ? {} : { cursor }) });
        return { ids: page.data.map(({ id }) => id), next: page.nextCursor };
      };
      const first = await list({ property: null }, 2);
      expect(first.ids).toEqual([idOf('3'), idOf('2')]);
      expect(await list({ property: null }, 2, first.next ?? '')).toEqual({ ids: [idOf('1')], next: null });
      expect((await list({ property: null, open: true }, 5)).ids).toEqual([idOf('2'), idOf('1')]);
      expect((await list({ property: null, open: false }, 5)).ids).toEqual([idOf('3')]);
      expect((await list({ property: 'main' }, 5)).ids).toEqual([idOf('3'), idOf('1')]);
      await expect(store.listAlerts({ property: null }, { limit: 1, cursor: 'bm9uc2Vuc2U' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });

    it('are forgotten when they were closed long ago, and never while they are open', async () => {
      const { store, clock } = use();
      const closed = (digit: string, ms: number): StoredAlert =>
        known(digit, { closedAt: toTimestamp(clock.now() + ms), resolution: 'recovered' }, 'same');
      await store.saveAlert(known('1'));
      for (const [digit, ms] of [
        ['2', 0],
        ['3', 1_000],
        ['4', 2_000],
      ] as const)
        await store.saveAlert(closed(digit, ms));
      expect(await store.pruneAlerts(clock.now() + 1_000)).toBe(1);
      const left = async (): Promise<readonly string[]> =>
        (await store.listAlerts({ property: null }, { limit: 5 })).data.map(({ id }) => id);
      expect(await left()).toEqual([idOf('4'), idOf('3'), idOf('1')]);
      expect(await store.pruneAlerts(clock.now() + 90 * 24 * 60 * MINUTE_MS)).toBe(2);
      expect(await left()).toEqual([idOf('1')]);
    });

    it('keep one notice for each way that has not taken it', async () => {
      const { store, clock } = use();
      const notice: PendingNotice = {
        id: 'n1',
        kind: 'opened',
        alert: known('1').alert,
        at: clock.now(),
        way: 'email',
        attempts: 0,
        dueAt: clock.now(),
      };
      await store.saveAlert(known('1'), { notices: [notice, { ...notice, way: 'webhook-1' }] });
      await store.savePendingNotice({ ...notice, kind: 'passed', attempts: 2 });
      const ways = async (): Promise<unknown> =>
        (await store.pendingNotices())
          .map(({ way, kind, attempts }) => `${way} ${kind} ${attempts}`)
          .toSorted((one, other) => (one < other ? -1 : 1));
      expect(await ways()).toEqual(['email passed 2', 'webhook-1 opened 0']);
      await store.dropPendingNotice({ way: 'email', alertId: notice.alert.id });
      await store.dropPendingNotice({ way: 'email', alertId: notice.alert.id });
      expect(await ways()).toEqual(['webhook-1 opened 0']);
    });
  });

  describe('troubles', () => {
    it('are messages that were due long ago, not those that a rule holds', async () => {
      const { store, clock } = use();
      const now = clock.now();
      const stuck = await accept(store, 'A');
      const held = await accept(store, 'B', { to: { kind: 'direct', address: '+4915187654321' } });
      await store.deferMessage(held.id, {
        notBefore: now + 5 * MINUTE_MS,
        heldBy: { rule: 'pace', until: null, detail: 'Later.' },
      });
      await accept(store, 'C', { to: { kind: 'direct', address: '+4915187654322' }, sendAt: now + 5 * MINUTE_MS });
      expect((await store.findTroubles({ overdueBefore: now - 1 })).overdue).toEqual([]);
      expect((await store.findTroubles({ overdueBefore: now + MINUTE_MS })).overdue).toEqual([
        { session: SESSION, count: 1, oldestAt: now },
      ]);
      await store.cancelMessage(stuck.id, null, now);
      expect((await store.findTroubles({ overdueBefore: now + MINUTE_MS })).overdue).toEqual([]);
    });

    it('are endpoints that refuse, are disabled by their own word, or had something given up', async () => {
      const { store, clock } = use();
      const hook = await store.saveWebhook({
        property: 'main',
        url: 'https://pms.example/hook?token=secret',
        types: [],
        description: null,
        secret: `whsec_${Buffer.alloc(24, 1).toString('base64')}`,
      });
      const look = async () => (await store.findTroubles({ overdueBefore: 0 })).webhooks[0];
      const claim = async () => {
        const query = { now: clock.now(), leaseUntil: clock.now(), limit: 1, perWebhook: 1, exclude: [] };
        const [job] = await store.claimDeliveries(query);
        if (job === undefined) throw new Error('nothing to deliver');
        return job.deliveryId;
      };
      const well = { webhookId: hook.id, property: 'main', host: 'pms.example', disabledReason: null };
      const at = clock.now();
      await store.recordInbound(inbound('IN1', at));
      expect(await look()).toEqual({ ...well, failingSince: null, deadAt: null });
      let deliveryId = await claim();
      const retry = { type: 'retry', at, nextAt: at, status: 500, error: 'HTTP 500' } as const;
      await store.recordDeliveries([{ deliveryId, outcome: retry }]);
      expect(await look()).toEqual({ ...well, failingSince: at, deadAt: null });
      deliveryId = await claim();
      await store.recordDeliveries([{ deliveryId, outcome: { type: 'dead', at: at + 1, status: 500, error: '' } }]);
      expect(await look()).toEqual({ ...well, failingSince: null, deadAt: at + 1 });
      await clock.advance(10);
      deliveryId = await claim();
      await store.recordDeliveries([{ deliveryId, outcome: { type: 'delivered', at: at + 10, status: 200 } }]);
      expect(await look()).toEqual({ ...well, failingSince: null, deadAt: null });
      await store.disableWebhook(hook.id, 'gone', clock.now());
      expect(await look()).toMatchObject({ disabledReason: 'gone' });
    });
  });
}
