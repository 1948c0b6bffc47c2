import { describe, expect, it } from 'vitest';
import type { CommitSummary } from '../../src/engine/ports/index.ts';
import {
  ACCOUNT,
  ANN,
  accept,
  BEN,
  eventTypes,
  inbound,
  linkSession,
  outbound,
  SESSION,
  send,
} from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const claim = { scope: 'key_1', key: 'k-1', fingerprint: 'abc' };
const answer = (messages: readonly { id: string }[]) => ({ status: 202, body: JSON.stringify(messages[0]?.id) });
const failure = { code: 'send_timeout', certainty: 'maybe_sent', nativeCode: null } as const;
const heldBy = { rule: 'pace', until: null, detail: 'waits' };
const toBen = { to: { kind: 'direct', address: BEN } } as const;

export function storeOutboxContract(use: () => StoreUnderTest): void {
  const due = async (limit = 10): Promise<readonly string[]> => {
    const { store, clock } = use();
    return (await store.dueMessages(SESSION, clock.now(), limit)).map((item) => item.message.channelMessageId ?? '');
  };

  describe('accepting', () => {
    it('makes guest, conversation, message and outbox row in one', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1', { metadata: { room: '12' }, replyTo: null });
      expect(message).toMatchObject({ seq: 2, status: 'queued', from: ACCOUNT, to: ANN, metadata: { room: '12' } });
      expect(await store.getMessage(message.id, 'main')).toEqual(message);
      expect(await store.getMessage(message.id, 'other')).toBeNull();
      expect(await eventTypes(store)).toEqual(['guest.created', 'conversation.created', 'message.queued']);
      const [item] = await store.dueMessages(SESSION, clock.now(), 10);
      expect(item).toMatchObject({ message: { id: message.id }, chat: { kind: 'direct', addresses: [ANN] } });
    });

    it('answers a repeated request with the first answer and writes nothing', async () => {
      const { store } = use();
      const first = await store.acceptMessages([outbound('N1')], { claim, answer });
      const id = 'messages' in first ? first.messages[0]?.id : undefined;
      const before = await eventTypes(store);
      const again = await store.acceptMessages([outbound('N2')], { claim, answer });
      expect(again).toEqual({ replay: { status: 202, body: JSON.stringify(id) } });
      expect(await eventTypes(store)).toEqual(before);
      await expect(
        store.acceptMessages([outbound('N3')], { claim: { ...claim, fingerprint: 'other' }, answer }),
      ).rejects.toMatchObject({ code: 'idempotency_key_reused' });
    });

    it('accepts a whole batch or nothing of it', async () => {
      const { store } = use();
      const bad = outbound('N2', { replyTo: 'msg_00000000000000000000000000' });
      await expect(store.acceptMessages([outbound('N1'), bad], { claim, answer })).rejects.toMatchObject({
        code: 'reply_target_not_found',
      });
      expect(await eventTypes(store)).toEqual([]);
      expect(await due()).toEqual([]);
      expect(await store.acceptMessages([outbound('N3')], { claim, answer })).toHaveProperty('messages');
    });

    it.each([
      ['not_found', { sessionId: 'nobody' }],
      ['not_found', { to: { conversationId: 'cnv_00000000000000000000000000' } }],
      ['not_found', { to: { kind: 'direct', address: BEN, guestId: 'gst_00000000000000000000000000' } }],
      [
        'media_not_found',
        { attachments: [{ mediaId: 'med_00000000000000000000000000', kind: 'image', filename: null }] },
      ],
    ] as const)('refuses with %s what names something unknown', async (code, overrides) => {
      const { store } = use();
      await expect(accept(store, 'N1', overrides)).rejects.toMatchObject({ code });
      expect(await eventTypes(store)).toEqual([]);
    });

    it('refuses to reply to a message of another conversation', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      expect((await accept(store, 'N1', { replyTo: message.id })).replyTo).toBe(message.id);
      await expect(accept(store, 'N2', { ...toBen, replyTo: message.id })).rejects.toMatchObject({
        code: 'reply_target_not_found',
      });
    });

    it('opens a thread of its own where another session is to carry the message', async () => {
      const { store, clock } = use();
      await linkSession(store, clock, 'spa');
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      const to = { conversationId: message.conversationId };
      const sent = await accept(store, 'N1', { to, sessionId: 'spa' });
      expect(sent).toMatchObject({ session: 'spa', guestId: message.guestId, to: ANN });
      expect(sent.conversationId).not.toBe(message.conversationId);
      expect((await store.getConversation(sent.conversationId, null))?.session).toBe('spa');
    });

    it('carries an attachment with its media and the quoted message into the order', async () => {
      const { store, clock } = use();
      const facts = { sha256: 'cd'.repeat(32), sizeBytes: 7, mimeType: 'image/png' };
      const media = await store.saveMedia({ property: 'main', media: facts, filename: 'map.png' });
      const { message: asked } = await store.recordInbound(inbound('A1', clock.now()));
      const message = await accept(store, 'N1', {
        attachments: [{ mediaId: media.id, kind: 'image', filename: null }],
        replyTo: asked.id,
      });
      expect(message).toMatchObject({ type: 'image', attachments: [{ mediaId: media.id, filename: 'map.png' }] });
      expect(await store.beginAttempt(message.id, clock.now())).toMatchObject({
        networkId: 'N1',
        attempt: 1,
        content: { type: 'media', body: message.body, attachments: [{ kind: 'image', media: facts }] },
        replyTo: { networkId: 'A1', sender: ANN, body: asked.body },
      });
    });

    it('finds the way to a guest by address, guest and conversation', async () => {
      const { store, clock } = use();
      const { message } = await store.recordInbound(inbound('A1', clock.now()));
      for (const query of [
        { channel: 'whatsapp', address: ANN },
        { guestId: message.guestId ?? '' },
        { conversationId: message.conversationId },
      ]) {
        expect(await store.findRoute({ property: 'main', ...query })).toMatchObject({
          conversation: { id: message.conversationId },
          guest: { id: message.guestId },
          lastSessionId: SESSION,
          sessions: [{ id: SESSION }],
          lastInboundAt: clock.now(),
        });
        expect(await store.findRoute({ property: 'other', ...query })).toMatchObject({
          conversation: null,
          guest: null,
        });
      }
      expect(await store.findRoute({ property: 'main', channel: 'whatsapp', address: BEN })).toEqual({
        conversation: null,
        guest: null,
        lastSessionId: null,
        sessions: [expect.objectContaining({ id: SESSION })],
        lastInboundAt: null,
      });
    });

    it('wakes the workers after the commit, not before', async () => {
      const { store } = use();
      const seen: CommitSummary[] = [];
      const stop = store.onCommit((summary) => seen.push(summary));
      await accept(store, 'N1');
      expect(seen).toEqual([{ events: true, deliveries: false, outbox: new Set([SESSION]), limits: false }]);
      stop();
      await accept(store, 'N2');
      expect(seen).toHaveLength(1);
    });
  });

  describe('the queue', () => {
    it('gives one message a conversation, by urgency and then age', async () => {
      const { store } = use();
      await accept(store, 'N1');
      await accept(store, 'N2');
      await accept(store, 'B1', toBen);
      expect(await due()).toEqual(['N1', 'B1']);
      expect(await due(1)).toEqual(['N1']);
      await accept(store, 'B2', { ...toBen, urgency: 'high' });
      expect(await due()).toEqual(['B2', 'N1']);
    });

    it('leaves out a conversation whose message is being sent', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'N1');
      await accept(store, 'N2');
      expect((await store.beginAttempt(first.id, clock.now()))?.message).toMatchObject({
        status: 'sending',
        attempts: 1,
      });
      await accept(store, 'N3', { urgency: 'high' });
      expect(await due()).toEqual([]);
      expect(await store.nextDueAt(SESSION)).toBeNull();
      expect(await store.beginAttempt(first.id, clock.now())).toBeNull();
      await store.finishAttempt(first.id, { type: 'sent', at: clock.now() });
      expect(await due()).toEqual(['N3']);
    });

    it('holds a conversation up behind a message that waits, but not behind one for later', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'N1');
      await accept(store, 'N2');
      await store.deferMessage(first.id, { notBefore: clock.now() + 500, heldBy });
      expect(await store.getMessage(first.id, null)).toMatchObject({ heldBy, status: 'queued' });
      expect(await due()).toEqual([]);
      expect(await store.nextDueAt(SESSION)).toBe(clock.now() + 500);
      await accept(store, 'B1', { ...toBen, sendAt: clock.now() + 900 });
      await accept(store, 'B2', toBen);
      expect(await due()).toEqual(['B2']);
      await clock.advance(900);
      expect(await due()).toEqual(['N1', 'B1']);
    });

    it('cancels a queued message and lets the next go', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'N1');
      await accept(store, 'N2');
      expect((await store.cancelMessage(first.id, 'main', clock.now())).status).toBe('cancelled');
      expect(await due()).toEqual(['N2']);
      await expect(store.cancelMessage(first.id, 'main', clock.now())).rejects.toMatchObject({
        code: 'message_not_queued',
      });
      await expect(store.cancelMessage(first.id, 'other', clock.now())).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.beginAttempt(first.id, clock.now())).toBeNull();
    });

    it('cancels nothing that is being sent', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await store.beginAttempt(message.id, clock.now());
      await expect(store.cancelMessage(message.id, 'main', clock.now())).rejects.toMatchObject({
        code: 'message_not_queued',
      });
      expect((await store.finishAttempt(message.id, { type: 'sent', at: clock.now() })).status).toBe('sent');
    });

    it('tries again under the same network id, in the old place', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'N1');
      await accept(store, 'N2');
      await store.beginAttempt(first.id, clock.now());
      const notBefore = clock.now() + 1000;
      const waiting = await store.finishAttempt(first.id, {
        type: 'retry',
        at: clock.now(),
        notBefore,
        failure,
        heldBy,
      });
      expect(waiting).toMatchObject({ status: 'queued', attempts: 1, heldBy, error: { certainty: 'maybe_sent' } });
      expect(await due()).toEqual([]);
      await clock.advance(1000);
      expect(await due()).toEqual(['N1']);
      expect(await store.beginAttempt(first.id, clock.now())).toMatchObject({ networkId: 'N1', attempt: 2 });
      const sent = await store.finishAttempt(first.id, { type: 'sent', at: clock.now() });
      expect(sent).toMatchObject({ status: 'sent', error: null, sentAt: expect.any(String) });
    });

    it('puts a message that is tried again behind a more urgent one that came meanwhile', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'N1');
      await store.beginAttempt(first.id, clock.now());
      const urgent = await accept(store, 'N2', { urgency: 'high' });
      const at = clock.now();
      await store.finishAttempt(first.id, { type: 'retry', at, notBefore: at, failure, heldBy });
      expect(await due()).toEqual(['N2']);
      await store.deferMessage(urgent.id, { notBefore: at + 1000, heldBy });
      expect(await due()).toEqual([]);
      await store.cancelMessage(urgent.id, null, at);
      expect(await due()).toEqual(['N1']);
    });

    it('keeps a failure with its code, certainty and remedy', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'N1');
      await accept(store, 'N2');
      await store.beginAttempt(first.id, clock.now());
      const failed = await store.finishAttempt(first.id, { type: 'failed', at: clock.now(), failure });
      expect(failed).toMatchObject({ status: 'failed', error: { code: 'send_timeout', title: expect.any(String) } });
      expect(await eventTypes(store)).toContain('message.failed');
      expect(await due()).toEqual(['N2']);
      await expect(store.finishAttempt('msg_x', { type: 'sent', at: 1 })).rejects.toMatchObject({ code: 'not_found' });
    });

    it('believes a receipt more than a failed attempt', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await store.beginAttempt(message.id, clock.now());
      const chat = { kind: 'direct', addresses: [ANN] } as const;
      await store.recordReceipt(SESSION, { chat, networkIds: ['N1'], status: 'delivered', at: clock.now() });
      const outcome = { type: 'retry', at: clock.now(), notBefore: clock.now(), failure, heldBy } as const;
      expect((await store.finishAttempt(message.id, outcome)).status).toBe('delivered');
      expect(await due()).toEqual([]);
    });

    it('puts back at start what was being sent', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await store.beginAttempt(message.id, clock.now());
      expect(await store.releaseAttempts()).toBe(1);
      expect(await store.releaseAttempts()).toBe(0);
      expect((await store.getMessage(message.id, null))?.status).toBe('queued');
      expect(await store.beginAttempt(message.id, clock.now())).toMatchObject({ networkId: 'N1', attempt: 2 });
    });

    it('expires what was not sent in time', async () => {
      const { store, clock } = use();
      const late = await accept(store, 'N1', { expiresAt: clock.now() + 10 });
      const under = await accept(store, 'B1', { ...toBen, expiresAt: clock.now() + 10 });
      await accept(store, 'N2');
      await store.beginAttempt(under.id, clock.now());
      expect(await store.expireMessages(clock.now())).toEqual([]);
      expect(await store.expireMessages(clock.now() + 10)).toMatchObject([{ id: late.id, status: 'expired' }]);
      expect((await store.getMessage(late.id, null))?.status).toBe('expired');
      expect((await store.getMessage(under.id, null))?.status).toBe('sending');
      expect(await eventTypes(store)).toContain('message.expired');
      expect(await due()).toEqual(['N2']);
    });

    it('names the latest unread messages of the guest, newest last', async () => {
      const { store, clock } = use();
      for (let index = 1; index <= 25; index += 1) await store.recordInbound(inbound(`A${index}`, clock.now()));
      await accept(store, 'N1');
      const [item] = await store.dueMessages(SESSION, clock.now(), 1);
      expect(item?.unreadReferences).toHaveLength(20);
      expect(item?.unreadReferences.at(-1)).toEqual({ networkId: 'A25', sender: ANN });
      expect(item?.lastInboundAt).toBe(clock.now());
    });

    it('tells the length and age of each queue', async () => {
      const { store, clock } = use();
      const oldestAt = clock.now();
      await accept(store, 'N1');
      await clock.advance(50);
      await accept(store, 'N2');
      await send(store, clock, 'B9');
      expect((await store.figures(clock.now())).queued).toEqual([{ session: SESSION, count: 2, oldestAt }]);
    });

    it('counts a message for tomorrow, but lets it wait from tomorrow on only', async () => {
      const { store, clock } = use();
      const sendAt = clock.now() + 86_400_000;
      await accept(store, 'N1', { sendAt });
      expect((await store.figures(clock.now())).queued).toEqual([{ session: SESSION, count: 1, oldestAt: null }]);
      expect((await store.figures(sendAt + 5)).queued).toEqual([{ session: SESSION, count: 1, oldestAt: sendAt }]);
    });
  });
}
