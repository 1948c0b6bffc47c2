import { describe, expect, it } from 'vitest';
import { quotaOpensAt } from '../../../../src/engine/pacing/new-chat-quota.ts';
import { SendTimes } from '../../../../src/engine/pacing/send-times.ts';
import type { NewChatQuota } from '../../../../src/engine/pacing/types.ts';
import {
  calm,
  DAY,
  entryOf,
  HOUR,
  intentOf,
  known,
  MINUTE,
  MORNING,
  manyIntents,
  plainRules,
  plan,
  stranger,
  turnsOf,
} from '../../../support/pacing-town.ts';

const rules = plainRules();
/** WhatsApp warned just now: twenty are left for ten days. */
const quota: NewChatQuota = { left: 20, at: MORNING, until: MORNING + 10 * DAY };
const opened = (...at: readonly number[]): SendTimes => {
  const times = new SendTimes();
  for (const each of at) times.push(each);
  return times;
};

describe('what a warning of the network leaves', () => {
  const opensAt = (times: SendTimes, changes: Partial<NewChatQuota> = {}, limits = rules.limits) =>
    quotaOpensAt(times, { ...quota, ...changes }, limits);

  it('is half, spread evenly from one new guest to the next', () => {
    expect(opensAt(opened())).toBe(-Infinity);
    expect(opensAt(opened(MORNING - HOUR))).toBe(MORNING - HOUR + DAY);
    expect(opensAt(opened(MORNING + DAY))).toBe(MORNING + 2 * DAY);
  });

  it('is nothing before the network counts anew once the half is used', () => {
    const used = opened(...Array.from({ length: 10 }, (_, index) => MORNING + 1 + index));
    expect(opensAt(used)).toBe(quota.until);
    expect(opensAt(opened(), { left: 1 })).toBe(quota.until);
    expect(opensAt(opened(MORNING + 9.9 * DAY))).toBe(quota.until);
  });

  it('can be made less, to nothing', () => {
    const limits = { ...rules.limits, newChatsReservePercent: 75 };
    expect(opensAt(opened(MORNING), {}, limits)).toBe(MORNING + 2 * DAY);
    expect(opensAt(opened(), {}, { ...rules.limits, newChatsReservePercent: 100 })).toBe(quota.until);
  });

  it('is half of the day where the network gives no number', () => {
    expect(opensAt(opened(MORNING), { left: null })).toBe(MORNING + DAY / 20);
  });
});

describe('a queue after a warning', () => {
  const standing = { ...calm, quota };
  const strangers = manyIntents(4);
  const chats = new Map(strangers.map(({ conversationId }) => [conversationId, stranger]));

  it('goes to new guests at long distances, and says why', () => {
    const turns = turnsOf(plan(strangers, { rules, standing, history: { chats } }));
    expect(turns).toHaveLength(4);
    for (const [index, { sendAt, heldBy }] of turns.entries()) {
      const before = turns[index - 1]?.sendAt;
      if (before === undefined) continue;
      expect(sendAt - before).toBeGreaterThanOrEqual(DAY);
      expect(heldBy?.rule).toBe('new_chats_quota');
      expect(heldBy?.detail).toContain('warned');
    }
  });

  it('goes to guests who know the number as ever', () => {
    const friend = intentOf({ messageId: 'friend', conversationId: 'friend' });
    const sends = [entryOf({ at: MORNING - MINUTE, opensChat: true })];
    const history = { sends, chats: new Map([...chats, ['friend', known]]) };
    const [first] = turnsOf(plan([...strangers, friend], { rules, standing, history }));
    expect(first).toMatchObject({ messageId: 'friend' });
    expect((first?.sendAt ?? 0) - MORNING).toBeLessThan(HOUR);
  });

  it('is free again when the network counts anew', () => {
    const over = { ...calm, quota: { ...quota, left: 0, until: MORNING + HOUR } };
    const [first, second] = turnsOf(plan(strangers, { rules, standing: over, history: { chats } }));
    expect(first?.sendAt).toBeGreaterThan(MORNING + HOUR);
    expect((second?.sendAt ?? 0) - (first?.sendAt ?? 0)).toBeLessThan(HOUR);
  });
});
