import { describe, expect, it } from 'vitest';
import { accept, eventTypes, inbound, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const reason = {
  code: 'whatsapp_401_logged_out',
  kind: 'logged_out',
  nativeCode: '401',
  text: 'The phone unlinked this device.',
  action: 'relink',
  remedy: 'Link the account again.',
  retryAt: null,
} as const;

export function storeSessionContract(use: () => StoreUnderTest): void {
  describe('sessions', () => {
    it('keeps a new session unlinked and refuses its id a second time', async () => {
      const { store } = use();
      const input = { id: 'spa', property: 'main', channel: 'whatsapp', settings: { greeting: { de: 'Hallo' } } };
      const session = await store.createSession(input);
      expect(session).toMatchObject({ id: 'spa', state: 'unlinked', account: null, settings: input.settings });
      expect(await store.getSession('spa')).toEqual(session);
      await expect(store.createSession(input)).rejects.toMatchObject({ code: 'session_exists' });
      expect(await store.getSession('nobody')).toBeNull();
    });

    it('tells a change in the timeline, and by an event when asked', async () => {
      const { store, clock } = use();
      await clock.advance(1000);
      const change = { sessionId: SESSION, state: 'logged_out', reason, at: clock.now(), account: null } as const;
      const session = await store.recordSessionChange({ ...change, event: 'session.logged_out', attempt: 3 });
      expect(session).toMatchObject({ state: 'logged_out', reason, account: null });
      expect(session.since).toBe(new Date(clock.now()).toISOString());
      await clock.advance(1000);
      const repeated = await store.recordSessionChange({ ...change, at: clock.now() });
      expect(repeated.since).toBe(session.since);

      const timeline = await store.listTimeline(SESSION, { limit: 2 });
      expect(timeline.data.map((entry) => [entry.state, entry.attempt])).toEqual([
        ['logged_out', 0],
        ['logged_out', 3],
      ]);
      const rest = await store.listTimeline(SESSION, { limit: 2, cursor: timeline.nextCursor ?? '' });
      expect(rest.data.map((entry) => entry.state)).toEqual(['connected']);
      expect(rest.nextCursor).toBeNull();

      const events = (await store.listEvents({ property: 'main', limit: 10 })).data;
      expect(events.map((event) => [event.type, event.conversationId, event.seq])).toEqual([
        ['session.logged_out', null, null],
      ]);
      expect(events[0]?.data).toMatchObject({ session: { id: SESSION }, cause: reason.code, remedy: reason.remedy });
    });

    it('knows since when guests are not reached, whatever is tried in between', async () => {
      const { store, clock } = use();
      const become = async (
        state: 'connecting' | 'backing_off' | 'connected' | 'logged_out' | 'linking' | 'unlinked',
      ) => {
        await clock.advance(1000);
        const change = { sessionId: SESSION, state, reason: null, at: clock.now() };
        return (await store.recordSessionChange(change)).unreachableSince;
      };
      expect(await become('connected')).toBeNull();
      const since = await become('backing_off');
      expect(since).toBe(new Date(clock.now()).toISOString());
      for (const state of ['connecting', 'backing_off', 'logged_out', 'linking', 'connecting'] as const)
        expect(await become(state)).toBe(since);
      expect(await become('connected')).toBeNull();
      expect(await become('logged_out')).not.toBe(since);
      expect(await become('unlinked')).toBeNull();
      expect(await become('linking')).toBeNull();
    });

    it('leaves account and versions alone when a change does not name them', async () => {
      const { store, clock } = use();
      const at = clock.now();
      await store.recordSessionChange({
        sessionId: SESSION,
        state: 'connected',
        reason: null,
        at,
        currentVersion: '2.1',
      });
      const after = await store.recordSessionChange({ sessionId: SESSION, state: 'backing_off', reason: null, at });
      expect(after.version.current).toBe('2.1');
      expect(after.account).not.toBeNull();
      await expect(
        store.recordSessionChange({ sessionId: 'nobody', state: 'stopped', reason: null, at }),
      ).rejects.toMatchObject({ code: 'not_found' });
    });

    it('lists sessions page by page within a property', async () => {
      const { store } = use();
      for (const id of ['a', 'b', 'c']) {
        await store.createSession({ id, property: id === 'b' ? 'other' : 'main', channel: 'whatsapp', settings: {} });
      }
      const first = await store.listSessions({ property: 'main' }, { limit: 2 });
      expect(first.data.map((session) => session.id)).toEqual(['a', 'c']);
      const second = await store.listSessions({ property: 'main' }, { limit: 2, cursor: first.nextCursor ?? '' });
      expect(second.data.map((session) => session.id)).toEqual([SESSION]);
      expect(second.nextCursor).toBeNull();
      expect((await store.allSessions()).map((session) => session.id)).toEqual(['a', 'b', 'c', SESSION]);
      await expect(store.listSessions({ property: null }, { limit: 2, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'invalid_cursor',
      });
    });

    it('counts the queue and notes the traffic', async () => {
      const { store, clock } = use();
      await accept(store, 'N1');
      await store.recordInbound(inbound('A1', clock.now()));
      const session = await store.getSession(SESSION);
      expect(session?.pacing.queued).toBe(1);
      expect(session?.lastInboundAt).toBe(new Date(clock.now()).toISOString());
      expect(session?.lastOutboundAt).toBeNull();
      await store.recordInbound(inbound('A2', clock.now() - 5000));
      expect((await store.getSession(SESSION))?.lastInboundAt).toBe(session?.lastInboundAt);
    });

    it('changes the settings', async () => {
      const { store } = use();
      expect((await store.updateSessionSettings(SESSION, { readMarks: false })).settings).toEqual({ readMarks: false });
      await expect(store.updateSessionSettings('nobody', {})).rejects.toMatchObject({ code: 'not_found' });
    });

    it('removes a session and cancels its queue; its messages stay', async () => {
      const { store } = use();
      const message = await accept(store, 'N1');
      await store.deleteSession(SESSION);
      expect(await store.getSession(SESSION)).toBeNull();
      expect(await store.getMessage(message.id, 'main')).toMatchObject({ status: 'cancelled' });
      expect(await eventTypes(store)).toContain('message.cancelled');
      expect((await store.figures(0)).queued).toEqual([]);
      await expect(store.deleteSession(SESSION)).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
