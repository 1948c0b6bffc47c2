import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { climbTarget, doubtTarget, nextRung } from '../../../src/engine/version-choice.ts';
import type { VersionFacts } from '../../../src/engine/version-facts.ts';
import { markFailed, markWorked, newVersion } from '../../../src/engine/version-facts.ts';
import type { Ladder } from '../../../src/engine/version-ladder.ts';
import {
  openLadder,
  reopenLadder,
  takeTurn,
  versionRefused,
  versionSilent,
  versionWorked,
} from '../../../src/engine/version-ladder.ts';

const NOW = Date.UTC(2026, 10, 21);
const HOUR_MS = 3_600_000;
const names = ['v5', 'v4', 'v3', 'v2', 'v1'];
const fresh = names.map((version) => newVersion(version, 'shipped'));
const alone = { mayProbe: true, silences: 0 };

const withFacts = (changes: Readonly<Record<string, (facts: VersionFacts) => VersionFacts>>): readonly VersionFacts[] =>
  fresh.map((facts) => changes[facts.version]?.(facts) ?? facts);
const worked = (at: number) => (facts: VersionFacts) => markWorked(facts, at);
const failed = (at: number) => (facts: VersionFacts) => markFailed(facts, at);
const running = (version: string): Ladder => ({
  ...openLadder(withFacts({ [version]: worked(NOW - HOUR_MS) }), version, NOW),
  wanted: 'v5',
});

/** What the canary is told to announce, one refusal after the other, until the round is over. */
function roundAfter(kind: 'client_outdated' | 'protocol_changed', start: string): string[] {
  let ladder = running(start);
  const tried = [start];
  for (;;) {
    const version = tried.at(-1) ?? start;
    ladder = versionRefused(ladder, { version, role: 'canary', kind }, NOW, seededRandom(1));
    if (ladder.search === null || ladder.search.round > 1) return tried;
    tried.push(ladder.current);
  }
}

describe('the order in which versions are tried', () => {
  it.each([
    ['client_outdated', 'v5', ['v5', 'v4', 'v3', 'v2', 'v1']],
    ['client_outdated', 'v3', ['v3', 'v5', 'v4', 'v2', 'v1']],
    ['client_outdated', 'v1', ['v1', 'v5', 'v4', 'v3', 'v2']],
    ['protocol_changed', 'v5', ['v5', 'v4', 'v3', 'v2', 'v1']],
    ['protocol_changed', 'v3', ['v3', 'v2', 'v1', 'v4', 'v5']],
    ['protocol_changed', 'v1', ['v1', 'v2', 'v3', 'v4', 'v5']],
  ] as const)('after %s on %s: newer first, or downwards first, each once', (kind, start, order) => {
    expect(roundAfter(kind, start)).toEqual(order);
  });

  it('spaces the steps, and rests for minutes when everything was refused', () => {
    let ladder = running('v5');
    const waits: number[] = [];
    for (const version of names) {
      ladder = versionRefused(ladder, { version, role: 'canary', kind: 'client_outdated' }, NOW, seededRandom(3));
      waits.push((ladder.search?.notBefore ?? 0) - NOW);
    }
    for (const wait of waits.slice(0, -1)) expect(wait).toBeGreaterThanOrEqual(4_000);
    for (const wait of waits.slice(0, -1)) expect(wait).toBeLessThanOrEqual(6_000);
    expect(waits.at(-1)).toBeGreaterThanOrEqual(30_000);
    expect(ladder).toMatchObject({ current: 'v5', search: { round: 2, tried: [] } });
  });

  it('knows no next when all were refused', () => {
    expect(nextRung(fresh, { from: 'v3', goes: 'newer_first', tried: names })).toBeUndefined();
  });
});

describe('the start of the daemon', () => {
  it('begins with the newest when nothing is remembered, all sessions at once', () => {
    const ladder = openLadder(fresh, 'v5', NOW);
    expect(takeTurn(ladder, { mayProbe: false, silences: 0 }, NOW)).toEqual({
      do: 'go',
      version: 'v5',
      role: 'follower',
    });
  });

  it('goes on with the last version that worked when the newest was refused', () => {
    const rungs = withFacts({ v5: failed(NOW), v4: failed(NOW), v3: worked(NOW - 9_000), v2: worked(NOW - 8_000) });
    const ladder = openLadder(rungs, 'v5', NOW);
    expect(ladder.current).toBe('v2');
    expect(takeTurn(ladder, alone, NOW)).toMatchObject({ do: 'go', version: 'v2', role: 'follower' });
    expect(takeTurn(ladder, alone, NOW + HOUR_MS - 1)).toMatchObject({ version: 'v2', role: 'follower' });
    expect(takeTurn(ladder, alone, NOW + HOUR_MS)).toMatchObject({ version: 'v3', role: 'climber' });
  });

  it('lets one session try a version that is new here, while the others wait for it', () => {
    const ladder = openLadder(withFacts({ v4: worked(NOW - HOUR_MS) }), 'v5', NOW);
    expect(takeTurn(ladder, alone, NOW)).toMatchObject({ do: 'go', version: 'v5', role: 'canary' });
    expect(takeTurn(ladder, { mayProbe: false, silences: 0 }, NOW)).toEqual({ do: 'wait', until: null });
    const settled = versionWorked(ladder, { version: 'v5', role: 'canary' }, NOW);
    expect(settled).toMatchObject({ current: 'v5', search: null });
  });
});

