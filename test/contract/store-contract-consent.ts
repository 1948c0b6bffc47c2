import { describe, expect, it } from 'vitest';
import type { ConsentEntry, ConsentState } from '../../src/engine/model/consent.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { Store } from '../../src/engine/ports/index.ts';
import { accept, BEN, eventTypes, inbound, person, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const byStaff = (state: ConsentState): Omit<ConsentEntry, 'at'> => ({
  state,
  source: 'staff',
  channel: null,
  session: null,
  messageId: null,
  note: 'by phone',
  by: 'key_00000000000000000000000000',
});

export function storeConsentContract(use: () => StoreUnderTest): void {
  describe('what guests ask for', () => {
    const statusOf = async (store: Store, message: Message): Promise<string | undefined> =>
      (await store.getMessage(message.id, null))?.status;

    it('is stored with the message that says so, with an event and a row of the ledger', async () => {
      const { store, clock } = use();
      const outcome = await store.recordInbound({ ...inbound('A1', clock.now()), asks: 'opted_out' });
      const { guestId, id, channel, session } = outcome.message;
      expect(outcome.consentChanged).toBe(true);
      const since = new Date(clock.now()).toISOString();
      const guest = await store.getGuest(guestId ?? '', null);
      expect(guest?.consent).toEqual({ state: 'opted_out', since, source: 'guest' });
      const { data } = await store.listConsents(guestId ?? '', null, { limit: 10 });
      const entry = {
        at: since,
        state: 'opted_out',
        source: 'guest',
        channel,
        session,
        messageId: id,
        note: null,
        by: null,
      };
      expect(data).toEqual([entry]);
      const events = (await store.listEvents({ property: 'main', limit: 20 })).data;
      const told = events.find(({ type }) => type === 'guest.opted_out');
      expect(told?.data).toMatchObject({ guest: { id: guestId, consent: { state: 'opted_out' } }, consent: entry });
    });

    it('is news once, and each time a row', async () => {
      const { store, clock } = use();
      for (const id of ['A1', 'A2']) await store.recordInbound({ ...inbound(id, clock.now()), asks: 'opted_out' });
      const again = await store.recordInbound({ ...inbound('A2', clock.now()), asks: 'opted_out' });
      expect(again).toMatchObject({ duplicate: true, consentChanged: false });
      const guestId = again.message.guestId ?? '';
      expect((await eventTypes(store)).filter((type) => type === 'guest.opted_out')).toHaveLength(1);
      const first = await store.listConsents(guestId, null, { limit: 1 });
      expect(first.data[0]?.messageId).toBe(again.message.id);
      const rest = await store.listConsents(guestId, null, { limit: 1, cursor: first.nextCursor ?? '' });
      expect([rest.data.length, rest.nextCursor]).toEqual([1, null]);
    });

    it('takes what is queued out of the queue, and nothing of other guests', async () => {
      const { store, clock } = use();
      const [reply, later] = [
        await accept(store, 'M1', { purpose: 'reply' }),
        await accept(store, 'M2', { sendAt: clock.now() + 60_000 }),
      ];
      const other = await accept(store, 'M3', { to: { kind: 'direct', address: BEN } });
      await store.recordInbound({ ...inbound('A1', clock.now()), asks: 'opted_out' });
      for (const message of [reply, later]) {
        const found = await store.getMessage(message.id, null);
        expect(found).toMatchObject({ status: 'cancelled', error: { code: 'opted_out', certainty: 'not_sent' } });
      }
      expect(await statusOf(store, other)).toBe('queued');
      expect((await eventTypes(store)).filter((type) => type === 'message.cancelled')).toHaveLength(2);
    });

    it('is looked at again in the moment before a message is sent', async () => {
      const { store, clock } = use();
      await store.recordInbound({ ...inbound('A1', clock.now()), asks: 'opted_out' });
      const service = await accept(store, 'M1');
      const confirmation = await accept(store, 'M2', { purpose: 'reply' });
      expect(await store.beginAttempt(service.id, clock.now())).toBeNull();
      expect(await statusOf(store, service)).toBe('cancelled');
      expect(await store.beginAttempt(confirmation.id, clock.now())).not.toBeNull();
    });

    it('counts under every name of the guest', async () => {
      const { store, clock } = use();
      const silent = await store.recordInbound({ ...inbound('A1', clock.now()), asks: 'opted_out' });
      const other = await store.recordInbound(inbound('B1', clock.now(), { from: person(BEN) }));
      const queued = await accept(store, 'M1', { to: { kind: 'direct', address: BEN } });
      await store.mergeGuests(other.message.guestId ?? '', silent.message.guestId ?? '', null, clock.now());
      expect(await statusOf(store, queued)).toBe('cancelled');
      const guest = await store.getGuest(other.message.guestId ?? '', null);
      expect(guest?.consent?.state).toBe('opted_out');
    });

    it('can be entered by staff, and taken back', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      const guestId = message.guestId ?? '';
      const queued = await accept(store, 'M1');
      const out = await store.recordConsent(guestId, byStaff('opted_out'), 'main', clock.now());
      expect([out.changed, out.cancelled.map(({ id }) => id)]).toEqual([true, [queued.id]]);
      await clock.advance(1_000);
      const back = await store.recordConsent(guestId, byStaff('opted_in'), 'main', clock.now());
      expect(back.guest.consent).toMatchObject({ state: 'opted_in', source: 'staff' });
      expect(await eventTypes(store)).toContain('guest.opted_in');
      await expect(store.recordConsent(guestId, byStaff('opted_out'), 'other', clock.now())).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('takes START for a greeting where nobody was stopped', async () => {
      const { store, clock } = use();
      const greeting = await store.recordInbound({ ...inbound('A1', clock.now()), asks: 'opted_in' });
      expect(greeting.consentChanged).toBe(false);
      expect(await store.listConsents(greeting.message.guestId ?? '', null, { limit: 5 })).toMatchObject({ data: [] });
      await store.recordInbound({ ...inbound('A2', clock.now()), asks: 'opted_out' });
      const back = await store.recordInbound({ ...inbound('A3', clock.now()), asks: 'opted_in' });
      expect(back.consentChanged).toBe(true);
      expect(await statusOf(store, await accept(store, `after ${SESSION}`))).toBe('queued');
    });
  });
}
