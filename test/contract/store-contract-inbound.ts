import { describe, expect, it } from 'vitest';
import type { Chat } from '../../src/connector-api/index.ts';
import { ACCOUNT, ANN, accept, BEN, eventTypes, inbound, person, SESSION, send } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const chat: Chat = { kind: 'direct', addresses: [ANN] };
const group: Chat = { kind: 'group', addresses: ['group:1'], title: 'Wedding' };

export function storeInboundContract(use: () => StoreUnderTest): void {
  describe('what a network delivers', () => {
    it('makes guest, conversation and message with gapless events', async () => {
      const { store, clock } = use();
      const from = { ...person(ANN), displayName: 'Ann' };
      const { duplicate, message } = await store.recordInbound(
        inbound('A1', clock.now(), { from, message: { raw: '{}' } }),
      );
      expect(duplicate).toBe(false);
      expect(message).toMatchObject({ seq: 2, direction: 'inbound', status: 'received', from: ANN, to: ACCOUNT });
      expect(message).toMatchObject({ body: 'text of A1', channelMessageId: 'A1' });
      expect(await store.getMessage(message.id, 'main')).toEqual(message);
      const events = (await store.listEvents({ property: 'main', limit: 10 })).data;
      expect(events.map((event) => [event.type, event.seq])).toEqual([
        ['guest.created', null],
        ['conversation.created', 1],
        ['message.received', 2],
      ]);
      expect(events[2]?.data).toMatchObject({
        message,
        conversation: { lastSeq: 2, unreadCount: 1, kind: 'direct', address: ANN },
        guest: { displayName: 'Ann', lastInboundAt: message.createdAt },
      });
    });

    it('stores a message once, however often it comes', async () => {
      const { store, clock } = use();
      const first = await store.recordInbound(inbound('A1', clock.now()));
      const again = await Promise.all([1, 2].map(() => store.recordInbound(inbound('A1', clock.now() + 5))));
      expect(again).toEqual([
        { duplicate: true, message: first.message, consentChanged: false },
        { duplicate: true, message: first.message, consentChanged: false },
      ]);
      expect((await eventTypes(store)).filter((type) => type === 'message.received')).toHaveLength(1);
    });

    it('tells the same network id in two chats apart', async () => {
      const { store, clock } = use();
      await store.recordInbound(inbound('B0', clock.now(), { from: person(BEN) }));
      await store.recordInbound(inbound('A1', clock.now()));
      const other = await store.recordInbound(inbound('A1', clock.now(), { from: person(BEN) }));
      expect(other.duplicate).toBe(false);
    });

    it('merges two guests who turn out to be one; the older stays', async () => {
      const { store, clock } = use();
      const older = (await store.recordInbound(inbound('A1', clock.now(), { from: person('lid:5') }))).message;
      await clock.advance(1000);
      const younger = (await store.recordInbound(inbound('A2', clock.now()))).message;
      expect(younger.guestId).not.toBe(older.guestId);
      await clock.advance(1000);
      const joined = (await store.recordInbound(inbound('A3', clock.now(), { from: person(ANN, 'lid:5') }))).message;
      expect(joined.guestId).toBe(older.guestId);
      expect(joined.from).toBe(ANN);
      // The livelier of the two threads goes on; a message of the other is known all the same.
      expect(joined.conversationId).toBe(younger.conversationId);
      expect((await store.recordInbound(inbound('A1', clock.now(), { from: person('lid:5') }))).duplicate).toBe(true);
      expect((await store.getMessage(younger.id, null))?.guestId).toBe(older.guestId);
      const guest = await store.getGuest(older.guestId ?? '', 'main');
      expect(guest?.identities).toEqual([
        { channel: 'whatsapp', address: 'lid:5', canonical: false },
        { channel: 'whatsapp', address: ANN, canonical: true },
      ]);
      expect(await store.getGuest(younger.guestId ?? '', 'main')).toMatchObject({
        mergedInto: older.guestId,
        identities: [],
      });
      expect((await store.listGuests({ property: 'main' }, { limit: 10 })).data).toHaveLength(1);
      const merged = (await store.listEvents({ property: null, types: ['guest.merged'], limit: 9 })).data;
      expect(merged.map((event) => event.data)).toMatchObject([
        { guest: { id: older.guestId }, mergedGuestId: younger.guestId },
      ]);
    });

    it('goes on in the thread with the latest activity, and leads there from every other', async () => {
      const { store, clock } = use();
      const write = async (id: string, ...from: [string, ...string[]]) => {
        await clock.advance(1000);
        return (await store.recordInbound(inbound(id, clock.now(), { from: person(...from) }))).message;
      };
      const first = await write('A1', 'lid:5');
      const second = await write('A2', ANN);
      await write('A3', 'lid:5');
      expect((await write('A4', ANN, 'lid:5')).conversationId).toBe(first.conversationId);
      const third = await write('A5', 'lid:6');
      expect((await write('A6', ANN, 'lid:6')).conversationId).toBe(third.conversationId);
      for (const { conversationId } of [first, second, third]) {
        const reply = await accept(store, `N-${conversationId}`, { to: { conversationId } });
        expect(reply.conversationId).toBe(third.conversationId);
      }
      expect((await store.recordInbound(inbound('A2', clock.now(), { from: person(ANN) }))).duplicate).toBe(true);
    });

    it('learns a number for a LID, but a lone LID does not hide a known number', async () => {
      const { store, clock } = use();
      const first = (await store.recordInbound(inbound('A1', clock.now(), { from: person('lid:5') }))).message;
      const at = clock.now();
      await store.recordIdentity({ property: 'main', channel: 'whatsapp', person: person(ANN, 'lid:5'), at });
      const known = await store.getConversation(first.conversationId, 'main');
      expect(known).toMatchObject({ address: ANN, guests: [{ address: ANN }] });
      const later = (await store.recordInbound(inbound('A2', clock.now(), { from: person('lid:5') }))).message;
      expect(later).toMatchObject({ conversationId: first.conversationId, from: ANN });
      expect(await eventTypes(store)).toContain('conversation.updated');
    });

    it('follows the name on the network until a person has edited it', async () => {
      const { store, clock } = use();
      const named = (displayName: string) => ({ from: { ...person(ANN), displayName } });
      const { message } = await store.recordInbound(inbound('A1', clock.now(), named('Ann')));
      await store.recordInbound(inbound('A2', clock.now(), named('Ann B.')));
      const id = message.guestId ?? '';
      expect((await store.getGuest(id, 'main'))?.displayName).toBe('Ann B.');
      await store.updateGuest(id, { displayName: 'Mrs Bell' }, 'main', clock.now());
      await store.recordInbound(inbound('A3', clock.now(), named('annie')));
      expect((await store.getGuest(id, 'main'))?.displayName).toBe('Mrs Bell');
      expect((await store.getConversation(message.conversationId, null))?.guests[0]?.displayName).toBe('Mrs Bell');
    });

    it('keeps what staff sent from the phone as outbound and not as unread', async () => {
      const { store, clock } = use();
      const direction = 'outbound' as const;
      const record = inbound('P1', clock.now(), { message: { direction, sender: person(ACCOUNT), chat } });
      const { message } = await store.recordInbound(record);
      expect(message).toMatchObject({ direction, status: 'sent', from: ACCOUNT, to: ANN });
      const conversation = await store.getConversation(message.conversationId, 'main');
      expect(conversation).toMatchObject({ unreadCount: 0, guests: [{ address: ANN }] });
      expect(await eventTypes(store)).toContain('message.sent');
    });

    it('settles our own send by its echo, without a second row', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await store.beginAttempt(message.id, clock.now());
      const direction = 'outbound' as const;
      const echo = inbound('N1', clock.now(), { message: { direction, sender: person(ACCOUNT), chat } });
      const outcome = await store.recordInbound(echo);
      expect(outcome).toMatchObject({ duplicate: true, message: { id: message.id, status: 'sent' } });
      expect(await store.nextDueAt(SESSION)).toBeNull();
      expect((await store.finishAttempt(message.id, { type: 'sent', at: clock.now() })).status).toBe('sent');
      expect((await eventTypes(store)).filter((type) => type === 'message.sent')).toHaveLength(1);
    });

    it('puts several guests of a group into one conversation', async () => {
      const { store, clock } = use();
      const one = (await store.recordInbound(inbound('G1', clock.now(), { message: { chat: group } }))).message;
      const two = (
        await store.recordInbound(inbound('G2', clock.now(), { from: person(BEN), message: { chat: group } }))
      ).message;
      expect(two).toMatchObject({ conversationId: one.conversationId, from: BEN, to: 'group:1' });
      const conversation = await store.getConversation(one.conversationId, 'main');
      expect(conversation).toMatchObject({ kind: 'group', title: 'Wedding', unreadCount: 2 });
      expect(conversation?.guests.map((guest) => guest.address)).toEqual([ANN, BEN]);
      expect(await store.chatOf(one.conversationId, 'main')).toEqual({ sessionId: SESSION, chat: group });
    });

    it('keeps attachments as media, also those whose bytes could not be had', async () => {
      const { store, clock } = use();
      const media = { sha256: 'ab'.repeat(32), sizeBytes: 9, mimeType: 'image/jpeg' };
      const content = {
        type: 'media',
        body: 'look',
        attachments: [
          { kind: 'image', status: 'stored', media, width: 4 },
          { kind: 'file', status: 'unavailable', mimeType: 'application/pdf', reason: 'gone' },
        ],
      } as const;
      const { message } = await store.recordInbound(inbound('A1', clock.now(), { message: { content } }));
      expect(message).toMatchObject({ type: 'image', body: 'look' });
      const [stored, missing] = message.attachments;
      expect(await store.getMedia(stored?.mediaId ?? '', 'main')).toMatchObject(media);
      expect(missing).toMatchObject({ mediaId: null, status: 'unavailable', reason: 'gone' });
    });

    it('resolves what a message answers', async () => {
      const { store, clock } = use();
      const sent = await send(store, clock, 'N1');
      const reply = inbound('A1', clock.now(), { message: { replyTo: { networkId: 'N1' } } });
      expect((await store.recordInbound(reply)).message.replyTo).toBe(sent.id);
      const unknown = inbound('A2', clock.now(), { message: { replyTo: { networkId: 'N9' } } });
      expect((await store.recordInbound(unknown)).message.replyTo).toBeNull();
    });

    it('moves receipts forward only, and ignores unknown messages', async () => {
      const { store, clock } = use();
      const message = await send(store, clock, 'N1');
      const receipt = (status: 'sent' | 'delivered' | 'read', id = 'N1') =>
        store.recordReceipt(SESSION, { chat, networkIds: [id], status, at: clock.now() });
      expect(await receipt('read')).toBe(1);
      expect(await receipt('delivered')).toBe(0);
      expect(await receipt('read', 'N9')).toBe(0);
      await store.recordInbound(inbound('A1', clock.now()));
      expect(await receipt('read', 'A1')).toBe(0);
      const time = new Date(clock.now()).toISOString();
      expect(await store.getMessage(message.id, null)).toMatchObject({
        status: 'read',
        deliveredAt: time,
        readAt: time,
      });
      expect((await eventTypes(store)).filter((type) => type.startsWith('message.'))).toEqual([
        'message.queued',
        'message.sent',
        'message.read',
        'message.received',
      ]);
    });

    it('dates no step before the one that it follows, whatever the clock of the network says', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await store.beginAttempt(message.id, clock.now());
      const early = Math.floor(clock.now() / 1_000) * 1_000 - 1_000;
      const receipt = (status: 'sent' | 'delivered' | 'read', at: number) =>
        store.recordReceipt(SESSION, { chat, networkIds: ['N1'], status, at });
      await receipt('sent', early);
      const later = clock.now() + 5_000;
      await receipt('delivered', later);
      await receipt('read', early);
      expect(await store.getMessage(message.id, null)).toMatchObject({
        sentAt: message.createdAt,
        deliveredAt: new Date(later).toISOString(),
        readAt: new Date(later).toISOString(),
      });
    });

    it('counts a group message as read when the first participant has read it', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1', { to: { kind: 'group', address: 'group:1' } });
      await store.beginAttempt(message.id, clock.now());
      const by = (address: string, status: 'delivered' | 'read') =>
        store.recordReceipt(SESSION, { chat: group, networkIds: ['N1'], status, by: address, at: clock.now() });
      expect(await by(ANN, 'delivered')).toBe(1);
      expect(await by(BEN, 'delivered')).toBe(0);
      expect(await by(BEN, 'read')).toBe(1);
      expect(await by(ANN, 'read')).toBe(0);
      expect((await store.getMessage(message.id, null))?.status).toBe('read');
    });

    it('keeps one reaction a person, and takes it back', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      const target = { sessionId: SESSION, chat, networkId: 'A1' };
      const react = (emoji: string) => store.recordReaction(target, { by: ACCOUNT, emoji, at: clock.now() });
      expect([await react('👍'), await react('👍'), await react('❤️')]).toEqual([true, false, true]);
      expect((await store.getMessage(message.id, null))?.reactions.map((given) => given.emoji)).toEqual(['❤️']);
      expect([await react(''), await react('')]).toEqual([true, false]);
      expect((await store.getMessage(message.id, null))?.reactions).toEqual([]);
      expect(await store.recordReaction({ ...target, networkId: 'A9' }, { by: ANN, emoji: 'x', at: 1 })).toBe(false);
    });

    it('keeps edits and deletions, each told once', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      const target = { sessionId: SESSION, chat, networkId: 'A1' };
      const at = clock.now();
      expect(await store.recordEdit(target, { body: 'new', at })).toBe(true);
      expect(await store.recordEdit(target, { body: 'new', at })).toBe(false);
      expect(await store.recordDeletion(target, at)).toBe(true);
      expect(await store.recordDeletion(target, at)).toBe(false);
      expect(await store.recordEdit(target, { body: 'newer', at })).toBe(false);
      expect(await store.getMessage(message.id, null)).toMatchObject({ body: 'new', editedAt: expect.any(String) });
      expect((await eventTypes(store)).slice(-2)).toEqual(['message.edited', 'message.deleted']);
    });

    it('believes a late refusal only until the guest has the message', async () => {
      const { store, clock } = use();
      const failure = { code: 'send_rejected', certainty: 'not_sent', nativeCode: '463' } as const;
      const refused = await send(store, clock, 'N1');
      const arrived = await send(store, clock, 'N2');
      await store.recordReceipt(SESSION, { chat, networkIds: ['N2'], status: 'delivered', at: clock.now() });
      const late = (networkId: string) =>
        store.recordLateFailure({ sessionId: SESSION, chat, networkId }, failure, clock.now());
      expect([await late('N1'), await late('N2')]).toEqual([true, false]);
      expect(await store.getMessage(refused.id, null)).toMatchObject({
        status: 'failed',
        error: { code: 'send_rejected', certainty: 'not_sent', nativeCode: '463', remedy: expect.any(String) },
      });
      expect((await store.getMessage(arrived.id, null))?.status).toBe('delivered');
    });
  });
}
