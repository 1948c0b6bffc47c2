import { describe, expect, it } from 'vitest';
import { readEnd } from '../../../src/host/child-end.ts';
import { BRAKE_WINDOW_MS, ForkBrake, MOST_CRASHES } from '../../../src/host/fork-brake.ts';
import type { Candidate } from '../../../src/host/placement.ts';
import { choosePlace } from '../../../src/host/placement.ts';
import { ABSURD_LAG_MS, BUSY_SHARE, SLOW_FOR_MS, SlowWatch } from '../../../src/host/slow-watch.ts';
import { Suspects } from '../../../src/host/suspects.ts';

const MINUTE_MS = 60_000;

describe('placing a session', () => {
  const wish = { channel: 'fake', sessionId: 'a', share: 10, isFresh: false };
  const candidate = (overrides: Partial<Candidate> = {}): Candidate => ({
    channel: 'fake',
    load: 3,
    share: 10,
    isClosed: false,
    knows: () => false,
    ...overrides,
  });

  it('takes the process with the fewest sessions', () => {
    const emptiest = candidate({ load: 1 });
    expect(choosePlace([candidate(), emptiest, candidate({ load: 2 })], wish)).toBe(emptiest);
  });

  it.each([
    ['of another channel', candidate({ channel: 'other' })],
    ['that is full', candidate({ load: 10 })],
    ['that takes no new sessions', candidate({ isClosed: true })],
    ['of sessions of another standing', candidate({ share: 5 })],
  ])('passes over a process %s', (_what, unfit) => {
    expect(choosePlace([unfit], wish)).toBeUndefined();
  });

  it('takes an empty process for a session of any standing', () => {
    const empty = candidate({ load: 0, share: null });
    expect(choosePlace([empty], { ...wish, share: 1 })).toBe(empty);
  });

  it('takes one that has run the session, unless it has to be fresh', () => {
    const known = candidate({ knows: (sessionId) => sessionId === 'a' });
    expect(choosePlace([known], wish)).toBe(known);
    expect(choosePlace([known], { ...wish, isFresh: true })).toBeUndefined();
    expect(choosePlace([known], { ...wish, sessionId: 'b', isFresh: true })).toBe(known);
  });
});

describe('suspects', () => {
  const house = Array.from({ length: 250 }, (_, index) => `s${index}`);

  it('share as usual after one crash, with few after two and with nobody after three', () => {
    const suspects = new Suspects({ full: 250 });
    const shares = [0, 1, 2].map((minute) => {
      suspects.crashed(['a'], 250, minute * MINUTE_MS);
      return suspects.share('a', minute * MINUTE_MS);
    });
    expect(shares).toEqual([250, 16, 1]);
    expect(suspects.share('b', 3 * MINUTE_MS)).toBe(250);
  });

  it('are forgotten when crashes lie further apart', () => {
    const suspects = new Suspects({ full: 250 });
    suspects.crashed(['a'], 250, 0);
    suspects.crashed(['a'], 250, 10 * MINUTE_MS);
    expect(suspects.share('a', 10 * MINUTE_MS)).toBe(250);
    suspects.crashed(['a'], 250, 11 * MINUTE_MS);
    expect(suspects.share('a', 11 * MINUTE_MS)).toBe(16);
    expect(suspects.share('a', 21 * MINUTE_MS)).toBe(250);
  });

  it('stay alone for a day when they crash their process alone', () => {
    const suspects = new Suspects({ full: 250 });
    suspects.crashed(['a'], 1, 0);
    expect(suspects.share('a', 23 * 60 * MINUTE_MS)).toBe(1);
    expect(suspects.share('a', 24 * 60 * MINUTE_MS)).toBe(250);
  });

  it('are told apart: one session among 250 that crashes every process takes the others down three times at most', () => {
    const suspects = new Suspects({ full: 250 });
    const crashes = new Map<string, number>();
    for (let minute = 0; minute < 9; minute += 1) {
      const now = minute * MINUTE_MS;
      const share = suspects.share('s7', now);
      const beside = house.filter((id) => id !== 's7' && suspects.share(id, now) === share).slice(0, share - 1);
      const lost = ['s7', ...beside];
      for (const id of lost) crashes.set(id, (crashes.get(id) ?? 0) + 1);
      suspects.crashed(lost, share, now);
    }
    expect(crashes.get('s7')).toBe(9);
    const innocent = [...crashes].filter(([id]) => id !== 's7').map(([, count]) => count);
    expect(innocent.filter((count) => count === 3)).toHaveLength(15);
    expect(Math.max(...innocent)).toBe(3);
  });
});

