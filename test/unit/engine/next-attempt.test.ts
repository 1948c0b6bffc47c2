import { describe, expect, it } from 'vitest';
import type { StateReason } from '../../../src/engine/model/session.ts';
import { NextAttempt, restOfRestriction } from '../../../src/engine/next-attempt.ts';
import { VirtualClock } from '../../support/virtual-clock.ts';

const DAY_MS = 86_400_000;
const LONGEST_TIMER_MS = 2_147_483_647;

/** As timers of the system are: none can be set for longer than 24.8 days. */
class ClampingClock extends VirtualClock {
  override after(delayMs: number, work: () => void): ReturnType<VirtualClock['after']> {
    return super.after(Math.min(delayMs, LONGEST_TIMER_MS), work);
  }
}

/** The attempts that were made, and who waits for news of the versions. */
function setUp() {
  const clock = new ClampingClock();
  const made: number[] = [];
  const news: (() => void)[] = [];
  const next = new NextAttempt({
    clock,
    versions: { wait: (wake) => void news.push(wake) },
    run: async () => void made.push(clock.monotonic()),
  });
  return { clock, made, news, next };
}

describe('the next attempt', () => {
  it('is not made before its time, however far away', async () => {
    const { clock, made, next } = setUp();
    next.plan(28 * DAY_MS, false);
    await clock.advance(40 * DAY_MS);
    expect(made).toEqual([28 * DAY_MS]);
  });

  it('is called off at any time', async () => {
    const { clock, made, next } = setUp();
    next.plan(28 * DAY_MS, false);
    await clock.advance(26 * DAY_MS);
    next.cancel();
    await clock.advance(9 * DAY_MS);
    expect(made).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('is made once, and sooner when there is news of the versions', async () => {
    const { clock, made, news, next } = setUp();
    next.plan(DAY_MS, true);
    await clock.advance(1_000);
    for (const wake of news) wake();
    await clock.advance(2 * DAY_MS);
    expect(made).toEqual([1_000]);
  });
});

describe('a restriction, when the daemon starts anew', () => {
  const now = Date.UTC(2026, 2, 4, 15);
  const reason: StateReason = {
    code: 'fake_restricted',
    kind: 'restricted',
    nativeCode: null,
    text: '',
    action: 'wait',
    remedy: '',
    retryAt: '2026-03-04T16:00:00.000Z',
  };
  it.each([
    ['is waited out', { state: 'backing_off', reason }, 3_600_000],
    ['is over', { state: 'backing_off', reason: { ...reason, retryAt: '2026-03-04T14:00:00.000Z' } }, 0],
    ['was none', { state: 'backing_off', reason: { ...reason, kind: 'network' } }, 0],
    ['ended with a connection', { state: 'connected', reason: null }, 0],
  ] as const)('%s', (_what, session, restMs) => {
    expect(restOfRestriction(session, now)).toBe(restMs);
  });
});
