import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DisconnectCause } from '../../src/connector-api/index.ts';
import { seededRandom } from '../../src/core/random.ts';
import type { Attempt } from '../support/version-town.ts';
import { VersionTown } from '../support/version-town.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const versionsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `v${count - index}`);
const sessionsOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `s${index}`);

/** Everybody is connected with the newest. */
function calmTown(seed: number, versions: readonly string[], sessions: readonly string[]): VersionTown {
  const town = new VersionTown({ versions, random: seededRandom(seed) });
  for (const session of sessions) town.start(session);
  town.clock.advance(MINUTE_MS);
  expect(town.up.size).toBe(sessions.length);
  town.attempts.length = 0;
  return town;
}

/** Nobody but one session tries versions that are not known to be accepted. */
function expectOneProbe(attempts: readonly Attempt[]): void {
  const probes = attempts.filter(({ role }) => role !== 'follower').toSorted((one, other) => one.at - other.at);
  for (const [index, probe] of probes.entries()) {
    const next = probes[index + 1];
    if (next !== undefined && next.session !== probe.session) expect(next.at).toBeGreaterThanOrEqual(probe.at + 400);
  }
}

const day = fc.record({
  accepts: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
  refusesWith: fc.constantFrom('client_outdated' as const, 'protocol_changed' as const),
  isDown: fc.boolean(),
  cuts: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  lastsMs: fc.integer({ min: 100, max: 3 * HOUR_MS }),
});

