import { beforeAll, describe, expect, it } from 'vitest';
import { defaultRules } from '../../src/engine/pacing/rules.ts';
import type { Intent } from '../../src/engine/pacing/types.ts';
import { ZoneTime } from '../../src/engine/pacing/zone-time.ts';
import { HotelFairness } from '../support/hotel-fairness.ts';
import { quantile } from '../support/hotel-figures.ts';
import type { Lived } from '../support/hotel-house.ts';
import { liveMonth } from '../support/hotel-house.ts';
import type { Flood } from '../support/hotel-kinds.ts';
import { template } from '../support/hotel-month.ts';
import { brokenClaims, isStruck } from '../support/hotel-verdict.ts';

/*
 * Three hotels for a week, as `bench/hotel-month.ts` does it with fifty for a month: floods thrown in, in front of networks that look
 * for machines.
 */
const DAYS = 7;
const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
const TIMEOUT_MS = 60_000; // of a machine that has other things to do
const houses = [
  { seed: 1, rooms: 30, age: 2, happens: ['all_at_23', 'import_1000'], from: 3 },
  { seed: 2, rooms: 90, age: 12, happens: ['same_text_200', 'batch_of_50'], from: 1 },
  { seed: 3, rooms: 40, age: 900, happens: ['queue_500'], from: 5 },
] as const satisfies readonly { seed: number; rooms: number; age: number; happens: readonly Flood[]; from: number }[];

function live({ seed, rooms, age, happens, from }: (typeof houses)[number], isPaced: boolean) {
  const floods = new Map<number, Flood>(happens.map((flood, index) => [from + 2 * index, flood]));
  const bornAt = Date.UTC(2027, 2, 8) - age * 24 * HOUR_MS;
  return liveMonth({ seed, days: DAYS, isPaced, changes: { rooms, bornAt, floods, isPersonal: seed !== 2 } });
}

describe.each(houses)('a week at a hotel of $rooms rooms, its number $age days old', (house) => {
  let paced: Lived;
  beforeAll(() => {
    paced = live(house, true);
  }, TIMEOUT_MS);

  it('costs no number when it is paced, by any model of any network', () => {
    const banned = paced.judgements.filter(({ bannedAt }) => bannedAt !== null);
    expect(banned).toEqual([]);
    expect(paced.judgements).toHaveLength(20);
    expect(paced.figures.replies.length).toBeGreaterThan(50);
  });

  it.each(['whatsapp', 'telegram'] as const)('costs it when it is not, as by %s', (network) => {
    const struck = live(house, false).judgements.filter((each) => each.network === network && isStruck(each));
    const variants = struck.map(({ variant }) => variant);
    expect(variants).toEqual(expect.arrayContaining(['speed', 'no_typing', 'fixed_gaps', 'combined']));
    expect(variants.length).toBeGreaterThanOrEqual(6);
  });

  it('lets no guest wait who asked: hardly longer than a person needs who has nothing else to do', () => {
    const { replies, longest } = paced.figures;
    const beyond = replies.map(({ waitedMs, leastMs }) => waitedMs - leastMs);
    expect(quantile(beyond, 0.5)).toBeLessThan(1_000);
    expect(quantile(beyond, 0.95)).toBeLessThan(60_000);
    expect(longest.get('reply')?.waitedMs ?? 0).toBeLessThan(HOUR_MS / 6);
  });

  it('leaves nothing behind: each message waits for stated limits and those before it, and comes to something', () => {
    expect(paced.figures.starved).toEqual([]);
    expect(paced.figures.idles.length).toBeGreaterThan(50);
    for (const [lane, { waitedMs, rule }] of paced.figures.longest)
      if (waitedMs > DAY_MS) expect(rule, lane).not.toBeNull();
  });

  it('keeps what is claimed of the month', () => {
    expect(brokenClaims([{ paced, unpaced: paced }], DAYS)).toEqual([]);
  });
});

describe('a desk that is not fair', () => {
  const rules = defaultRules('UTC');
  const zone = new ZoneTime('UTC');
  const noon = Date.UTC(2027, 2, 10, 12);
  const known = { lastInboundAt: 0, isKnown: true, unreadWords: 0, unanswered: 0, isOpened: true };
  const intent = (messageId: string, queuedAt: number): Intent => ({
    ...template(messageId, `guest of ${messageId}`, messageId, queuedAt),
    retryAt: null,
    review: 'none',
  });
  const leave = (at: number, waiting: readonly Intent[], queuedAt: number): readonly string[] => {
    const fairness = new HotelFairness({ rules, zone, bornAt: 0 });
    const turn = { lane: 'service', readAt: null, typingFrom: at, sendAt: at + 5_000 } as const;
    fairness.leaves({ intent: intent('new', queuedAt), turn, waiting: () => waiting, factsOf: () => known });
    return fairness.faults;
  };

  it('is seen when it passes who was overdue before', () => {
    expect(leave(noon, [intent('old', noon - HOUR_MS)], noon - HOUR_MS / 4)).toEqual([
      expect.stringContaining('old is passed by service new'),
    ]);
    expect(leave(noon, [intent('late', noon - HOUR_MS / 8)], noon - HOUR_MS / 4)).toEqual([]);
  });

  it('is seen when it sits idle', () => {
    expect(leave(noon, [], noon - 2 * HOUR_MS)).toEqual([expect.stringContaining('could have gone 120 min before')]);
    expect(leave(noon, [], noon - HOUR_MS / 2)).toEqual([]);
    // Nothing goes at night.
    expect(leave(noon - 4 * HOUR_MS + HOUR_MS / 4, [], noon - 14 * HOUR_MS)).toEqual([]);
  });
});

it('a hotel lives the same week for the same seed', () => {
  const [house] = houses;
  const once = live(house, false);
  const again = live(house, false);
  expect(again.figures).toEqual(once.figures);
  expect(again.judgements).toEqual(once.judgements);
});
