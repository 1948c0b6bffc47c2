import { describe, expect, it } from 'vitest';
import type { SessionLimit } from '../../src/engine/model/session-limit.ts';
import { accountKeyOf } from '../../src/engine/pacing/account-key.ts';
import type { Brake } from '../../src/engine/pacing/brakes.ts';
import type { NetworkNotice, NewLimit } from '../../src/engine/ports/index.ts';
import { ACCOUNT, accept, BEN, eventTypes, linkSession, SESSION } from '../support/store-fixture.ts';
import type { StoreUnderTest } from './store-contract.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const toBen = { to: { kind: 'direct', address: BEN } } as const;

/** What stands without that a message met it: words of the network, and brakes of the house. */
export function storeNoticeContract(use: () => StoreUnderTest): void {
  const notice = async (facts: Partial<NetworkNotice>): Promise<void> => {
    const { store, clock } = use();
    const said = { scope: 'new_chats', origin: 'lock', state: 'closed', ...facts } as const;
    await store.recordNotice(SESSION, said, clock.now());
  };
  const brake = (...brakes: readonly Brake[]): Promise<void> =>
    use().store.recordBrakes(SESSION, brakes, use().clock.now());
  const inMs = (ms: number): number => use().clock.now() + ms;
  const limits = async (): Promise<readonly SessionLimit[]> => (await use().store.getSession(SESSION))?.limits ?? [];
  const told = async (): Promise<readonly string[]> =>
    (await eventTypes(use().store)).filter((type) => type.startsWith('session.limit'));
  const rowsOfTimeline = async (): Promise<number> =>
    (await use().store.listTimeline(SESSION, { limit: 100 })).data.length;
  const held = async (id: string): Promise<string | undefined> =>
    (await use().store.getMessage(id, null))?.heldBy?.rule;
  const due = async (): Promise<readonly (string | null)[]> =>
    (await use().store.dueMessages(SESSION, use().clock.now(), 10))
      .filter(({ hold }) => hold === null)
      .map(({ message }) => message.channelMessageId);
  const standing = async () => {
    const session = { channel: 'whatsapp', account: { address: ACCOUNT, displayName: null, kind: null }, id: SESSION };
    const query = { account: accountKeyOf(session), sessions: [SESSION], now: use().clock.now() };
    return (await use().store.pacingFacts(query)).standing;
  };
  /** A message meets it. */
  const refuse = async (more: Partial<NewLimit>): Promise<void> => {
    const { store, clock } = use();
    const { id } = await accept(store, 'R1', toBen);
    await store.beginAttempt(id, clock.now());
    const limit = {
      scope: 'new_chats',
      code: 'rate_limited',
      nativeCode: '463',
      until: inMs(HOUR_MS),
      isAssumed: false,
    } as const;
    await store.finishAttempt(id, { type: 'limited', at: clock.now(), limit: { ...limit, ...more } });
  };

  describe('what the network says by itself', () => {
    it('closes what it says without that a message had to be refused, with one event', async () => {
      const { store, clock } = use();
      const waiting = await accept(store, 'B1', toBen);
      await notice({ endsInMs: HOUR_MS, nativeCode: 'LOCKED' });
      expect(await limits()).toMatchObject([
        { scope: 'new_chats', source: 'network', state: 'closed', code: 'rate_limited', nativeCode: 'LOCKED' },
      ]);
      expect(await held(waiting.id)).toBe('new_chats_closed');
      expect(await due()).toEqual([]);
      expect((await standing()).limits).toMatchObject([{ scope: 'new_chats', until: inMs(HOUR_MS) }]);
      expect((await store.figures(clock.now())).limits).toEqual([{ session: SESSION, scope: 'new_chats', count: 1 }]);
      expect(await told()).toEqual(['session.limited']);
    });

    it('ends by the clock at the end that it gave', async () => {
      const { store, clock } = use();
      await notice({ endsInMs: HOUR_MS });
      await clock.advance(HOUR_MS);
      expect(await store.endLimits(clock.now())).toBe(1);
      expect(await limits()).toEqual([]);
      expect(await told()).toEqual(['session.limited', 'session.limit_over']);
    });

    it('ends at once when it says so, and what waited for it may go', async () => {
      const { store } = use();
      const waiting = await accept(store, 'B1', toBen);
      await notice({ endsInMs: DAY_MS });
      await notice({ state: 'open' });
      expect(await limits()).toEqual([]);
      expect(await held(waiting.id)).toBeUndefined();
      expect(await due()).toEqual(['B1']);
      expect(await told()).toEqual(['session.limited', 'session.limit_over']);
    });

    it('is one limit to people while several reasons of it stand, until the last is gone', async () => {
      const { store } = use();
      await accept(store, 'B1', toBen);
      await notice({ origin: 'quota', endsInMs: DAY_MS });
      await notice({ origin: 'lock', endsInMs: HOUR_MS });
      expect(await limits()).toMatchObject([{ until: new Date(inMs(DAY_MS)).toISOString() }]);
      await notice({ origin: 'quota', state: 'open' });
      expect(await limits()).toMatchObject([{ until: new Date(inMs(HOUR_MS)).toISOString() }]);
      expect(await due()).toEqual([]);
      expect(await told()).toEqual(['session.limited']);
      await notice({ origin: 'lock', state: 'open' });
      expect(await told()).toEqual(['session.limited', 'session.limit_over']);
      expect(await due()).toEqual(['B1']);
    });

    it('writes nothing that is known: neither that all is well, nor the same again', async () => {
      const { store, clock } = use();
      const before = await rowsOfTimeline();
      await notice({ state: 'open' });
      const said = { scope: 'new_chats', origin: 'lock', state: 'closed', endsInMs: HOUR_MS } as const;
      await store.recordNotice(SESSION, said, clock.now());
      await clock.advance(1_000);
      await store.recordNotice(SESSION, said, clock.now());
      expect(await rowsOfTimeline()).toBe(before + 1);
      expect(await told()).toEqual(['session.limited']);
      await store.recordNotice('nobody', said, clock.now());
    });

    it('ends what a message met where the network had given its end, and not where nobody knows it', async () => {
      await refuse({});
      await notice({ state: 'open' });
      expect(await limits()).toEqual([]);
      await refuse({ isAssumed: true });
      await notice({ state: 'open' });
      expect(await limits()).toHaveLength(1);
    });

    it('does not end what a message met while it says the same for another reason', async () => {
      await refuse({});
      await notice({ origin: 'quota', endsInMs: HOUR_MS / 2 });
      await notice({ origin: 'lock', state: 'open' });
      expect(await limits()).toMatchObject([{ nativeCode: '463', until: new Date(inMs(HOUR_MS)).toISOString() }]);
      await notice({ origin: 'quota', state: 'open' });
      expect(await limits()).toEqual([]);
    });

    it('without an end is tried after a while, and over once a message went through', async () => {
      const { store, clock } = use();
      await notice({ scope: 'account', origin: 'frozen' });
      const { id } = await accept(store, 'N1');
      expect(await held(id)).toBe('network_limit');
      await clock.advance(HOUR_MS);
      expect(await store.endLimits(clock.now())).toBe(0);
      await store.beginAttempt(id, clock.now());
      await store.finishAttempt(id, { type: 'sent', at: clock.now() });
      expect(await limits()).toEqual([]);
    });
  });

  describe('a warning of the network', () => {
    it('closes nothing, and tells the planner what is left', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'B1', toBen);
      await notice({ origin: 'quota', state: 'warned', endsInMs: DAY_MS, left: 20, nativeCode: 'FIRST_WARNING' });
      expect(await limits()).toMatchObject([{ source: 'network', state: 'slowed', code: 'new_chats_warning' }]);
      expect(await held(message.id)).toBeUndefined();
      expect(await due()).toEqual(['B1']);
      const at = clock.now();
      expect(await standing()).toMatchObject({ limits: [], quota: { left: 20, at, until: at + DAY_MS } });
      const figures = await store.figures(at);
      expect(figures.limits).toEqual([]);
      expect(figures.brakes).toEqual([{ session: SESSION, rule: 'new_chats_quota' }]);
    });

    it('is told once, the closing after it once more, and one end', async () => {
      const quota = { origin: 'quota', endsInMs: DAY_MS } as const;
      await notice({ ...quota, state: 'warned', left: 20, nativeCode: 'FIRST_WARNING' });
      await notice({ ...quota, state: 'warned', left: 10, nativeCode: 'SECOND_WARNING' });
      expect(await told()).toEqual(['session.limited']);
      expect((await standing()).quota?.left).toBe(10);
      await notice({ ...quota, state: 'closed', nativeCode: 'CAPPED' });
      expect(await told()).toEqual(['session.limited', 'session.limited']);
      expect((await standing()).quota).toBeNull();
      await notice({ origin: 'quota', state: 'open' });
      expect(await told()).toEqual(['session.limited', 'session.limited', 'session.limit_over']);
    });

    it('that still stands when something closed is over is no new one', async () => {
      await notice({ origin: 'quota', state: 'warned', left: 20, endsInMs: DAY_MS });
      await notice({ origin: 'lock', endsInMs: HOUR_MS });
      await notice({ origin: 'lock', state: 'open' });
      expect(await told()).toEqual(['session.limited', 'session.limited', 'session.limit_over']);
      expect(await limits()).toMatchObject([{ state: 'slowed' }]);
    });
  });

  describe('brakes of the house', () => {
    const asked = (): Brake => ({ rule: 'opt_outs', until: inMs(HOUR_MS), isTimed: true });
    const silent = (): Brake => ({ rule: 'reply_ratio', until: inMs(HOUR_MS), isTimed: false });

    it('are told each once when they begin and once when they are over, and hold nothing back in the store', async () => {
      const { store, clock } = use();
      const message = await accept(store, 'B1', toBen);
      await brake(asked(), silent());
      expect(await limits()).toMatchObject([
        { source: 'bellhop', code: 'opt_outs', state: 'closed' },
        { source: 'bellhop', code: 'reply_ratio', state: 'slowed' },
      ]);
      expect(await held(message.id)).toBeUndefined();
      expect((await standing()).limits).toEqual([]);
      expect((await store.figures(clock.now())).brakes.map(({ rule }) => rule)).toEqual(['opt_outs', 'reply_ratio']);
      await brake(silent());
      expect(await told()).toEqual(['session.limited', 'session.limited', 'session.limit_over']);
      await brake();
      expect(await limits()).toEqual([]);
    });

    it('end by the clock where it is known when', async () => {
      const { store, clock } = use();
      await brake(asked(), silent());
      await clock.advance(HOUR_MS);
      await store.endLimits(clock.now());
      expect(await limits()).toMatchObject([{ code: 'reply_ratio' }]);
    });

    it('write nothing while they are the same', async () => {
      const before = await rowsOfTimeline();
      const on = asked();
      await brake(on);
      await brake(on);
      expect(await rowsOfTimeline()).toBe(before + 1);
    });

    it('are not disproved by a message that goes through', async () => {
      const { store, clock } = use();
      await brake(silent());
      await clock.advance(2 * HOUR_MS);
      const { id } = await accept(store, 'B1', toBen);
      await store.beginAttempt(id, clock.now());
      await store.finishAttempt(id, { type: 'sent', at: clock.now() });
      expect(await limits()).toHaveLength(1);
    });

    it('say nothing about another account that is linked in its place', async () => {
      const { store, clock } = use();
      await linkSession(store, clock, 'spa');
      await brake(silent());
      const change = { sessionId: SESSION, state: 'connected', reason: null, at: clock.now() } as const;
      await store.recordSessionChange({ ...change, account: { address: '+493099999' } });
      expect(await limits()).toEqual([]);
    });
  });
}
