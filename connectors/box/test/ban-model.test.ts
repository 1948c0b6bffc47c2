import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { DAY_MS, HOUR_MS } from '../ban-model/account-book.ts';
import { drawParameters, parameters } from '../ban-model/parameters.ts';
import type { Penalty } from '../ban-model/types.ts';
import { banVariants } from '../ban-model/types.ts';
import type { Told } from './ban-model-support.ts';
import { every, live, MINUTE_MS, NOON, SECOND_MS, struck, uneven } from './ban-model-support.ts';

describe('a network that looks for machines', () => {
  it.each<[string, Parameters<typeof live>[0], Partial<Penalty> | null]>([
    [
      'bans for weeks who sends five in a second',
      { variant: 'speed', count: 6, send: every(150) },
      { kind: 'temporary_ban', code: 106 },
    ],
    [
      'bans a number of hours for good that does',
      { variant: 'speed', count: 6, ageDays: 0, send: every(150) },
      { kind: 'permanent_ban' },
    ],
    ['has nothing against one in ten seconds', { variant: 'speed', count: 60, send: every(10 * SECOND_MS) }, null],
    [
      'bans who writes to twenty strangers at 30 s each',
      { variant: 'strangers', count: 20, isStranger: true, send: every(30 * SECOND_MS) },
      { kind: 'temporary_ban', code: 101 },
    ],
    [
      'takes forty strangers a day of an old number',
      { variant: 'strangers', count: 40, isStranger: true, send: every(15 * MINUTE_MS) },
      null,
    ],
    [
      'bans a young number for them',
      { variant: 'strangers', count: 40, ageDays: 2, isStranger: true, send: every(15 * MINUTE_MS) },
      { kind: 'temporary_ban', code: 101 },
    ],
    [
      'bans who says the same to thirty in an hour',
      { variant: 'same_text', count: 30, send: (index) => ({ ...every(MINUTE_MS)(index), textKey: 'same' }) },
      { kind: 'temporary_ban', code: 104 },
    ],
    [
      'takes ten of the same in an hour',
      { variant: 'same_text', count: 10, send: (index) => ({ ...every(MINUTE_MS)(index), textKey: 'same' }) },
      null,
    ],
    [
      'does not take twenty of the same to strangers, however slowly',
      {
        variant: 'same_text',
        count: 20,
        isStranger: true,
        send: (index) => ({ ...every(HOUR_MS)(index), textKey: 'same' }),
      },
      { kind: 'temporary_ban', code: 104 },
    ],
    [
      'bans who writes nine times to one who does not answer',
      { variant: 'unanswered', count: 9, send: (index) => ({ ...every(HOUR_MS)(index), to: 'one' }) },
      { kind: 'temporary_ban', code: 101 },
    ],
    [
      'takes it when that guest answers',
      {
        variant: 'unanswered',
        count: 20,
        send: (index) => ({ ...every(HOUR_MS)(index), to: 'one' }),
        after: (book, _index, at) => book.wrote('one', at + 1),
      },
      null,
    ],
    [
      'closes new chats to who is hardly ever answered',
      { variant: 'unanswered', count: 140, isStranger: true, send: every(HOUR_MS) },
      { kind: 'no_new_chats' },
    ],
    [
      'leaves them open where every third answers',
      {
        variant: 'unanswered',
        count: 140,
        isStranger: true,
        send: every(HOUR_MS),
        after: (book, index, at) => {
          if (index % 3 === 0) book.wrote(`guest ${index}`, at + 1);
        },
      },
      null,
    ],
    [
      'bans who is blocked by six in a day',
      { variant: 'blocked', count: 7, send: every(HOUR_MS), after: (book, _index, at) => book.blocked(at) },
      { kind: 'temporary_ban', code: 102 },
    ],
    [
      'bans who is blocked by one or two each day of a week',
      {
        variant: 'blocked',
        count: 7 * 24,
        send: every(HOUR_MS),
        after: (book, index, at) => {
          if (index % 12 === 0) book.blocked(at);
        },
      },
      { kind: 'temporary_ban', code: 102 },
    ],
    [
      'takes it when they are a hundredth of all whom it wrote to',
      {
        variant: 'blocked',
        count: 600,
        send: every(10 * MINUTE_MS),
        after: (book, index, at) => {
          if (index >= 500 && index % 16 === 0) book.blocked(at);
        },
      },
      null,
    ],
    [
      'bans who never types',
      { variant: 'no_typing', count: 40, send: (index) => ({ ...every(MINUTE_MS)(index), typedMs: 0 }) },
      { kind: 'temporary_ban' },
    ],
    [
      'bans who answers what nobody has read',
      { variant: 'no_typing', count: 40, send: (index) => ({ ...every(MINUTE_MS)(index), hasRead: false }) },
      { kind: 'temporary_ban' },
    ],
    ['has nothing against who types', { variant: 'no_typing', count: 80, send: every(MINUTE_MS) }, null],
    ['bans a metronome', { variant: 'fixed_gaps', count: 41, send: every(100 * SECOND_MS) }, { kind: 'temporary_ban' }],
    ['has nothing against a person', { variant: 'fixed_gaps', count: 300, send: uneven(100 * SECOND_MS) }, null],
    [
      'bans who writes at night unasked',
      { variant: 'night', count: 22, send: (index) => ({ at: NOON + 13 * HOUR_MS + index * MINUTE_MS }) },
      { kind: 'temporary_ban' },
    ],
    [
      'takes answers at night',
      {
        variant: 'night',
        count: 60,
        send: (index) => ({ at: NOON + 13 * HOUR_MS + index * MINUTE_MS }),
        before: (book, index, at) => book.wrote(`guest ${index}`, at - MINUTE_MS),
      },
      null,
    ],
    [
      'bans a young number that sends as much as an old one',
      { variant: 'warm_up', count: 31, ageDays: 2, send: every(10 * MINUTE_MS) },
      { kind: 'temporary_ban' },
    ],
    ['takes that of an old one', { variant: 'warm_up', count: 120, send: every(10 * MINUTE_MS) }, null],
    [
      'does not take a sudden flood of an old one',
      { variant: 'warm_up', count: 501, send: every(2 * MINUTE_MS) },
      { kind: 'temporary_ban' },
    ],
    [
      'adds up what alone is nothing much',
      {
        variant: 'combined',
        count: 70,
        isStranger: true,
        send: (index) => ({ ...every(100 * SECOND_MS)(index), typedMs: 0, textKey: 'same' }),
      },
      { kind: 'temporary_ban' },
    ],
  ])('%s', (_name, wanted, expected) => {
    const told = struck(live(wanted));
    if (expected === null) expect(told).toBeUndefined();
    else expect(told?.penalty).toMatchObject(expected);
  });

  it('never takes a person for a machine by the gaps', () => {
    for (let seed = 0; seed < 20; seed += 1) {
      const told = live({ variant: 'fixed_gaps', seed, count: 2_000, send: uneven(100 * SECOND_MS, seed) });
      expect(struck(told), `seed ${seed}`).toBeUndefined();
    }
  });

  it('gives 45 days for a burst, else one day, two days, and life', () => {
    const burst = struck(live({ variant: 'speed', count: 6, send: every(150) }));
    expect(burst?.penalty).toMatchObject({ kind: 'temporary_ban' });
    const untilOf = ({ penalty }: Told): number => ('until' in penalty ? penalty.until : 0);
    if (burst !== undefined) expect(Math.round((untilOf(burst) - NOON) / DAY_MS)).toBe(45);
    const again = live({
      variant: 'night',
      count: 400,
      send: (index) => ({ at: NOON + 13 * HOUR_MS + Math.floor(index / 50) * 3 * DAY_MS + (index % 50) * MINUTE_MS }),
    }).filter(({ penalty }) => penalty.kind !== 'warning');
    const terms = [...new Map(again.map(({ penalty }) => [penalty, penalty.kind])).values()];
    expect(terms).toEqual(['temporary_ban', 'temporary_ban', 'permanent_ban']);
  });

  it('as Telegram says to wait, closes new chats, and bans for ever who goes on', () => {
    const kinds = (variant: 'speed' | 'strangers', count: number, gapMs: number) => {
      const isStranger = variant === 'strangers';
      const told = live({ variant, count, network: 'telegram', isStranger, send: every(gapMs) });
      return [...new Set(told.filter(({ penalty }) => penalty.kind !== 'warning').map(({ penalty }) => penalty.kind))];
    };
    expect(kinds('speed', 20, 100)).toEqual(['wait']);
    expect(kinds('speed', 12_000, 200)).toEqual(['wait', 'permanent_ban']);
    expect(kinds('strangers', 21, 20 * SECOND_MS)[0]).toBe('no_new_chats');
    expect(kinds('strangers', 60, 20 * SECOND_MS)).toEqual(['no_new_chats', 'permanent_ban']);
  });

  it('closes new chats for silence once, and again only for new silence', () => {
    const closedAt = (told: readonly Told[]) => told.filter(({ penalty }) => penalty.kind === 'no_new_chats');
    const common = { variant: 'unanswered', network: 'telegram', isStranger: true, seed: 22 } as const;
    const [first] = closedAt(live({ ...common, count: 140, send: every(HOUR_MS) }));
    if (first?.penalty.kind !== 'no_new_chats') throw new Error('it was not closed');
    const { index: last, penalty } = first;
    // From the end of the closing on at such a pace, to people who do not answer either.
    const later = (gapMs: number) => (index: number) => ({
      at: index <= last ? NOON + index * HOUR_MS : penalty.until + (index - last) * gapMs,
    });
    const goesOn = (count: number, gapMs: number) =>
      closedAt(live({ ...common, count: last + 1 + count, send: later(gapMs) })).length;
    expect(penalty.until - NOON - last * HOUR_MS).toBeLessThan(2 * DAY_MS);
    expect(goesOn(6, DAY_MS)).toBe(1);
    expect(goesOn(140, HOUR_MS)).toBeGreaterThan(1);
  });

  it('warns before it strikes, at most once a day', () => {
    const told = live({
      variant: 'night',
      count: 30,
      send: (index) => ({ at: NOON + 13 * HOUR_MS + index * MINUTE_MS }),
    });
    expect(told[0]?.penalty).toMatchObject({ kind: 'warning', level: 'first' });
    expect(told.filter(({ penalty }) => penalty.kind === 'warning')).toHaveLength(1);
  });

  it('judges alike for the same seed, and not by one number for all', () => {
    const at = (seed: number) =>
      struck(
        live({
          variant: 'same_text',
          seed,
          count: 40,
          send: (index) => ({ ...every(MINUTE_MS)(index), textKey: 'same' }),
        }),
      )?.index;
    const struckAt = Array.from({ length: 30 }, (_, seed) => at(seed));
    expect(struckAt).toEqual(Array.from({ length: 30 }, (_, seed) => at(seed)));
    expect(new Set(struckAt).size).toBeGreaterThan(5);
    expect(Math.min(...struckAt.map((index) => index ?? 0))).toBeGreaterThanOrEqual(10);
  });

  it('draws each number within its range, and tells who says so', () => {
    for (const { least, most, unit, source } of Object.values(parameters)) {
      expect(least).toBeLessThanOrEqual(most);
      expect(Math.min(unit.length, source.length)).toBeGreaterThan(1);
    }
    const drawn = Array.from({ length: 200 }, (_, seed) => drawParameters(seededRandom(seed))('perMinute'));
    expect(Math.min(...drawn)).toBe(parameters.perMinute.least);
    expect(Math.max(...drawn)).toBe(parameters.perMinute.most);
    expect(banVariants).toHaveLength(10);
  });
});
