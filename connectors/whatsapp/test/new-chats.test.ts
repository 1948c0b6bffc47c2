import { describe, expect, it } from 'vitest';
import { SendError } from '../../../src/connector-api/index.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { withEndOfLimit } from '../new-chats.ts';

type Asked = Parameters<typeof withEndOfLimit>[1]['sock'];
const DAY_MS = 24 * 60 * 60_000;
const refusal = new SendError('rate_limited', {
  certainty: 'not_sent',
  retryable: true,
  scope: 'new_chats',
  nativeCode: '463',
});
const clock = new VirtualClock();
const heard: unknown[] = [];
const free = { isActive: false };
const asked = (
  lock: Awaited<ReturnType<Asked['fetchAccountReachoutTimelock']>>,
  cap: Asked['fetchNewChatMessageCap'],
): Asked => ({ fetchAccountReachoutTimelock: async () => lock, fetchNewChatMessageCap: cap });
const endOf = async (sock: Asked) =>
  (await withEndOfLimit(refusal, { sock, clock, notices: { quotaTold: (told) => heard.push(told) } })).retryAfterMs;
const secondsAt = (ms: number): string => String((clock.now() + ms) / 1_000);

describe('the end of "no new chats"', () => {
  it('is that of the time-lock', async () => {
    const lock = { isActive: true, timeEnforcementEnds: new Date(clock.now() + DAY_MS) };
    expect(await endOf(asked(lock, () => Promise.reject(new Error('not asked'))))).toBe(DAY_MS);
  });

  it('is that of the month whose quota is used up', async () => {
    const cap = { capping_status: 'CAPPED', cycle_end_timestamp: secondsAt(9 * DAY_MS) };
    expect(await endOf(asked(free, async () => cap))).toBe(9 * DAY_MS);
    expect(heard).toEqual([cap]);
    expect(await endOf(asked(free, async () => ({ ...cap, capping_status: 'SECOND_WARNING' })))).toBeUndefined();
  });

  it('is open where the network tells none, nonsense, or nothing at all', async () => {
    for (const cycle_end_timestamp of [undefined, 'soon', secondsAt(-DAY_MS), secondsAt(90 * DAY_MS)])
      expect(await endOf(asked(free, async () => ({ capping_status: 'CAPPED', cycle_end_timestamp })))).toBeUndefined();
    expect(await endOf(asked(free, () => Promise.reject(new Error('refused'))))).toBeUndefined();
    const silent = endOf(asked(free, () => new Promise(() => undefined)));
    await clock.advance(10_000);
    expect(await silent).toBeUndefined();
  });
});
