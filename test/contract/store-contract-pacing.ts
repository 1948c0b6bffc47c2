import { describe, expect, it } from 'vitest';
import type { Chat } from '../../src/connector-api/index.ts';
import type { PacingFacts, Store } from '../../src/engine/ports/index.ts';
import { ACCOUNT, ANN, accept, BEN, inbound, outbound, SESSION, send } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const DAY = 24 * 3_600_000;
/** More than is read at once. */
const LONG_QUEUE = 620;
const chat: Chat = { kind: 'direct', addresses: [ANN] };
const KEY = `whatsapp:${ACCOUNT}`;
const openFailure = { code: 'send_timeout', certainty: 'maybe_sent', nativeCode: null } as const;
const surely = { code: 'send_rejected', certainty: 'not_sent', nativeCode: null } as const;

function factsOf(store: Store, now: number, sessions = [SESSION]): Promise<PacingFacts> {
  return store.pacingFacts({ account: KEY, sessions, now });
}

export function storePacingContract(use: () => StoreUnderTest): void {
  describe('the send log', () => {
    it('has what left and what may have left, and not what surely did not', async () => {
      const { store, clock } = use();
      const sent = await send(store, clock, 'A1');
      const cut = await accept(store, 'A2', { to: { kind: 'direct', address: BEN } });
      await store.beginAttempt(cut.id, clock.now());
      const open = await accept(store, 'A3');
      await store.beginAttempt(open.id, clock.now());
      await store.finishAttempt(open.id, { type: 'failed', at: clock.now(), failure: openFailure });
      const refused = await accept(store, 'A4');
      await store.beginAttempt(refused.id, clock.now());
      await store.finishAttempt(refused.id, { type: 'failed', at: clock.now(), failure: surely });
      const { sends } = (await factsOf(store, clock.now())).history;
      expect(new Set(sends.map(({ messageId }) => messageId))).toEqual(new Set([sent.id, cut.id, open.id]));
      expect(sends.find(({ messageId }) => messageId === sent.id)).toMatchObject({
        conversationId: sent.conversationId,
        at: clock.now(),
        lane: 'service',
        opensChat: true,
        isAnswered: false,
      });
      expect(sends.find(({ messageId }) => messageId === open.id)).toMatchObject({ opensChat: false });
    });

    it('counts a message once, however often it is tried', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'A1');
      await store.beginAttempt(id, clock.now());
      await store.releaseAttempts();
      await clock.advance(5_000);
      await store.beginAttempt(id, clock.now());
      const { sends } = (await factsOf(store, clock.now())).history;
      expect(sends).toMatchObject([{ messageId: id, at: clock.now(), opensChat: true }]);
    });

    it('knows how many others were sent the same text, by a message or an edit', async () => {
      const { store, clock } = use();
      const text = 'Half price in our spa!';
      const since = clock.now() - DAY;
      const one = await send(store, clock, 'A1', { body: text });
      const other = await send(store, clock, 'A2', { body: 'Hello', to: { kind: 'direct', address: BEN } });
      expect(await store.sameTextSince(other.id, 'half price, in our SPA', since)).toBe(1);
      expect(await store.sameTextSince(one.id, text, since)).toBe(0); // nobody but its own guest
      expect(await store.sameTextSince(other.id, text, clock.now())).toBe(0);
      const place = await store.chatOf(other.conversationId, null);
      if (place === null) throw new Error('there is the chat');
      await store.recordEdit(
        { sessionId: SESSION, chat: place.chat, networkId: 'A2' },
        { body: text, at: clock.now() },
      );
      expect(await store.sameTextSince(one.id, text, since)).toBe(1);
    });

    it('grows older when the clock is set back, so that nothing counts as just now for weeks', async () => {
      const { store, clock } = use();
      const { id } = await send(store, clock, 'A1');
      clock.jump(-30 * DAY);
      await factsOf(store, clock.now());
      await clock.advance(60_000);
      const { sends } = (await factsOf(store, clock.now())).history;
      expect(sends).toMatchObject([{ messageId: id, at: clock.now() - 60_000 }]);
    });

    it('goes back a day, and further for messages of the hotel’s own, until it is pruned', async () => {
      const { store, clock } = use();
      const own = await send(store, clock, 'A1');
      await store.recordInbound(inbound('IN1', clock.now()));
      const answer = await accept(store, 'A2', { purpose: 'reply' });
      await store.beginAttempt(answer.id, clock.now());
      await clock.advance(DAY + 1);
      const { sends } = (await factsOf(store, clock.now())).history;
      expect(sends.map(({ messageId }) => messageId)).toEqual([own.id]);
      expect(await store.pruneSendLog(clock.now())).toBe(2);
      expect((await factsOf(store, clock.now())).history.sends).toEqual([]);
    });

    it('knows which of the hotel’s own were taken by the network and have not reached the guest', async () => {
      const { store, clock } = use();
      const lost = await send(store, clock, 'A1');
      const arrived = await send(store, clock, 'A2');
      const receipt = { chat, networkIds: ['A2'], status: 'delivered', at: clock.now() } as const;
      expect(await store.recordReceipt(SESSION, receipt)).toBe(1);
      const open = await accept(store, 'A3');
      await store.beginAttempt(open.id, clock.now());
      await store.finishAttempt(open.id, { type: 'failed', at: clock.now(), failure: openFailure });
      const known = async () =>
        new Map(
          (await factsOf(store, clock.now())).history.sends.map(({ messageId, isUndelivered }) => [
            messageId,
            isUndelivered,
          ]),
        );
      expect(await known()).toEqual(
        new Map([
          [lost.id, true],
          [arrived.id, false],
          [open.id, false],
        ]),
      );
      await store.recordReceipt(SESSION, { ...receipt, networkIds: ['A1'], status: 'read' });
      expect((await known()).get(lost.id)).toBe(false);
    });

    it('names texts by a key that is the same for what reads the same, and does not hold the text', async () => {
      const { store, clock } = use();
      await accept(store, 'A1', { body: 'Your room is ready!' });
      await accept(store, 'A2', { body: 'your room  is ready' });
      await accept(store, 'A3', { body: 'Room 12 is ready' });
      const keys = (await factsOf(store, clock.now())).intents.map(({ textKey }) => textKey);
      expect(keys[0]).toMatch(/^[\w-]{24}$/);
      expect(keys[1]).toBe(keys[0]);
      expect(keys[2]).not.toBe(keys[0]);
    });

    it('is that of the account, not of the session', async () => {
      const { store, clock } = use();
      const { id } = await send(store, clock, 'A1');
      await store.deleteSession(SESSION);
      const { sends } = (await factsOf(store, clock.now(), [])).history;
      expect(sends.map(({ messageId }) => messageId)).toEqual([id]);
      const other = await store.pacingFacts({ account: 'whatsapp:+49309', sessions: [], now: clock.now() });
      expect(other.history.sends).toEqual([]);
    });
  });

  describe('facts for the planner', () => {
    it('tell what waits, in the order in which it was accepted', async () => {
      const { store, clock } = use();
      const sendAt = clock.now() + 60_000;
      const first = await accept(store, 'A1', { urgency: 'high', sendAt, expiresAt: sendAt + 1 });
      const second = await accept(store, 'A2', { purpose: 'promotional' });
      const third = await accept(store, 'A3', { purpose: 'reply' });
      const { intents } = await factsOf(store, clock.now());
      expect(intents.map(({ messageId }) => messageId)).toEqual([first.id, second.id, third.id]);
      expect(intents[0]).toMatchObject({
        sessionId: SESSION,
        conversationId: first.conversationId,
        urgency: 'high',
        sendAt,
        expiresAt: sendAt + 1,
        retryAt: null,
        review: 'none',
        noted: null,
        isTemplate: true,
        textLength: 'body of A1'.length,
      });
      expect(intents[1]).toMatchObject({ purpose: 'promotional', isTemplate: true, queuedAt: clock.now() });
      expect(intents[2]).toMatchObject({ purpose: 'reply', isTemplate: false });
      expect((await factsOf(store, clock.now(), [])).intents).toEqual([]);
    });

    it('tell all of a long queue, which is read in pieces: what comes between them is announced, what has left is not told', async () => {
      const { store, clock } = use();
      const to = (index: number) => ({ kind: 'direct', address: `+4915${10_000 + index}` }) as const;
      const queue = Array.from({ length: LONG_QUEUE }, (_, index) => outbound(`A${index}`, { to: to(index) }));
      const accepted = await store.acceptMessages(queue);
      const all = 'messages' in accepted ? accepted.messages.map(({ id }) => id) : [];
      let commits = 0;
      const unsubscribe = store.onCommit(({ outbox }) => {
        if (outbox.has(SESSION)) commits += 1;
      });
      const reading = factsOf(store, clock.now());
      const left = await store.cancelMessage(all.at(-1) ?? '', null, clock.now());
      const { intents, history } = await reading;
      unsubscribe();
      expect(commits).toBe(1);
      expect(intents).toHaveLength(LONG_QUEUE - 1);
      expect(intents.map(({ messageId }) => messageId)).toEqual(all.filter((id) => id !== left.id));
      expect(history.chats.size).toBe(all.length - 1);
    });

    it('tell what waits in one conversation', async () => {
      const { store, clock } = use();
      await send(store, clock, 'A0');
      await accept(store, 'A1', { to: { kind: 'direct', address: BEN } });
      const first = await accept(store, 'A2');
      const second = await accept(store, 'A3');
      const query = { account: KEY, sessions: [SESSION], now: clock.now() };
      const { intents, history } = await store.pacingFacts({ ...query, conversation: first.conversationId });
      expect(intents.map(({ messageId }) => messageId)).toEqual([first.id, second.id]);
      expect([...history.chats]).toMatchObject([[first.conversationId, { unanswered: 1, isOpened: true }]]);
      expect(history.sends).toHaveLength(1);
    });

    it('tell how it stands with each guest', async () => {
      const { store, clock } = use();
      const { conversationId } = await send(store, clock, 'A1');
      await send(store, clock, 'A2');
      await accept(store, 'A3');
      const before = (await factsOf(store, clock.now())).history.chats.get(conversationId);
      expect(before).toEqual({ lastInboundAt: null, isKnown: false, unreadWords: 0, unanswered: 2, isOpened: true });
      await clock.advance(1_000);
      const body = 'Is there any place left in the garage tonight?';
      await store.recordInbound(inbound('IN1', clock.now(), { message: { content: { type: 'text', body } } }));
      const facts = await factsOf(store, clock.now());
      expect(facts.history.chats.get(conversationId)).toMatchObject({
        lastInboundAt: clock.now(),
        isKnown: true,
        unanswered: 0,
        unreadWords: 8,
      });
      expect(facts.history.sends.map(({ isAnswered }) => isAnswered)).toEqual([true, true]);
    });

    it('tell pauses after failed attempts', async () => {
      const { store, clock } = use();
      const { id } = await accept(store, 'A1');
      await store.beginAttempt(id, clock.now());
      const notBefore = clock.now() + 30_000;
      const heldBy = { rule: 'retry', until: null, detail: 'Again.' };
      await store.finishAttempt(id, { type: 'retry', at: clock.now(), notBefore, failure: openFailure, heldBy });
      expect((await factsOf(store, clock.now())).intents).toMatchObject([{ retryAt: notBefore }]);
    });

    it('tell since when the number is used: since it was first linked, or as a person says', async () => {
      const { store, clock } = use();
      const linkedAt = clock.now();
      await clock.advance(DAY);
      expect((await factsOf(store, clock.now())).standing.bornAt).toBe(linkedAt);
      await store.updateSessionSettings(SESSION, { numberSince: '2020-05-01' });
      expect((await factsOf(store, clock.now())).standing.bornAt).toBe(Date.UTC(2020, 4, 1));
    });

    it('tell who asked for no more messages', async () => {
      const { store, clock } = use();
      await store.recordInbound({ ...inbound('IN1', clock.now()), asks: 'opted_out' });
      expect((await factsOf(store, clock.now())).history.optOuts).toEqual([clock.now()]);
      expect((await factsOf(store, clock.now() + DAY)).history.optOuts).toEqual([]);
    });

    it('tell a ban for a while until a person lifts it, and one for ever while it stands', async () => {
      const { store, clock } = use();
      const until = clock.now() + 3_600_000;
      const why = { kind: 'restricted', nativeCode: '402', text: '', action: 'wait', remedy: '' } as const;
      const reason = { ...why, code: 'whatsapp_402_temporary_ban', retryAt: new Date(until).toISOString() };
      await store.recordSessionChange({ sessionId: SESSION, state: 'backing_off', reason, at: clock.now() });
      await store.recordSessionChange({ sessionId: SESSION, state: 'connected', reason: null, at: until });
      expect((await factsOf(store, until + DAY)).standing.ban).toEqual({ kind: 'temporary', until });
      await store.liftBan(SESSION);
      expect((await factsOf(store, until + DAY)).standing.ban).toBeNull();
      await store.recordSessionChange({ sessionId: SESSION, state: 'banned', reason: null, at: until });
      expect((await factsOf(store, until)).standing.ban).toEqual({ kind: 'permanent', until: null });
    });
  });
}
