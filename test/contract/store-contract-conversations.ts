import { describe, expect, it } from 'vitest';
import { ANN, accept, BEN, eventTypes, inbound, linkSession, person, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const place = { property: 'main', channel: 'whatsapp', sessionId: SESSION, title: null } as const;

export function storeConversationContract(use: () => StoreUnderTest): void {
  describe('conversations', () => {
    it('makes a conversation once for the same session and guest', async () => {
      const { store } = use();
      const first = await store.createConversation({ ...place, kind: 'direct', address: ANN });
      expect(first).toMatchObject({ created: true, conversation: { lastSeq: 1, address: ANN } });
      const again = await store.createConversation({ ...place, kind: 'direct', address: ANN });
      expect(again).toEqual({ created: false, conversation: first.conversation });
      expect(await store.getConversation(first.conversation.id, 'main')).toEqual(first.conversation);
      expect(await store.getConversation(first.conversation.id, 'other')).toBeNull();
      await expect(
        store.createConversation({ ...place, sessionId: 'nobody', kind: 'direct', address: BEN }),
      ).rejects.toMatchObject({ code: 'not_found' });
    });

    it('lists the newest activity first, page by page', async () => {
      const { store, clock } = use();
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) {
        await clock.advance(index === 3 ? 0 : 1000); // two of them at the same time
        const from = person(`+49151000000${index}`);
        ids.unshift((await store.recordInbound(inbound(`A${index}`, clock.now(), { from }))).message.conversationId);
      }
      for (const property of ['main', null]) {
        const seen: string[] = [];
        let cursor: string | null | undefined;
        do {
          const page = await store.listConversations({ property }, { limit: 2, ...(cursor ? { cursor } : {}) });
          seen.push(...page.data.map((conversation) => conversation.id));
          cursor = page.nextCursor;
        } while (cursor !== null);
        expect(seen).toEqual(ids);
      }
    });

    it('filters by property, session, guest, unread and part of a name', async () => {
      const { store, clock } = use();
      await linkSession(store, clock, 'spa', 'other');
      const ann = await store.recordInbound(
        inbound('A1', clock.now(), { from: { ...person(ANN), displayName: 'Ann 100%' } }),
      );
      const ben = await store.recordInbound(
        inbound('B1', clock.now(), {
          from: { ...person(BEN), displayName: 'Ben' },
          sessionId: 'spa',
          property: 'other',
        }),
      );
      await store.markRead(ann.message.conversationId, null, 'main', clock.now());
      const list = async (filter: object): Promise<readonly string[]> =>
        (await store.listConversations({ property: null, ...filter }, { limit: 10 })).data.map((found) => found.id);
      const [a, b] = [ann.message.conversationId, ben.message.conversationId];
      expect(await list({ property: 'other' })).toEqual([b]);
      expect(await list({ session: SESSION })).toEqual([a]);
      expect(await list({ channel: 'telegram' })).toEqual([]);
      expect(await list({ unread: true })).toEqual([b]);
      expect(await list({ guestId: ann.message.guestId })).toEqual([a]);
      expect(await list({ guestId: ann.message.guestId, unread: true })).toEqual([]);
      expect(await list({ q: 'ben' })).toEqual([b]);
      expect(await list({ q: '0%' })).toEqual([a]);
      expect(await list({ q: '_' })).toEqual([]);
      expect(await list({ q: ANN.slice(3, 9) })).toEqual([a]);
    });

    it('retransmits a range of events without gaps', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      for (const id of ['N1', 'N2', 'N3']) await accept(store, id);
      const range = (fromSeq: number, toSeq?: number, limit = 100) =>
        store.listConversationEvents(
          message.conversationId,
          { fromSeq, limit, ...(toSeq === undefined ? {} : { toSeq }) },
          'main',
        );
      expect((await range(1)).map((event) => event.seq)).toEqual([1, 2, 3, 4, 5]);
      expect((await range(2, 4)).map((event) => event.seq)).toEqual([2, 3, 4]);
      expect((await range(2, undefined, 1)).map((event) => event.type)).toEqual(['message.received']);
      await expect(
        store.listConversationEvents(message.conversationId, { fromSeq: 1, limit: 9 }, 'other'),
      ).rejects.toMatchObject({ code: 'not_found' });
    });

    it('moves the read position forward only, and names what to mark', async () => {
      const { store, clock } = use();
      const one = (await store.recordInbound(inbound('A1', clock.now()))).message;
      const two = (await store.recordInbound(inbound('A2', clock.now()))).message;
      const id = one.conversationId;
      const first = await store.markRead(id, one.seq, 'main', clock.now());
      expect(first).toMatchObject({
        sessionId: SESSION,
        conversation: { lastReadSeq: one.seq, unreadCount: 1 },
        references: [{ networkId: 'A1', sender: ANN }],
      });
      expect((await store.markRead(id, 1, 'main', clock.now())).references).toEqual([]);
      expect((await store.getMessage(one.id, null))?.status).toBe('read');
      expect((await store.getMessage(two.id, null))?.status).toBe('received');
      expect((await store.markRead(id, null, 'main', clock.now())).conversation.unreadCount).toBe(0);
      const events = await eventTypes(store);
      await store.markRead(id, null, 'main', clock.now());
      expect(await eventTypes(store)).toEqual(events);
      expect(events.filter((type) => type === 'conversation.read')).toHaveLength(2);
    });

    it('notices that staff read the chat on the phone', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      const chat = { kind: 'direct', addresses: [ANN] } as const;
      await store.markReadByNetwork(SESSION, chat, { networkId: 'A9' }, clock.now());
      expect((await store.getConversation(message.conversationId, null))?.unreadCount).toBe(1);
      await store.markReadByNetwork(SESSION, chat, { networkId: 'A1' }, clock.now());
      expect((await store.getConversation(message.conversationId, null))?.unreadCount).toBe(0);
    });

    it('follows the title of a group, with one event for each new title', async () => {
      const { store, clock } = use();
      const { conversation } = await store.createConversation({ ...place, kind: 'group', address: 'group:1' });
      const chat = { kind: 'group', addresses: ['group:1'], title: 'Smith party' } as const;
      await store.updateChat(SESSION, chat, clock.now());
      await store.updateChat(SESSION, chat, clock.now());
      expect((await store.getConversation(conversation.id, null))?.title).toBe('Smith party');
      expect(await eventTypes(store)).toEqual(['conversation.created', 'conversation.updated']);
      const renamed = { ...chat, title: 'Smith wedding' };
      for (const id of ['G1', 'G2'])
        await store.recordInbound(inbound(id, clock.now(), { message: { chat: renamed } }));
      expect((await eventTypes(store)).filter((type) => type === 'conversation.updated')).toHaveLength(2);
    });
  });

  describe('guests', () => {
    it('answers the phone that a guest with two numbers has last written from', async () => {
      const { store, clock } = use();
      const ann = (await store.recordInbound(inbound('A1', clock.now()))).message;
      const ben = (await store.recordInbound(inbound('B1', clock.now(), { from: person(BEN, 'lid:7') }))).message;
      await store.mergeGuests(ann.guestId ?? '', ben.guestId ?? '', 'main', clock.now());
      const fromAnn = (await store.recordInbound(inbound('A2', clock.now()))).message;
      const { conversationId } = fromAnn;
      expect((await store.getConversation(conversationId, null))?.address).toBe(ANN);
      const toAnn = await accept(store, 'N1', { to: { conversationId } });
      expect((await store.recordInbound(inbound('B2', clock.now(), { from: person(BEN) }))).message).toMatchObject({
        conversationId,
        from: BEN,
      });
      const toBen = await accept(store, 'N2', { to: { conversationId } });
      expect([toAnn.to, toBen.to]).toEqual([ANN, BEN]);
      expect((await store.beginAttempt(toAnn.id, clock.now()))?.chat.addresses[0]).toBe(ANN);
      expect((await store.chatOf(conversationId, null))?.chat.addresses).toEqual([BEN, 'lid:7']);
      await accept(store, 'N3');
      expect((await store.getConversation(conversationId, null))?.address).toBe(ANN);
    });

    it('remembers after a merge that the guest wrote, also in the thread that became history', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      const guestId = message.guestId ?? '';
      const wroteAt = clock.now();
      await clock.advance(1_000);
      const silent = await accept(store, 'N1', { to: { kind: 'direct', address: BEN } });
      await store.mergeGuests(guestId, silent.guestId ?? '', 'main', clock.now());
      expect(await store.findRoute({ property: 'main', guestId })).toMatchObject({
        conversation: { id: silent.conversationId },
        lastInboundAt: wroteAt,
      });
    });

    it('goes on after a merge in the thread with messages, not in one that was only opened', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      await clock.advance(1_000);
      const { conversation } = await store.createConversation({ ...place, kind: 'direct', address: BEN });
      await store.mergeGuests(message.guestId ?? '', conversation.guests[0]?.id ?? '', 'main', clock.now());
      const next = (await store.recordInbound(inbound('B1', clock.now(), { from: person(BEN) }))).message;
      expect(next.conversationId).toBe(message.conversationId);
    });

    it('follows a guest to a new number that the network names beside the known LID', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now(), { from: person(ANN, 'lid:7') }));
      await store.recordInbound(inbound('A2', clock.now(), { from: person(BEN, 'lid:7') }));
      const guest = await store.getGuest(message.guestId ?? '', null);
      expect(guest?.identities.filter((known) => known.canonical).map((known) => known.address)).toEqual([BEN]);
      expect((await store.getConversation(message.conversationId, null))?.address).toBe(BEN);
    });

    it('does not join two guests because a request names both', async () => {
      const { store, clock } = use();
      const ann = (await store.recordInbound(inbound('A1', clock.now()))).message;
      const ben = (await store.recordInbound(inbound('B1', clock.now(), { from: person(BEN) }))).message;
      const guestId = ann.guestId ?? '';
      const sent = await accept(store, 'N1', { to: { kind: 'direct', address: BEN, guestId } });
      expect(sent).toMatchObject({ guestId: ben.guestId, to: BEN });
      const other = await accept(store, 'N2', { to: { kind: 'direct', address: '+4915100000009', guestId } });
      expect(other.guestId).toBe(ann.guestId);
    });

    it('changes and finds guests within their property', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      const id = message.guestId ?? '';
      const guest = await store.updateGuest(id, { displayName: 'Mrs Bell', notes: 'late bird' }, 'main', clock.now());
      expect(guest).toMatchObject({ displayName: 'Mrs Bell', notes: 'late bird', language: null });
      expect(await store.getGuest(id, 'main')).toEqual(guest);
      expect(await store.getGuest(id, 'other')).toBeNull();
      await expect(store.updateGuest(id, {}, 'other', 1)).rejects.toMatchObject({ code: 'not_found' });
      expect((await store.listGuests({ property: 'main', q: 'bell' }, { limit: 5 })).data).toEqual([guest]);
      expect((await store.listGuests({ property: 'main', q: 'displayName' }, { limit: 5 })).data).toEqual([]);
      expect((await store.listGuests({ property: 'other' }, { limit: 5 })).data).toEqual([]);
      expect((await eventTypes(store)).at(-1)).toBe('guest.updated');
    });

    it('lists guests page by page, newest first', async () => {
      const { store, clock } = use();
      for (let index = 0; index < 3; index += 1) {
        await store.recordInbound(inbound(`A${index}`, clock.now(), { from: person(`+4915100000${index}`) }));
      }
      const first = await store.listGuests({ property: null }, { limit: 2 });
      const second = await store.listGuests({ property: null }, { limit: 2, cursor: first.nextCursor ?? '' });
      const addresses = [...first.data, ...second.data].map((guest) => guest.identities[0]?.address);
      expect(addresses).toEqual(['+49151000002', '+49151000001', '+49151000000']);
      expect(second.nextCursor).toBeNull();
    });

    it('merges by hand into the guest that was named', async () => {
      const { store, clock } = use();
      const ann = (await store.recordInbound(inbound('A1', clock.now()))).message;
      const ben = (await store.recordInbound(inbound('B1', clock.now(), { from: person(BEN) }))).message;
      const merged = await store.mergeGuests(ben.guestId ?? '', ann.guestId ?? '', 'main', clock.now());
      expect(merged.id).toBe(ben.guestId);
      expect(merged.identities.map((identity) => identity.address)).toEqual([BEN, ANN]);
      expect(merged.identities.every((identity) => identity.canonical)).toBe(true);
      const next = (await store.recordInbound(inbound('A2', clock.now()))).message;
      expect(next).toMatchObject({ guestId: ben.guestId, from: ANN });
      await expect(store.mergeGuests(ben.guestId ?? '', ann.guestId ?? '', 'main', 1)).rejects.toMatchObject({
        code: 'invalid_request',
      });
      // A reply to the thread that is history goes where the guest now writes.
      for (const conversationId of [ann.conversationId, ben.conversationId]) {
        expect((await accept(store, `N-${conversationId}`, { to: { conversationId } })).conversationId).toBe(
          next.conversationId,
        );
      }
    });
  });
}
