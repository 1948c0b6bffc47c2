import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { DisconnectError } from '../../../src/connector-api/index.ts';
import { sleep } from '../../../src/core/clock.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { seededRandom } from '../../../src/core/random.ts';
import type { ConnectRank } from '../../../src/engine/connect-rank.ts';
import { rankOf } from '../../../src/engine/connect-rank.ts';
import { mostAtOnce, noteAnswer, noteOverload, openRate, rateAt } from '../../../src/engine/connect-rate.ts';
import { Mutex } from '../../../src/engine/mutex.ts';
import { notDue, StartGate } from '../../../src/engine/start-gate.ts';
import { settle, VirtualClock } from '../../support/virtual-clock.ts';

const forever = new AbortController().signal;
setMaxListeners(0, forever); // a thousand wait with one signal here; in the engine each has its own
const SECOND_MS = 1_000;
const unreachable = (): Promise<never> =>
  Promise.reject(new DisconnectError({ kind: 'network', code: 'fake_unreachable' }));
const loggedOut = (): Promise<never> =>
  Promise.reject(new DisconnectError({ kind: 'logged_out', code: 'fake_logged_out' }));

/** A gate, and when each attempt began: monotonic ms. */
class Entrance {
  readonly clock = new VirtualClock();
  readonly gate: StartGate;
  readonly begun: { readonly name: string; readonly at: number }[] = [];

  constructor(perSecond?: number) {
    this.gate = new StartGate({ clock: this.clock, random: seededRandom(5), perSecond });
  }

  queue(
    name: string,
    options: { rank?: ConnectRank; channel?: string; work?: () => Promise<unknown>; signal?: AbortSignal } = {},
  ): Promise<unknown> {
    const { rank = 3, channel = 'fake', work = async () => name, signal = forever } = options;
    const begin = (): Promise<unknown> => {
      this.begun.push({ name, at: this.clock.monotonic() });
      return work();
    };
    return this.gate.run({ channel, rank }, begin, signal);
  }

  get names(): string[] {
    return this.begun.map(({ name }) => name);
  }

  /** The most that began in any second. */
  get mostInASecond(): number {
    const within = (from: number): number => this.begun.filter(({ at }) => at >= from && at < from + SECOND_MS).length;
    return Math.max(...this.begun.map(({ at }) => within(at)));
  }
}