describe('the version ladder on networks that change', () => {
  it('ends on an accepted version wherever there is one, and never has two sessions trying', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(day, { minLength: 1, maxLength: 6 }),
        fc.integer(),
        (versionCount, sessionCount, days, seed) => {
          const versions = versionsOf(versionCount);
          const sessions = sessionsOf(sessionCount);
          const town = calmTown(seed, versions, sessions);
          for (const { accepts, refusesWith, isDown, cuts, lastsMs } of days) {
            town.accepts = new Set(versions.filter((_, index) => accepts[index]));
            town.refusesWith = refusesWith;
            town.isDown = isDown;
            for (const [index, session] of sessions.entries()) if (cuts[index] === true) town.cut(session);
            town.clock.advance(lastsMs);
          }
          expectOneProbe(town.attempts);
          town.isDown = false;
          for (const session of sessions) town.cut(session);
          // The longest rest between two rounds, and the steps of a round.
          town.clock.advance(35 * MINUTE_MS);
          const isReachable = town.accepts.size > 0;
          expect(town.up.size).toBe(isReachable ? sessions.length : 0);
          for (const version of town.up.values()) expect(town.accepts).toContain(version);
        },
      ),
      { numRuns: 2_000, seed: 1 },
    );
  }, 60_000);

  it('finds it in k + 1 attempts when the newest k are refused, and each follower needs one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 10 }),
        fc.integer({ min: 0, max: 9 }),
        fc.constantFrom('client_outdated' as const, 'protocol_changed' as const),
        fc.integer(),
        (versionCount, refusedCount, refusesWith, seed) => {
          const refused = Math.min(refusedCount, versionCount - 1);
          const versions = versionsOf(versionCount);
          const sessions = sessionsOf(12);
          const town = calmTown(seed, versions, sessions);
          town.accepts = new Set(versions.slice(refused));
          town.refusesWith = refusesWith;
          const [first = '', ...others] = sessions;
          // An error of the protocol is the session's own trouble while others are well with the same version.
          if (refusesWith === 'protocol_changed') for (const session of others) town.stop(session);
          town.cut(first);
          town.clock.advance(2 * MINUTE_MS);
          for (const session of others) {
            town.cut(session);
            town.start(session);
          }
          town.clock.advance(MINUTE_MS);
          expect(new Set(town.up.values())).toEqual(new Set([versions[refused]]));
          expect(town.up.size).toBe(sessions.length);
          const attemptsOf = (session: string): number =>
            town.attempts.filter((each) => each.session === session).length;
          expect(attemptsOf(first)).toBe(refused + 1);
          for (const session of others) expect(attemptsOf(session)).toBe(1);
        },
      ),
      { numRuns: 500, seed: 2 },
    );
  });

  it('all sessions cut at once: those that wait need one attempt after the search', () => {
    const versions = versionsOf(5);
    const sessions = sessionsOf(30);
    const town = calmTown(5, versions, sessions);
    town.accepts = new Set(['v2']);
    for (const session of sessions) town.cut(session);
    town.clock.advance(2 * MINUTE_MS);
    expect(town.up.size).toBe(30);
    const found = town.attempts.find(({ outcome }) => outcome === 'accepted')?.at ?? 0;
    for (const session of sessions) {
      const after = town.attempts.filter((each) => each.session === session && each.at > found);
      expect(after.length).toBeLessThanOrEqual(1);
    }
    expectOneProbe(town.attempts);
  });

  it('climbs back at natural reconnects when the newest works again, and cuts no line for it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer(),
        (count, refused, seed) => {
          const versions = versionsOf(count);
          const sessions = sessionsOf(4);
          const town = calmTown(seed, versions, sessions);
          town.accepts = new Set(versions.slice(Math.min(refused, count - 1)));
          for (const session of sessions) town.cut(session);
          town.clock.advance(2 * HOUR_MS);
          town.accepts = new Set(versions);
          town.attempts.length = 0;
          town.clock.advance(48 * HOUR_MS);
          expect(town.attempts).toEqual([]);
          for (let hour = 0; hour < 12; hour += 1) {
            for (const session of sessions) {
              town.cut(session);
              town.clock.advance(15 * MINUTE_MS);
            }
          }
          expect(new Set(town.up.values())).toEqual(new Set([versions[0]]));
          expectOneProbe(town.attempts);
        },
      ),
      { numRuns: 100, seed: 3 },
    );
  });

  it('does not knock at a network that still refuses the newest more than a few times a day', () => {
    const versions = versionsOf(4);
    const town = calmTown(4, versions, sessionsOf(10));
    town.accepts = new Set(versions.slice(1));
    for (let hour = 0; hour < 48; hour += 1) {
      for (const session of sessionsOf(10)) town.cut(session);
      town.clock.advance(HOUR_MS);
    }
    const refused = town.attempts.filter(
      ({ outcome, at }) => outcome === 'refused' && at > town.clock.now() - 24 * HOUR_MS,
    );
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThanOrEqual(2);
    expect(town.up.size).toBe(10);
  });

  it.each(['logged_out', 'banned', 'replaced', 'restricted'] as const)('leaves the versions alone after %s', (kind) => {
    const town = calmTown(6, versionsOf(3), sessionsOf(3));
    const before = town.fleet.ladder;
    const cause: DisconnectCause = { kind, code: `fake_${kind}` };
    town.cut('s0', cause);
    town.clock.advance(HOUR_MS);
    expect(town.fleet.ladder).toBe(before);
    expect(town.attempts).toEqual([]);
  });

  it('a canary that is banned, or stopped, hands the search over', () => {
    for (const leave of ['banned', 'stop'] as const) {
      const town = calmTown(7, versionsOf(6), ['s0', 's1']);
      town.accepts = new Set(['v1']);
      town.cut('s0');
      town.clock.advance(6_000);
      town.cut('s1');
      town.clock.advance(9_000);
      expect(town.up.size).toBe(0);
      if (leave === 'stop') town.stop('s0');
      else town.fleet.ended('s0', { kind: 'banned', code: 'fake_banned' });
      town.clock.advance(2 * MINUTE_MS);
      expect(town.up.get('s1')).toBe('v1');
    }
  });

  it('one account that is refused whatever it announces holds up nobody else', () => {
    const town = calmTown(9, versionsOf(4), sessionsOf(5));
    town.refused.add('s0');
    for (const refusesWith of ['client_outdated', 'protocol_changed'] as const) {
      town.refusesWith = refusesWith;
      for (const session of sessionsOf(5)) town.cut(session);
      // A round of the account, the first rest, and a round of another.
      town.clock.advance(4 * MINUTE_MS);
      expect(town.up.size).toBe(4);
      town.clock.advance(HOUR_MS);
      expect(town.up.size).toBe(4);
    }
  });

  it('an error of the protocol in one session, while others are well, changes nothing for them', () => {
    const town = calmTown(10, versionsOf(3), sessionsOf(3));
    town.refused.add('s0');
    town.refusesWith = 'protocol_changed';
    town.cut('s0');
    town.clock.advance(HOUR_MS);
    expect(town.fleet.ladder).toMatchObject({ current: 'v3', search: null });
    town.cut('s1');
    town.clock.advance(MINUTE_MS);
    expect(town.up.get('s1')).toBe('v3');
  });

  it('takes silence for a refusal only when another version is accepted', () => {
    const town = calmTown(8, versionsOf(3), sessionsOf(3));
    town.isDown = true;
    for (const session of sessionsOf(3)) town.cut(session);
    town.clock.advance(HOUR_MS);
    expect(town.fleet.ladder.rungs.every(({ failingSince }) => failingSince === null)).toBe(true);
    town.isDown = false;
    town.accepts = new Set(['v2']);
    town.refusesWith = 'silent';
    town.clock.advance(60 * MINUTE_MS);
    expect([...town.up.values()]).toEqual(['v2', 'v2', 'v2']);
    expect(town.fleet.ladder.current).toBe('v2');
  });
});
