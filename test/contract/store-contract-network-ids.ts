import { describe, expect, it } from 'vitest';
import type { Chat } from '../../src/connector-api/index.ts';
import type { Message } from '../../src/engine/model/message.ts';
import { ANN, accept, BEN, eventTypes, inbound, SESSION, send } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const chat: Chat = { kind: 'direct', addresses: [ANN] };
const failure = { code: 'send_timeout', certainty: 'maybe_sent', nativeCode: null } as const;

/** Networks that give a message an id of their own once they have it. */
export function storeNetworkIdContract(use: () => StoreUnderTest): void {
  const begin = async (networkId: string, overrides: Parameters<typeof accept>[2] = {}): Promise<Message> => {
    const { store, clock } = use();
    const message = await accept(store, networkId, overrides);
    await store.beginAttempt(message.id, clock.now());
    return message;
  };
  const sendAs = async (chosen: string, given: string): Promise<Message> => {
    const { store, clock } = use();
    const { id } = await begin(chosen);
    return store.finishAttempt(id, { type: 'sent', at: clock.now(), networkId: given });
  };
  const read = async (networkId: string, status: 'delivered' | 'read' = 'read'): Promise<number> => {
    const { store, clock } = use();
    return store.recordReceipt(SESSION, { chat, networkIds: [networkId], status, at: clock.now() });
  };
  const phoneSays = (networkId: string) => {
    const { clock } = use();
    return inbound(networkId, clock.now(), { message: { direction: 'outbound' } });
  };

  describe('an id that the network gives', () => {
    it('is used from then on: receipts, reactions, edits and replies find the message by it alone', async () => {
      const { store, clock } = use();
      const sent = await sendAs('r1', '501');
      expect(sent).toMatchObject({ status: 'sent', channelMessageId: '501' });
      expect(await store.getMessage(sent.id, null)).toEqual(sent);
      const event = (await store.listEvents({ property: null, types: ['message.sent'], limit: 9 })).data[0];
      expect(event?.data.message?.channelMessageId).toBe('501');

      expect(await read('r1')).toBe(0);
      expect(await read('501', 'delivered')).toBe(1);
      const target = { sessionId: SESSION, chat, networkId: '501' };
      const old = { ...target, networkId: 'r1' };
      expect(await store.recordReaction(old, { by: ANN, emoji: '👍', at: clock.now() })).toBe(false);
      expect(await store.recordReaction(target, { by: ANN, emoji: '👍', at: clock.now() })).toBe(true);
      expect(await store.recordEdit(target, { body: 'better', at: clock.now() })).toBe(true);
      const replyTo = { networkId: '501' };
      const answer = await store.recordInbound(inbound('502', clock.now(), { message: { replyTo } }));
      expect(answer.message.replyTo).toBe(sent.id);
    });

    it('is what a later message points at when it quotes', async () => {
      const { store, clock } = use();
      const { id } = await sendAs('r1', '501');
      const quoting = await accept(store, 'r2', { replyTo: id });
      expect((await store.beginAttempt(quoting.id, clock.now()))?.replyTo).toMatchObject({ networkId: '501' });
    });

    it('is not taken before the network gave it: a second attempt carries the chosen one', async () => {
      const { store, clock } = use();
      const { id } = await begin('r1');
      await store.releaseAttempts();
      expect(await store.beginAttempt(id, clock.now())).toMatchObject({ networkId: 'r1', attempt: 2 });
      const at = clock.now();
      const heldBy = { rule: 'unsettled', until: null, detail: 'open' };
      await store.finishAttempt(id, { type: 'retry', at, notBefore: at, failure, heldBy });
      expect(await store.beginAttempt(id, at)).toMatchObject({ networkId: 'r1', attempt: 3 });
    });

    it('may be the same as that of a message in another chat', async () => {
      const { store, clock } = use();
      await store.recordInbound(inbound('501', clock.now(), { from: { addresses: [BEN] } }));
      const sent = await sendAs('r1', '501');
      expect(await read('501')).toBe(1);
      expect((await store.getMessage(sent.id, null))?.status).toBe('read');
    });

    it('stays with the message when a receipt had settled it under the chosen id', async () => {
      const { store, clock } = use();
      const { id } = await begin('r1');
      await read('r1', 'delivered');
      const sent = await store.finishAttempt(id, { type: 'sent', at: clock.now(), networkId: '501' });
      expect(sent).toMatchObject({ status: 'delivered', channelMessageId: '501' });
      expect(await read('501')).toBe(1);
    });
  });

  describe('a receipt under the given id that comes before the outcome of the send', () => {
    it('counts once the outcome is there, in order', async () => {
      const { store, clock } = use();
      const { id } = await begin('r1');
      expect(await read('501', 'delivered')).toBe(0);
      expect(await read('501')).toBe(0);
      const done = await store.finishAttempt(id, { type: 'sent', at: clock.now(), networkId: '501' });
      expect(done).toMatchObject({ status: 'read', channelMessageId: '501', sentAt: expect.any(String) });
      const told = (await eventTypes(store)).filter((type) => type.startsWith('message.'));
      expect(told).toEqual(['message.queued', 'message.sent', 'message.read']);
    });

    it('counts also when the daemon died in between', async () => {
      const { store, clock } = use();
      const { id } = await begin('r1');
      await store.releaseAttempts();
      await read('501');
      await store.beginAttempt(id, clock.now());
      await store.finishAttempt(id, { type: 'sent', at: clock.now(), networkId: '501' });
      expect((await store.getMessage(id, null))?.status).toBe('read');
    });

    it('is not kept where nothing is being sent: it is of a message that was never here', async () => {
      const { store } = use();
      await send(store, use().clock, 'r0');
      expect(await read('501')).toBe(0);
      expect((await sendAs('r1', '501')).status).toBe('sent');
    });
  });

  describe('an echo under the given id that comes before the outcome of the send', () => {
    it('is one message with it in the end, and what it had learned is kept', async () => {
      const { store, clock } = use();
      const { id } = await begin('r1');
      const { message: echo } = await store.recordInbound(phoneSays('501'));
      expect(echo.id).not.toBe(id);
      await read('501');
      const target = { sessionId: SESSION, chat, networkId: '501' };
      await store.recordReaction(target, { by: ANN, emoji: '👍', at: clock.now() });
      const done = await store.finishAttempt(id, { type: 'sent', at: clock.now(), networkId: '501' });
      expect(done).toMatchObject({
        id,
        status: 'read',
        channelMessageId: '501',
        reactions: [{ emoji: '👍' }],
        deletedAt: null,
      });
      expect((await store.getMessage(echo.id, null))?.deletedAt).not.toBeNull();
      expect(await eventTypes(store)).toContain('message.deleted');
      // From now on the id means the message that was asked for, and its echo is no news.
      expect(await store.recordInbound(phoneSays('501'))).toMatchObject({ duplicate: true, message: { id } });
      expect(await store.recordEdit(target, { body: 'better', at: clock.now() })).toBe(true);
      expect((await store.getMessage(id, null))?.body).toBe('better');
    });

    it('is not told as deleted twice when it was deleted meanwhile', async () => {
      const { store, clock } = use();
      const { id } = await begin('r1');
      await store.recordInbound(phoneSays('501'));
      await store.recordDeletion({ sessionId: SESSION, chat, networkId: '501' }, clock.now());
      const done = await store.finishAttempt(id, { type: 'sent', at: clock.now(), networkId: '501' });
      expect(done.deletedAt).not.toBeNull();
      expect((await eventTypes(store)).filter((type) => type === 'message.deleted')).toHaveLength(1);
    });
  });

  it.each(['a guest', 'the hotel'])(
    'an id that a message of %s has already stays there; the send counts as sent',
    async (who) => {
      const { store, clock } = use();
      const first =
        who === 'a guest'
          ? (await store.recordInbound(inbound('501', clock.now()))).message
          : await sendAs('r0', '501');
      const sent = await sendAs('r1', '501');
      expect(sent).toMatchObject({ status: 'sent', channelMessageId: 'r1' });
      expect(await store.getMessage(first.id, null)).toEqual(first);
      expect(await read('r1')).toBe(1);
    },
  );
}
