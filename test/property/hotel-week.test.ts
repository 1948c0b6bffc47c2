import { beforeAll, describe, expect, it } from 'vitest';
import { quantile } from '../support/hotel-figures.ts';
import type { Lived } from '../support/hotel-house.ts';
import { liveMonth } from '../support/hotel-house.ts';
import type { Flood } from '../support/hotel-kinds.ts';

/*
 * Three hotels for a week, as `bench/hotel-month.ts` does it with fifty for a month: floods thrown in, in front of networks that look
 * for machines.
 */
const DAYS = 7;
const HOUR_MS = 60 * 60_000;
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

  it('costs no number when it is paced, by any model', () => {
    const banned = paced.judgements.filter(({ bannedAt }) => bannedAt !== null);
    expect(banned).toEqual([]);
    expect(paced.figures.replies.length).toBeGreaterThan(50);
  });

  it('costs it when it is not', () => {
    const banned = live(house, false).judgements.filter(({ bannedAt }) => bannedAt !== null);
    const variants = banned.map(({ variant }) => variant);
    expect(variants).toEqual(expect.arrayContaining(['speed', 'no_typing', 'fixed_gaps', 'combined']));
    expect(variants.length).toBeGreaterThanOrEqual(6);
  });

  it('lets no guest wait who asked: hardly longer than a person needs who has nothing else to do', () => {
    const { replies } = paced.figures;
    const beyond = replies.map(({ waitedMs, leastMs }) => waitedMs - (leastMs ?? 0));
    expect(quantile(beyond, 0.5)).toBeLessThan(1_000);
    expect(quantile(beyond, 0.95)).toBeLessThan(60_000);
    expect(paced.figures.oldest.get('reply') ?? 0).toBeLessThan(HOUR_MS / 6);
  });
});

it('a hotel lives the same week for the same seed', () => {
  const [house] = houses;
  const once = live(house, false);
  const again = live(house, false);
  expect(again.figures).toEqual(once.figures);
  expect(again.judgements).toEqual(once.judgements);
});