describe('the brake on starting processes', () => {
  it('holds after five crashes within a minute, for what crashed only, and lets go', () => {
    const brake = new ForkBrake();
    for (let crash = 0; crash < MOST_CRASHES; crash += 1) {
      expect(brake.isFree('fake', crash)).toBe(true);
      brake.crashed('fake', crash);
    }
    expect(brake.isFree('fake', MOST_CRASHES)).toBe(false);
    expect(brake.isFree('other', MOST_CRASHES)).toBe(true);
    expect(brake.isFree('fake', BRAKE_WINDOW_MS - 1)).toBe(false);
    expect(brake.isFree('fake', BRAKE_WINDOW_MS)).toBe(true);
  });
});

describe('a slow process', () => {
  it('is one whose loop is blocked for seconds at every pulse, for a minute', () => {
    const watch = new SlowWatch();
    expect(watch.isSlow({ loopLagMs: ABSURD_LAG_MS, cpuShare: 1 }, 0)).toBe(false);
    expect(watch.isSlow({ loopLagMs: ABSURD_LAG_MS, cpuShare: 1 }, SLOW_FOR_MS - 1)).toBe(false);
    expect(watch.isSlow({ loopLagMs: ABSURD_LAG_MS, cpuShare: 1 }, SLOW_FOR_MS)).toBe(true);
  });

  it('is not one that other programs keep from running', () => {
    const watch = new SlowWatch();
    const starved = { loopLagMs: 5 * ABSURD_LAG_MS, cpuShare: BUSY_SHARE - 0.01 };
    for (const now of [0, SLOW_FOR_MS, 2 * SLOW_FOR_MS]) expect(watch.isSlow(starved, now)).toBe(false);
  });

  it('is not one that recovers in between', () => {
    const watch = new SlowWatch();
    watch.isSlow({ loopLagMs: ABSURD_LAG_MS, cpuShare: 1 }, 0);
    watch.isSlow({ loopLagMs: ABSURD_LAG_MS - 1, cpuShare: 1 }, SLOW_FOR_MS / 2);
    expect(watch.isSlow({ loopLagMs: ABSURD_LAG_MS, cpuShare: 1 }, SLOW_FOR_MS)).toBe(false);
    expect(watch.isSlow({ loopLagMs: ABSURD_LAG_MS, cpuShare: 1 }, 2 * SLOW_FOR_MS - 1)).toBe(false);
  });
});

describe('how a process ended', () => {
  const heap = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';

  it.each([
    [null, 'SIGABRT', heap, 'out_of_memory', 'ran out of memory: its heap was full'],
    [134, null, heap, 'out_of_memory', 'ran out of memory: its heap was full'],
    [null, 'SIGABRT', 'assertion failed', 'crashed', 'was ended by SIGABRT'],
    [null, 'SIGKILL', '', 'killed', 'was ended by SIGKILL from outside'],
    [null, 'SIGSEGV', heap, 'crashed', 'was ended by SIGSEGV'],
    [70, null, '', 'crashed', 'met an error that nobody caught and ended with code 70'],
    [0, null, '', 'crashed', 'ended by itself with code 0'],
  ] as const)('is read from code %s and signal %s', (code, signal, lastWords, end, text) => {
    const found = readEnd(code, signal, lastWords);
    expect(found.end).toBe(end);
    expect(found.text.startsWith(text)).toBe(true);
  });
});
