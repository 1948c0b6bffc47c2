import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PropertyHours } from '../../../../src/engine/pacing/property-hours.ts';
import { ZoneTime } from '../../../../src/engine/pacing/zone-time.ts';
import { wallMinutes } from '../../../support/pacing-checks.ts';
import {
  berlin,
  DAY,
  HOUR,
  MINUTE,
  MORNING,
  manyIntents,
  plainRules,
  plan,
  turnsOf,
} from '../../../support/pacing-town.ts';

const zones = [
  'Europe/Berlin',
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
  'Africa/Casablanca',
  'UTC',
];
const isoOf = (at: number): string => new Date(at).toISOString();

describe('quiet hours', () => {
  it('end at eight by the clock on the wall, also on the days on which it is changed', () => {
    const hours = new PropertyHours(berlin, 1);
    const mornings = ['2026-03-28T20:30Z', '2026-03-29T20:30Z', '2026-10-24T20:30Z', '2026-10-25T20:30Z'].map(
      (evening) => isoOf(hours.openStretch(Date.parse(evening)).from),
    );
    expect(mornings).toEqual([
      '2026-03-29T06:00:00.000Z', // put forward in the night
      '2026-03-30T06:00:00.000Z',
      '2026-10-25T07:00:00.000Z', // put back in the night
      '2026-10-26T07:00:00.000Z',
    ]);
  });

  it('last longest where their ends fall into an hour that is missing or comes twice', () => {
    const rules = { ...berlin, quietHours: { from: 22 * 60, to: 2 * 60 + 30 } };
    const from = (evening: string): string => isoOf(new PropertyHours(rules, 1).openStretch(Date.parse(evening)).from);
    expect(from('2026-03-28T22:00Z')).toBe('2026-03-29T01:30:00.000Z'); // 02:30 is missing: 03:30
    expect(from('2026-10-24T22:00Z')).toBe('2026-10-25T01:30:00.000Z'); // the second 02:30
  });

  it('are left by everybody a few minutes late, other ones each day', () => {
    const hours = new PropertyHours(berlin, 1);
    const late = Array.from({ length: 20 }, (_, day) => {
      const { from, begins } = hours.openStretch(MORNING + day * DAY);
      return begins - from;
    });
    expect(Math.min(...late)).toBeGreaterThan(30_000);
    expect(Math.max(...late)).toBeLessThan(15 * MINUTE);
    expect(new Set(late).size).toBe(20);
  });

  it('agree with Intl at any time in any zone', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2011, 0), max: Date.UTC(2035, 0) }),
        fc.constantFrom([21 * 60, 8 * 60], [0, 7 * 60], [60, 90]),
        (timeZone, at, [from, to]) => {
          const hours = new PropertyHours({ ...berlin, timeZone, quietHours: { from: from, to: to } }, 1);
          const minutes = wallMinutes(timeZone, at);
          const isQuiet = from < to ? minutes >= from && minutes < to : minutes >= from || minutes < to;
          // On the day of a change the safe side counts: quiet may last longer, never shorter.
          if (isQuiet) expect(hours.isQuiet(at)).toBe(true);
          const isChanging = new ZoneTime(timeZone).offsetAt(at - DAY) !== new ZoneTime(timeZone).offsetAt(at + DAY);
          if (!isQuiet && !isChanging) expect(hours.isQuiet(at)).toBe(false);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('the clock of a zone', () => {
  it('is the one of Intl', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2011, 0), max: Date.UTC(2035, 0) }),
        (timeZone, at) => {
          const wall = new ZoneTime(timeZone).wallAt(at);
          expect(Math.floor((((wall % DAY) + DAY) % DAY) / MINUTE)).toBe(wallMinutes(timeZone, at));
        },
      ),
      { numRuns: 400 },
    );
  });

  it('refuses a zone that there is not', () => {
    expect(() => new ZoneTime('Europe/Atlantis')).toThrow(RangeError);
  });
});

describe('the hours of the day', () => {
  it('have more messages where the desk is busier', () => {
    const weights = Array.from({ length: 24 }, (_, hour) => (hour % 2 === 0 ? 1 : 0.25));
    const rules = { ...plainRules({ ownPerDay: 1e9, accountPerDay: 1e9 }), hourWeights: weights };
    const turns = turnsOf(plan(manyIntents(1_500), { rules }));
    const perHour = Array.from({ length: 24 }, () => 0);
    for (const { sendAt } of turns) perHour[Math.floor(wallMinutes('Europe/Berlin', sendAt) / 60)]! += 1;
    const sum = (parity: number): number =>
      perHour.reduce((total, count, hour) => total + (hour % 2 === parity ? count : 0), 0);
    expect(sum(0)).toBeGreaterThan(1.3 * sum(1));
    expect(turns.at(-1)!.sendAt - MORNING).toBeGreaterThan(48 * HOUR);
  });

  it('see a long queue flow, not come in bursts: hardly ever a pause of more than a quarter of an hour', () => {
    const turns = turnsOf(plan(manyIntents(400), { rules: plainRules({ ownPerDay: 1e9, accountPerDay: 1e9 }) }));
    const pauses = turns.slice(1).map(({ sendAt }, index) => sendAt - turns[index]!.sendAt);
    expect(pauses.filter((ms) => ms > 15 * MINUTE).length).toBeLessThan(0.02 * turns.length);
    expect(turns.length / ((turns.at(-1)!.sendAt - MORNING) / HOUR)).toBeGreaterThan(14);
  });
});