describe('one session looks, the others wait', () => {
  const searching = versionRefused(
    running('v5'),
    { version: 'v5', role: 'follower', kind: 'client_outdated' },
    NOW,
    seededRandom(1),
  );

  it('until it is time for the next step, and then with the next version', () => {
    const until = searching.search?.notBefore ?? 0;
    expect(takeTurn(searching, alone, until - 1)).toEqual({ do: 'wait', until });
    expect(takeTurn(searching, alone, until)).toEqual({ do: 'go', version: 'v4', role: 'canary' });
    expect(takeTurn(searching, { mayProbe: false, silences: 9 }, until)).toEqual({ do: 'wait', until: null });
  });

  it('a late refusal of a version that was refused already changes nothing of the plan', () => {
    const late = versionRefused(
      searching,
      { version: 'v5', role: 'follower', kind: 'client_outdated' },
      NOW + 900,
      seededRandom(2),
    );
    expect(late.search).toEqual(searching.search);
    expect(late.current).toBe('v4');
  });

  it('all follow what worked', () => {
    const settled = versionWorked(searching, { version: 'v4', role: 'canary' }, NOW);
    expect(takeTurn(settled, { mayProbe: false, silences: 0 }, NOW)).toMatchObject({
      version: 'v4',
      role: 'follower',
    });
    expect(settled.rungs[0]).toMatchObject({ failingSince: NOW, lastFailedAt: NOW });
    expect(settled.rungs[1]).toMatchObject({ firstWorkedAt: NOW, failingSince: null });
  });
});

describe('the way back up', () => {
  const below = versionWorked(
    versionRefused(running('v5'), { version: 'v5', role: 'follower', kind: 'client_outdated' }, NOW, seededRandom(1)),
    { version: 'v4', role: 'canary' },
    NOW,
  );

  it('is tried by one session after an hour, then more and more seldom, and never by two', () => {
    expect(takeTurn(below, alone, NOW + HOUR_MS - 1)).toMatchObject({ version: 'v4' });
    expect(takeTurn(below, { mayProbe: false, silences: 0 }, NOW + HOUR_MS)).toMatchObject({ version: 'v4' });
    let ladder = below;
    let now = NOW + HOUR_MS;
    for (const hours of [2, 4, 8, 16, 24, 24]) {
      expect(takeTurn(ladder, alone, now)).toEqual({ do: 'go', version: 'v5', role: 'climber' });
      const refusal = { version: 'v5', role: 'climber', kind: 'client_outdated' } as const;
      ladder = versionRefused(ladder, refusal, now, seededRandom(1));
      expect(ladder).toMatchObject({ current: 'v4', search: null });
      expect(ladder.climb.notBefore - now).toBe(hours * HOUR_MS);
      now = ladder.climb.notBefore;
    }
    expect(versionWorked(ladder, { version: 'v5', role: 'climber' }, now).current).toBe('v5');
  });

  it('takes the version above whose refusal is the longest ago', () => {
    const rungs = withFacts({ v5: failed(NOW), v4: failed(NOW - 5), v3: failed(NOW - 3) });
    expect(climbTarget(rungs, 'v2', 'v5')).toBe('v4');
    expect(climbTarget(fresh, 'v2', 'v5')).toBe('v5');
    expect(climbTarget(fresh, 'v5', 'v1')).toBe('v1');
  });
});

describe('silence', () => {
  it('is doubted after three attempts with a version that never worked, after six with one that has', () => {
    const known = withFacts({ v4: worked(NOW) });
    expect([0, 1, 2, 3, 4, 5].map((silences) => doubtTarget(known, 'v5', silences))).toEqual([
      undefined,
      undefined,
      undefined,
      'v4',
      undefined,
      'v3',
    ]);
    expect([5, 6, 7, 8].map((silences) => doubtTarget(known, 'v4', silences))).toEqual([
      undefined,
      'v3',
      undefined,
      'v2',
    ]);
    expect(doubtTarget([newVersion('only', 'shipped')], 'only', 30)).toBeUndefined();
  });

  it('with a new version means no, as soon as another one is accepted', () => {
    const ladder = { ...openLadder(withFacts({ v4: worked(NOW) }), 'v5', NOW), search: null };
    const after = versionWorked(ladder, { version: 'v4', role: 'doubter' }, NOW);
    expect(after.current).toBe('v4');
    expect(after.rungs[0]?.failingSince).toBe(NOW);
  });

  it('with a version that has worked is believed only when it goes on while another one is accepted', () => {
    const ladder = running('v5');
    const doubted = versionWorked(ladder, { version: 'v4', role: 'doubter' }, NOW);
    expect(doubted).toMatchObject({ current: 'v5', doubt: { version: 'v5', works: 'v4' } });
    expect(doubted.rungs[0]?.failingSince).toBeNull();
    expect(versionSilent(doubted, 'v5', NOW + 1_000)).toMatchObject({ current: 'v4', doubt: null });
    expect(versionSilent(doubted, 'v5', NOW + HOUR_MS)).toMatchObject({ current: 'v5', doubt: null });
    expect(versionWorked(doubted, { version: 'v5', role: 'follower' }, NOW)).toMatchObject({
      current: 'v5',
      doubt: null,
    });
    expect(versionSilent(ladder, 'v5', NOW)).toBe(ladder);
  });
});

describe('what the operator changes', () => {
  it('starts a search anew with what is wanted now, and leaves lines that work alone', () => {
    const refused = versionRefused(
      running('v5'),
      { version: 'v5', role: 'follower', kind: 'client_outdated' },
      NOW,
      seededRandom(1),
    );
    expect(reopenLadder(refused, fresh, 'v1', NOW)).toMatchObject({
      current: 'v1',
      search: { tried: [], notBefore: NOW },
    });
    const calm = reopenLadder(running('v5'), fresh, 'v1', NOW);
    expect(calm).toMatchObject({ current: 'v5', wanted: 'v1', search: null });
    expect(takeTurn(calm, alone, NOW)).toMatchObject({ version: 'v1', role: 'climber' });
  });
});
