import { describe, expect, it } from 'vitest';
import { accept, inbound, linkSession, person, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

export function storeEventContract(use: () => StoreUnderTest): void {
  describe('the event log', () => {
    it('is empty at first and then goes on from a cursor', async () => {
      const { store } = use();
      expect(await store.lastCursor()).toBeNull();
      expect(await store.listEvents({ property: null, limit: 5 })).toEqual({ data: [], nextCursor: null });
      await accept(store, 'N1');
      const first = await store.listEvents({ property: null, limit: 2 });
      expect(first.data.map((event) => event.type)).toEqual(['guest.created', 'conversation.created']);
      expect(first.nextCursor).toBe(first.data[1]?.cursor);
      const after = first.nextCursor ?? '';
      const second = await store.listEvents({ property: null, limit: 2, after });
      expect(second.data.map((event) => event.type)).toEqual(['message.queued']);
      expect(second.nextCursor).toBe(await store.lastCursor());
      const third = await store.listEvents({ property: null, limit: 2, after: second.nextCursor ?? '' });
      expect(third).toEqual({ data: [], nextCursor: second.nextCursor });
    });

    it('filters by names and prefixes and does not look twice at what it left out', async () => {
      const { store } = use();
      await accept(store, 'N1');
      const types = async (...wanted: string[]) =>
        (await store.listEvents({ property: null, limit: 9, types: wanted })).data.map((event) => event.type);
      expect(await types('message.*')).toEqual(['message.queued']);
      expect(await types('guest.created', 'conversation.*')).toEqual(['guest.created', 'conversation.created']);
      expect(await types('nothing')).toEqual([]);
      const page = await store.listEvents({ property: null, limit: 9, types: ['guest.*'] });
      expect(page.nextCursor).toBe(await store.lastCursor());
    });

    it('shows a property its own events only', async () => {
      const { store, clock } = use();
      await linkSession(store, clock, 'spa', 'other');
      await store.recordInbound(inbound('A1', clock.now()));
      const record = inbound('B1', clock.now(), { from: person('lid:1'), sessionId: 'spa', property: 'other' });
      await store.recordInbound(record);
      const events = (await store.listEvents({ property: 'other', limit: 9 })).data;
      expect(events).toHaveLength(3);
      expect(events.at(-1)?.data.message?.session).toBe('spa');
    });

    it('keeps whole objects as they were when it happened', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await store.beginAttempt(message.id, clock.now());
      await store.finishAttempt(message.id, { type: 'sent', at: clock.now() });
      const events = (await store.listEvents({ property: null, limit: 9, types: ['message.*'] })).data;
      expect(events.map((event) => event.data.message?.status)).toEqual(['queued', 'sent']);
      expect(events.map((event) => event.data.conversation?.lastSeq)).toEqual([2, 3]);
      expect(events[0]?.data.message).toEqual(message);
      expect(events[0]).toMatchObject({ conversationId: message.conversationId, seq: message.seq });
    });

    it.each(['', 'abc', 'ZXZ0', Buffer.from('evt\u0001-1').toString('base64url'), 'ZXZ0ATE='])(
      'refuses %j as a cursor',
      async (after) => {
        const { store } = use();
        await expect(store.listEvents({ property: null, limit: 1, after })).rejects.toMatchObject({
          code: 'invalid_cursor',
        });
      },
    );

    it('refuses the cursor of another list', async () => {
      const { store } = use();
      await accept(store, 'N1');
      const cursor = (await store.lastCursor()) ?? '';
      const page = { limit: 1, cursor };
      for (const list of [
        store.listConversations({ property: null }, page),
        store.listGuests({ property: null }, page),
        store.listTimeline(SESSION, page),
        store.listApiKeys(page),
        store.listWebhooks({ property: null }, page),
      ]) {
        await expect(list).rejects.toMatchObject({ code: 'invalid_cursor' });
      }
    });
  });

  describe('commits', () => {
    it('undoes an operation that fails alone', async () => {
      const { store } = use();
      const outcomes = await Promise.allSettled([
        accept(store, 'N1'),
        accept(store, 'N2', { replyTo: 'msg_nobody' }),
        accept(store, 'N3'),
      ]);
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      const seqs = (await store.listEvents({ property: null, limit: 99 })).data.map((event) => event.seq);
      expect(seqs).toEqual([null, 1, 2, 3]);
    });

    it('performs more operations than fit one commit, in their order', async () => {
      const { store } = use();
      const messages = await Promise.all(Array.from({ length: 250 }, (_, index) => accept(store, `N${index}`)));
      expect(messages.map((message) => message.seq)).toEqual(Array.from({ length: 250 }, (_, index) => index + 2));
    });

    it('answers that it can write, and nothing after it was closed', async () => {
      const { store } = use();
      await store.ping();
      const last = accept(store, 'N1');
      await store.close();
      expect((await last).status).toBe('queued');
      await expect(store.ping()).rejects.toMatchObject({ code: 'shutting_down' });
      await expect(store.getSession(SESSION)).rejects.toMatchObject({ code: 'shutting_down' });
    });
  });
}