const many = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('StartGate', () => {
  it('lets a thousand in within a minute, and never more than a few more than 25 in one second', async () => {
    const entrance = new Entrance();
    for (const index of many(1_000)) void entrance.queue(`s-${index}`);
    await entrance.clock.advance(50 * SECOND_MS);
    expect(entrance.begun).toHaveLength(1_000);
    expect(entrance.begun.at(-1)?.at).toBeGreaterThan(35 * SECOND_MS);
    expect(entrance.mostInASecond).toBeLessThanOrEqual(32);
  });

  it('tells who waits, who is under way and how fast it lets in', async () => {
    const entrance = new Entrance();
    expect(entrance.gate.views()).toEqual([]);
    const life = new AbortController();
    const endless = (): Promise<never> => new Promise(() => undefined);
    for (const index of many(100)) void entrance.queue(`s-${index}`, { work: endless });
    entrance.queue('gone', { signal: life.signal }).catch(() => undefined);
    await entrance.clock.advance(60 * SECOND_MS);
    expect(entrance.gate.views()).toEqual([{ channel: 'fake', waiting: 81, underWay: 20, perSecond: 10 }]);
    life.abort(new Error('stopped'));
    expect(entrance.gate.views()).toMatchObject([{ waiting: 80 }]);
  });

  it('spreads at random, not in step', async () => {
    const entrance = new Entrance(25);
    for (const index of many(50)) void entrance.queue(`s-${index}`);
    await entrance.clock.advance(10 * SECOND_MS);
    const pauses = entrance.begun.slice(1).map(({ at }, index) => at - (entrance.begun[index]?.at ?? 0));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(20);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(150); // ten a second at first
    expect(new Set(pauses.map(Math.round)).size).toBeGreaterThan(20);
  });

  it('lets one channel not wait for another', async () => {
    const entrance = new Entrance(1);
    for (const index of many(20)) void entrance.queue(`w-${index}`, { channel: 'whatsapp' });
    void entrance.queue('t', { channel: 'telegram' });
    await settle();
    expect(entrance.names).toEqual(['w-0', 't']);
  });

  it('lets in first whoever is awaited, then who has something to send, then who is talked to', async () => {
    const entrance = new Entrance(25);
    for (const rank of [3, 3, 2, 1, 0, 1] as const) void entrance.queue(`rank ${rank}`, { rank });
    await entrance.clock.advance(2 * SECOND_MS);
    // The first found nobody before it; one place in four goes to who waits longest.
    expect(entrance.names).toEqual(['rank 3', 'rank 0', 'rank 1', 'rank 3', 'rank 1', 'rank 2']);
  });

  it('leaves nobody behind, however many of a higher rank keep coming', async () => {
    const entrance = new Entrance(10);
    void entrance.queue('first');
    void entrance.queue('patient');
    const again = async (index: number): Promise<void> => {
      await entrance.queue(`urgent ${index}`, { rank: 1, work: unreachable }).catch(() => undefined);
      if (!entrance.names.includes('patient')) await again(index);
    };
    for (const index of many(20)) void again(index);
    await entrance.clock.advance(20 * SECOND_MS);
    expect(entrance.names).toContain('patient');
  });

  it('does not let attempts that hang hold up the others at once', async () => {
    const entrance = new Entrance(25);
    for (const index of many(100)) void entrance.queue(`hangs ${index}`, { work: () => new Promise(() => undefined) });
    await entrance.clock.advance(60 * SECOND_MS);
    expect(entrance.begun).toHaveLength(20);
  });

  it('gets everybody through where each takes longer the more there are, and too long is a failure', async () => {
    const entrance = new Entrance(25);
    const left = new Set(many(200));
    let underWay = 0;
    // One a second is all that this machine can do, and after 20 s the network has hung up.
    const shake = async (): Promise<void> => {
      underWay += 1;
      const tookMs = underWay * SECOND_MS;
      await sleep(entrance.clock, Math.min(tookMs, 20 * SECOND_MS));
      underWay -= 1;
      if (tookMs > 20 * SECOND_MS) await unreachable();
    };
    const come = (index: number): Promise<unknown> =>
      entrance.queue(`s-${index}`, { work: shake }).then(
        () => left.delete(index),
        () => come(index),
      );
    for (const index of left) void come(index);
    await entrance.clock.advance(400 * SECOND_MS);
    expect(left.size).toBe(0);
  });

  it('goes slower while the network refuses, and is fast again soon after', async () => {
    const entrance = new Entrance(25);
    for (const index of many(200)) void entrance.queue(`s-${index}`, { work: unreachable }).catch(() => undefined);
    await entrance.clock.advance(20 * SECOND_MS);
    const before = entrance.begun.length;
    await entrance.clock.advance(10 * SECOND_MS);
    expect(entrance.begun.length - before).toBeLessThanOrEqual(12);
    for (const index of many(400)) void entrance.queue(`better ${index}`, { rank: 1 });
    await entrance.clock.advance(40 * SECOND_MS);
    expect(entrance.names.filter((name) => name.startsWith('better')).length).toBeGreaterThan(350);
  });

  it('does not go slower for accounts that were unlinked', async () => {
    const entrance = new Entrance(25);
    for (const index of many(200)) void entrance.queue(`s-${index}`, { work: loggedOut }).catch(() => undefined);
    await entrance.clock.advance(12 * SECOND_MS);
    expect(entrance.begun).toHaveLength(200);
  });

  it('passes on how the work ended, and goes on after failures', async () => {
    const entrance = new Entrance();
    await expect(entrance.queue('a', { work: () => Promise.reject(new Error('refused')) })).rejects.toThrow('refused');
    const last = entrance.queue('b', { work: async () => 'through' });
    await entrance.clock.advance(SECOND_MS);
    expect(await last).toBe('through');
  });

  it('lets go of who is called off while waiting, at once', async () => {
    const entrance = new Entrance(1);
    void entrance.queue('a');
    const stop = new AbortController();
    const called = entrance.queue('b', { signal: stop.signal });
    stop.abort(new BellhopError('session_down'));
    await expect(called).rejects.toMatchObject({ code: 'session_down' });
    await expect(entrance.queue('c', { signal: stop.signal })).rejects.toMatchObject({ code: 'session_down' });
    await entrance.clock.advance(10 * SECOND_MS);
    expect(entrance.names).toEqual(['a']);
  });

  it('takes no place for what is not due any more when its turn comes', async () => {
    const entrance = new Entrance(2.5);
    void entrance.queue('a');
    const late = entrance.gate.run(
      { channel: 'fake', rank: 1 },
      async () => 'never',
      forever,
      () => false,
    );
    void entrance.queue('b');
    await entrance.clock.advance(1_600);
    expect(await late).toBe(notDue);
    expect(entrance.names).toEqual(['a', 'b']);
  });
});

