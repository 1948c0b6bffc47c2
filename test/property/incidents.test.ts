import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS, reason, SECOND_MS, Town } from '../unit/engine/incidents/observations.ts';

/** Rougher than in life, so that more histories fit into a second. */
const LOOK_EVERY_MS = 20 * SECOND_MS;
const IDS = ['a', 'b', 'c', 'd', 'e'];

const step = fc.oneof(
  fc.record({
    do: fc.constant('set' as const),
    who: fc.subarray(IDS, { minLength: 1 }),
    to: fc.constantFrom(
      ['connected', null] as const,
      ['connecting', null] as const,
      ['backing_off', reason('none')] as const,
      ['backing_off', reason('upgrade')] as const,
      ['logged_out', reason('relink')] as const,
      ['stopped', reason('start')] as const,
      ['stopped', reason('start', 'stopped_by_operator')] as const,
      ['linking', null] as const,
      ['unlinked', reason('link')] as const,
    ),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: SECOND_MS, max: 20 * MINUTE_MS }) }),
  fc.record({ do: fc.constant('restart' as const) }),
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(steps: readonly Step[]): Town {
  const town = new Town(...IDS);
  for (const one of steps) {
    if (one.do === 'set') for (const id of one.who) town.set(id, one.to[0], one.to[1]);
    if (one.do === 'pass') town.pass(one.ms, LOOK_EVERY_MS);
    if (one.do === 'restart') town.restart();
    checkOpen(town);
  }
  return town;
}

/** No trouble is told by two open alerts, under no key there are two. */
function checkOpen(town: Town): void {
  const members = town.open.flatMap((stored) => stored.members);
  expect(new Set(members).size).toBe(members.length);
  const keys = town.open.map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
}

describe('whatever happens to sessions', () => {
  it('each alert opens once and closes at most once, and no session is in two', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const town = play(steps);
        const ofAlert = new Map<string, string[]>();
        for (const { id, notice } of town.notices) ofAlert.set(id, [...(ofAlert.get(id) ?? []), notice]);
        for (const notices of ofAlert.values()) {
          expect(notices[0]).toBe('opened');
          expect(notices.slice(1)).not.toContain('opened');
          const close = notices.indexOf('closed');
          if (close !== -1) expect(close).toBe(notices.length - 1);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('all is closed once all has been well for an hour, and told as long as it was not', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const town = play(steps);
        for (const id of IDS) town.set(id, 'connected');
        town.pass(HOUR_MS + 2 * MINUTE_MS, LOOK_EVERY_MS);
        expect(town.open).toEqual([]);
        for (const id of IDS) town.set(id, 'logged_out', reason('relink'));
        town.pass(MINUTE_MS);
        expect(town.open.flatMap(({ members }) => members)).toHaveLength(IDS.length);
      }),
      { numRuns: 60 },
    );
  });
});
