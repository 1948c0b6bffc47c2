import { describe, expect, it } from 'vitest';
import type { LimitScope } from '../../src/connector-api/index.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { SessionLimit } from '../../src/engine/model/session-limit.ts';
import type { CommitSummary, NewLimit } from '../../src/engine/ports/index.ts';
import { ACCOUNT, ANN, accept, BEN, eventTypes, inbound, linkSession, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const HOUR_MS = 3_600_000;
const toBen = { to: { kind: 'direct', address: BEN } } as const;

/** What a network closes for a while. */
export function storeLimitContract(use: () => StoreUnderTest): void {
  const due = async (): Promise<readonly string[]> => {
    const { store, clock } = use();
    return (await store.dueMessages(SESSION, clock.now(), 10))
      .filter(({ hold }) => hold === null)
      .map(({ message }) => message.channelMessageId ?? '');
  };
  const limits = async (): Promise<readonly SessionLimit[]> => (await use().store.getSession(SESSION))?.limits ?? [];
  const attempt = async (message: Message, scope: LimitScope, more: Partial<NewLimit> = {}): Promise<Message> => {
    const { store, clock } = use();
    const at = clock.now();
    await store.beginAttempt(message.id, at);
    const limit = { scope, code: 'rate_limited', nativeCode: 'X_30', until: at + HOUR_MS, isAssumed: false, ...more };
    return store.finishAttempt(message.id, { type: 'limited', at, limit: limit as NewLimit });
  };
  const sendOne = async (message: Message): Promise<void> => {
    const { store, clock } = use();
    await store.beginAttempt(message.id, clock.now());
    await store.finishAttempt(message.id, { type: 'sent', at: clock.now() });
  };
  const told = async (): Promise<readonly string[]> =>
    (await eventTypes(use().store)).filter((type) => type.startsWith('session.limit'));
  const annWrites = () => use().store.recordInbound(inbound('A1', use().clock.now()));

  describe('a limit of the network', () => {
    it('is a state of the session, with one event and a row of its timeline, and counts no attempt', async () => {
      const { store, clock } = use();
      const commits: CommitSummary[] = [];
      store.onCommit((summary) => commits.push(summary));
      const message = await accept(store, 'N1');
      const waiting = await attempt(message, 'account');
      expect(waiting).toMatchObject({ status: 'queued', attempts: 0, error: null });
      const [limit] = await limits();
      expect(limit).toMatchObject({
        scope: 'account',
        conversationId: null,
        code: 'rate_limited',
        nativeCode: 'X_30',
        since: new Date(clock.now()).toISOString(),
        until: new Date(clock.now() + HOUR_MS).toISOString(),
      });
      expect(limit?.remedy).not.toBe('');
      expect((await store.getSession(SESSION))?.state).toBe('connected');
      expect(commits.at(-1)?.limits).toBe(true);
      const { data } = await store.listEvents({ property: null, types: ['session.limited'], limit: 9 });
      expect(data).toHaveLength(1);
      expect(data[0]?.data).toMatchObject({
        cause: 'rate_limited',
        remedy: limit?.remedy,
        limit,
        session: { limits: [limit] },
      });
      const [row] = (await store.listTimeline(SESSION, { limit: 1 })).data;
      expect(row).toMatchObject({ state: 'connected', reason: { code: 'rate_limited', nativeCode: 'X_30' } });
      expect(row?.reason?.retryAt).toBe(limit?.until);
    });

    it('is one incident while it is prolonged', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await attempt(message, 'account');
      const since = (await limits())[0]?.since;
      await clock.advance(HOUR_MS);
      await attempt(message, 'account');
      expect(await limits()).toMatchObject([{ since, until: new Date(clock.now() + HOUR_MS).toISOString() }]);
      expect(await told()).toEqual(['session.limited']);
    });

    it('is kept also when a receipt had settled the message meanwhile', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await store.beginAttempt(message.id, clock.now());
      const chat = { kind: 'direct', addresses: [ANN] } as const;
      await store.recordReceipt(SESSION, { chat, networkIds: ['N1'], status: 'delivered', at: clock.now() });
      const limit = {
        scope: 'account',
        code: 'rate_limited',
        nativeCode: null,
        until: clock.now() + 5,
        isAssumed: false,
      } as const;
      const done = await store.finishAttempt(message.id, { type: 'limited', at: clock.now(), limit });
      expect(done.status).toBe('delivered');
      expect(await limits()).toHaveLength(1);
    });

    it('ends by the clock, with an event and a row', async () => {
      const { store, clock } = use();
      await attempt(await accept(store, 'N1'), 'account');
      expect(await store.nextLimitEnd()).toBe(clock.now() + HOUR_MS);
      expect(await store.endLimits(clock.now() + HOUR_MS - 1)).toBe(0);
      expect(await limits()).toHaveLength(1);
      expect(await store.endLimits(clock.now() + HOUR_MS)).toBe(1);
      expect(await store.endLimits(clock.now() + HOUR_MS)).toBe(0);
      expect(await limits()).toEqual([]);
      expect(await store.nextLimitEnd()).toBeNull();
      expect(await told()).toEqual(['session.limited', 'session.limit_over']);
      const [row] = (await store.listTimeline(SESSION, { limit: 1 })).data;
      expect(row).toMatchObject({ state: 'connected', reason: { code: 'limit_over', retryAt: null } });
    });

    it.each([
      ['account', 'account'],
      ['new_chats', 'new_chats'],
    ] as const)(
      'of the scope %s whose end is assumed is over when a message went through after it',
      async (_name, scope) => {
        const { store, clock } = use();
        const message = await accept(store, 'N1');
        await attempt(message, scope, { isAssumed: true });
        expect(await store.nextLimitEnd()).toBeNull();
        await clock.advance(HOUR_MS);
        expect(await store.endLimits(clock.now())).toBe(0);
        expect(await limits()).toHaveLength(1);
        await sendOne(message);
        expect(await limits()).toEqual([]);
        expect(await told()).toEqual(['session.limited', 'session.limit_over']);
      },
    );

    it('is not disproved by a message that it does not concern', async () => {
      const { store, clock } = use();
      await annWrites();
      await attempt(await accept(store, 'B1', toBen), 'new_chats', { isAssumed: true });
      await clock.advance(HOUR_MS);
      await sendOne(await accept(store, 'N1'));
      expect(await limits()).toHaveLength(1);
    });

    it('of new chats under which a guest who has written is refused too fails that message, and does not send it again at once', async () => {
      const { store, clock } = use();
      await annWrites();
      const failed = await attempt(await accept(store, 'N1'), 'new_chats', { until: clock.now() + 24 * HOUR_MS });
      expect(failed).toMatchObject({ status: 'failed', error: { code: 'send_rejected', nativeCode: 'X_30' } });
      const short = await attempt(await accept(store, 'N2'), 'new_chats', { until: clock.now() + 9_000 });
      expect(short).toMatchObject({ status: 'queued', attempts: 0 });
      expect(await due()).toEqual([]);
      await clock.advance(9_000);
      expect(await due()).toEqual(['N2']);
    });

    it('says nothing about another account that is linked in its place, nor about another session', async () => {
      const { store, clock } = use();
      await linkSession(store, clock, 'spa');
      const message = await accept(store, 'B1', toBen);
      await attempt(message, 'new_chats');
      expect((await store.getSession('spa'))?.limits).toEqual([]);
      const change = { sessionId: SESSION, state: 'connected', reason: null, at: clock.now() } as const;
      await store.recordSessionChange({ ...change, account: { address: ACCOUNT } });
      expect(await limits()).toHaveLength(1);
      await store.recordSessionChange({ ...change, account: { address: '+493099999' } });
      expect(await limits()).toEqual([]);
      expect(await due()).toEqual(['B1']);
    });

    it('goes with its session', async () => {
      const { store, clock } = use();
      await attempt(await accept(store, 'N1'), 'account');
      await store.deleteSession(SESSION);
      await linkSession(store, clock);
      expect(await limits()).toEqual([]);
      expect((await store.figures(clock.now())).limits).toEqual([]);
    });

    it('is counted', async () => {
      const { store, clock } = use();
      await attempt(await accept(store, 'N1'), 'chat');
      await attempt(await accept(store, 'B1', toBen), 'chat');
      expect((await store.figures(clock.now())).limits).toEqual([{ session: SESSION, scope: 'chat', count: 2 }]);
    });
  });

  describe('what a limit holds back', () => {
    const held = async (id: string): Promise<string | undefined> =>
      (await use().store.getMessage(id, null))?.heldBy?.rule;

    it('of the account: everything, until its end, in the old order', async () => {
      const { store, clock } = use();
      await annWrites();
      const first = await accept(store, 'N1');
      const second = await accept(store, 'B1', toBen);
      await attempt(first, 'account');
      const later = await accept(store, 'B2', { ...toBen, urgency: 'high', estimatedSendAt: clock.now() + 5 });
      const until = new Date(clock.now() + HOUR_MS).toISOString();
      expect(later).toMatchObject({ heldBy: { rule: 'network_limit', until }, estimatedSendAt: until });
      for (const { id } of [first, second, later])
        expect(await store.getMessage(id, null)).toMatchObject({
          heldBy: { rule: 'network_limit', until },
          estimatedSendAt: until,
        });
      expect(await store.dueMessages(SESSION, clock.now(), 10)).toEqual([]);
      expect(await store.nextDueAt(SESSION)).toBe(clock.now() + HOUR_MS);
      await clock.advance(HOUR_MS);
      expect(await held(second.id)).toBeUndefined();
      expect(await due()).toEqual(['B2', 'N1']);
    });

    it('of one chat: its messages, also an urgent one and one that was scheduled', async () => {
      const { store, clock } = use();
      const first = await accept(store, 'N1');
      const later = await accept(store, 'N2', { sendAt: clock.now() + 10 });
      await attempt(first, 'chat');
      const urgent = await accept(store, 'N3', { urgency: 'high' });
      await accept(store, 'B1', toBen);
      await clock.advance(10);
      expect(await due()).toEqual(['B1']);
      for (const { id } of [first, later, urgent]) expect(await held(id)).toBe('network_limit');
      expect(await limits()).toMatchObject([{ scope: 'chat', conversationId: first.conversationId }]);
      await clock.advance(HOUR_MS);
      expect(await due()).toEqual(['N3', 'B1']);
    });

    it('of new chats: guests who never wrote, and nobody else', async () => {
      const { store } = use();
      await annWrites();
      const group = await accept(store, 'G1', { to: { kind: 'group', address: 'group:1' } });
      const refused = await accept(store, 'B1', toBen);
      await attempt(refused, 'new_chats');
      const stranger = await accept(store, 'C1', { to: { kind: 'direct', address: '+4915100000001' } });
      const answer = await accept(store, 'N1');
      expect(stranger.heldBy?.rule).toBe('new_chats_closed');
      expect([answer.heldBy, await held(group.id)]).toEqual([null, undefined]);
      expect(await due()).toEqual(['G1', 'N1']);
      expect(await held(refused.id)).toBe('new_chats_closed');
    });

    it('of new chats is put off with the limit, what comes later one by one', async () => {
      const { store, clock } = use();
      const waiting = await accept(store, 'N1');
      await accept(store, 'G1', { to: { kind: 'group', address: 'group:1' } });
      await attempt(await accept(store, 'B1', toBen), 'new_chats');
      const items = await store.dueMessages(SESSION, clock.now(), 10);
      expect(items.map(({ message }) => message.channelMessageId)).toEqual(['G1']);
      expect(await held(waiting.id)).toBe('new_chats_closed');
      await annWrites();
      expect(await due()).toEqual(['N1', 'G1']);
    });

    it('of new chats goes as soon as the guest writes, also when it was put off before', async () => {
      const { store, clock } = use();
      await attempt(await accept(store, 'B1', toBen), 'new_chats');
      const waiting = await accept(store, 'N1');
      const scheduled = await accept(store, 'N2', { sendAt: clock.now() + 2 * HOUR_MS });
      const [item] = await store.dueMessages(SESSION, clock.now(), 10);
      expect(item?.hold).toMatchObject({ notBefore: clock.now() + HOUR_MS, heldBy: { rule: 'new_chats_closed' } });
      if (item?.hold) await store.deferMessage(item.message.id, item.hold);
      expect(await store.dueMessages(SESSION, clock.now(), 10)).toEqual([]);
      await annWrites();
      expect(await due()).toEqual(['N1']);
      expect(await held(waiting.id)).toBeUndefined();
      expect(await store.getMessage(scheduled.id, null)).toMatchObject({ status: 'queued', heldBy: null });
    });

    it('does not hide that the session is down', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'N1');
      await attempt(message, 'account');
      await store.recordSessionChange({ sessionId: SESSION, state: 'backing_off', reason: null, at: clock.now() });
      expect(await held(message.id)).toBe('session_down');
    });
  });
}