describe('the rate of connecting', () => {
  it('is halved once a second by trouble, down to one a second, and grows by a tenth', () => {
    let rate = { ...openRate(20, 0), perSecond: 20 };
    const seen: number[] = [];
    for (let second = 1; second <= 7; second += 1) {
      for (let answer = 0; answer < 10; answer += 1) rate = noteAnswer(rate, 'troubled', second * SECOND_MS);
      seen.push(rate.perSecond);
    }
    expect(seen).toEqual([10, 5, 2.5, 1.25, 1, 1, 1]);
    for (let answer = 0; answer < 10; answer += 1) rate = noteAnswer(rate, 'accepted', 9 * SECOND_MS);
    for (let answer = 0; answer < 10; answer += 1) rate = noteAnswer(rate, 'accepted', 10 * SECOND_MS);
    expect(rate.perSecond).toBe(3);
    for (let second = 11; second < 60; second += 1)
      for (let answer = 0; answer < 3; answer += 1) rate = noteAnswer(rate, 'accepted', second * SECOND_MS);
    expect(rate.perSecond).toBe(20);
  });

  it('does not mind a single session in trouble, however long', () => {
    let rate = openRate(20, 0);
    for (let minute = 1; minute < 100; minute += 1) rate = noteAnswer(rate, 'troubled', minute * 31_000);
    expect(rate.perSecond).toBe(8);
  });

  it('goes slower at once when this machine is late', () => {
    expect(noteOverload(openRate(20, 0), 1_500).perSecond).toBe(4);
    expect(noteOverload(openRate(20, 0), 500).perSecond).toBe(8);
    expect(noteOverload(noteOverload(openRate(20, 0), 1_500), 3_000).perSecond).toBe(4);
  });

  it('stays below one a second where the operator wants that', () => {
    let rate = { ...openRate(0.2, 0), perSecond: 0.2 };
    for (let answer = 0; answer < 3; answer += 1) rate = noteAnswer(rate, 'troubled', 2_000);
    expect(rate.perSecond).toBe(0.2);
  });

  it('begins carefully, and again after a rest', () => {
    expect(openRate(20, 0).perSecond).toBe(8);
    const fast = { ...openRate(20, 0), perSecond: 20 };
    expect(rateAt(fast, 60_000).perSecond).toBe(20);
    expect(rateAt(fast, 60_001)).toMatchObject({ perSecond: 8, since: 60_001 });
    expect(rateAt({ ...fast, perSecond: 2 }, 60_001).perSecond).toBe(2);
  });

  it('bounds what is under way by what is borne, and leaves room for some that hang', () => {
    expect(mostAtOnce({ ...openRate(50, 0), perSecond: 50 })).toBe(100);
    expect(mostAtOnce({ ...openRate(50, 0), perSecond: 1 })).toBe(16);
  });
});

describe('the order of connecting', () => {
  const now = Date.UTC(2026, 2, 4, 15);
  const quiet = {
    pacing: { mode: 'human', queued: 0, budgets: [], lanes: [], nextSendAt: null, waiting: [] },
    lastInboundAt: null,
  };
  const busy = {
    pacing: { mode: 'human', queued: 3, budgets: [], lanes: [], nextSendAt: null, waiting: [] },
    lastInboundAt: null,
  };
  const talking = { ...quiet, lastInboundAt: '2026-03-04T14:30:00.000Z' };
  const yesterday = { ...quiet, lastInboundAt: '2026-03-03T14:30:00.000Z' };
  it.each([
    ['a person waits', quiet, { isAwaited: true, failures: 0 }, 0],
    ['a message waits', busy, { isAwaited: false, failures: 1 }, 1],
    ['a guest wrote just now', talking, { isAwaited: false, failures: 1 }, 2],
    ['a guest wrote yesterday', yesterday, { isAwaited: false, failures: 1 }, 3],
    ['nobody waits', quiet, { isAwaited: false, failures: 0 }, 3],
    ['it is refused again and again', busy, { isAwaited: false, failures: 4 }, 3],
  ] as const)('%s', (_why, session, facts, rank) => {
    expect(rankOf(session, facts, now)).toBe(rank);
  });
});

describe('Mutex', () => {
  it('runs one piece of work after the other, also after a failure', async () => {
    const mutex = new Mutex();
    const told: string[] = [];
    const work =
      (name: string, fails = false) =>
      async (): Promise<string> => {
        told.push(`${name} begins`);
        await settle(1);
        told.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      };
    const results = await Promise.allSettled([mutex.run(work('a', true)), mutex.run(work('b')), mutex.run(work('c'))]);
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});
