import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DisconnectKind } from '../../../src/connector-api/index.ts';
import { disconnectKinds } from '../../../src/connector-api/index.ts';
import type { Random } from '../../../src/core/random.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { causeTexts, reasonOf } from '../../../src/engine/causes.ts';
import { countFailure, decide } from '../../../src/engine/reconnect-policy.ts';
import { Trouble } from '../../../src/engine/trouble.ts';

const NOW = Date.UTC(2026, 2, 4, 15);
const draw = (value: number): Random => ({ next: () => value, bytes: (length) => new Uint8Array(length) });
const highest = draw(0.999_999);
const lowest = draw(0);

const decideFor = (kind: DisconnectKind, failures: number, random = highest, retryAfterMs?: number) =>
  decide(
    { failures },
    { kind, code: `fake_${kind}`, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    NOW,
    random,
  );

describe('decide', () => {
  it.each([
    ['network', 1, 1_000],
    ['network', 2, 2_000],
    ['network', 5, 16_000],
    ['network', 40, 300_000],
    ['unknown', 1, 1_000],
    ['unknown', 1_000, 300_000],
    ['restart_required', 1, 0],
    ['restart_required', 2, 0],
    ['restart_required', 3, 1_000],
    ['client_outdated', 1, 120_000],
    ['client_outdated', 20, 1_800_000],
    ['protocol_changed', 1, 120_000],
    ['protocol_changed', 20, 1_800_000],
    ['restricted', 1, 3_960_000],
    ['replaced', 1, 120_000],
    ['replaced', 40, 120_000],
  ] as const)('retries after %s, failure %i, within %i ms', (kind, failures, ceilingMs) => {
    const decision = decideFor(kind, failures);
    expect(decision.do).toBe('retry');
    if (decision.do !== 'retry') return;
    expect(decision.afterMs).toBeLessThanOrEqual(ceilingMs);
    expect(decision.afterMs).toBeGreaterThanOrEqual(ceilingMs * 0.99 - 1);
    expect(decision.retryAt).toBe(NOW + decision.afterMs);
  });

  it.each([
    ['logged_out', 'logged_out', 'relink'],
    ['banned', 'banned', 'open_app'],
  ] as const)('stops after %s', (kind, state, action) => {
    expect(decideFor(kind, 1)).toEqual({ do: 'stop', state, action });
    expect(decideFor(kind, 100, lowest, 1_000)).toEqual({ do: 'stop', state, action });
  });

  it.each([
    ['network', 'none'],
    ['client_outdated', 'upgrade'],
    ['protocol_changed', 'upgrade'],
    ['restricted', 'wait'],
  ] as const)('says after %s that the person has to: %s', (kind, action) => {
    expect(decideFor(kind, 1)).toMatchObject({ action });
  });

  it.each([
    [{ do: 'step', version: '3', afterMs: 4_200 }, 4_200, 'none'],
    [{ do: 'wait' }, 300_000, 'none'],
    [{ do: 'rest', version: '4', afterMs: 90_000 }, 90_000, 'upgrade'],
  ] as const)('goes by the ladder of versions: %o', (advice, afterMs, action) => {
    for (const kind of ['client_outdated', 'protocol_changed'] as const) {
      const cause = { kind, code: `fake_${kind}` };
      expect(decide({ failures: 9, advice }, cause, NOW, highest)).toMatchObject({ do: 'retry', afterMs, action });
      const told = { ...cause, retryAfterMs: 600_000 };
      expect(decide({ failures: 9, advice }, told, NOW, lowest)).toMatchObject({ afterMs: 600_000 });
    }
  });

  it('tries soon again what no version would understand better, then seldom, and asks for an upgrade when it lasts', () => {
    const cause = { kind: 'protocol_changed', code: 'fake_untrusted', anyVersion: true } as const;
    const told = [1, 2, 6, 7, 100].map((failures) => decide({ failures }, cause, NOW, highest));
    expect(told).toMatchObject([
      { afterMs: 1_000, action: 'none' },
      { afterMs: 2_000, action: 'none' },
      { afterMs: 32_000, action: 'none' },
      { afterMs: 64_000, action: 'upgrade' },
      { afterMs: expect.closeTo(1_800_000, -2), action: 'upgrade' },
    ]);
  });

  it('spreads retries over the whole range, but never down to nothing', () => {
    expect(decideFor('network', 10, draw(0.5))).toMatchObject({ afterMs: 150_000 });
    expect(decideFor('network', 10, lowest)).toMatchObject({ afterMs: 250 });
    expect(decideFor('client_outdated', 10, lowest)).toMatchObject({ afterMs: 30_000 });
  });

  it('comes back sooner when it was our own process that died, and no sooner than usual when it goes on dying', () => {
    const after = (ownFaults: number): number => {
      const decision = decide({ failures: 30, ownFaults }, { kind: 'network', code: 'fake_lost' }, NOW, highest);
      return decision.do === 'retry' ? decision.afterMs : Number.NaN;
    };
    expect([1, 2, 3, 5, 11, 100].map(after)).toEqual([250, 500, 1_000, 4_000, 256_000, 300_000]);
    expect(after(0)).toBe(300_000);
  });

  it.each([
    ['never before', [], 'retry'],
    ['two hours ago', [7_200_000], 'retry'],
    ['twice, hours ago', [7_200_000, 14_400_000], 'retry'],
    ['within the hour', [3_599_999], 'stop'],
    ['three times within the day', [7_200_000, 14_400_000, 86_399_000], 'stop'],
    ['three times, one of them the day before', [7_200_000, 14_400_000, 86_400_000], 'retry'],
  ] as const)('replaced, and %s: %j: %s', (_when, replacedAgoMs, does) => {
    const cause = { kind: 'replaced', code: 'fake_440' } as const;
    expect(decide({ failures: 1, replacedAgoMs }, cause, NOW, lowest).do).toBe(does);
    expect(decide({ failures: 1, replacedAgoMs }, { ...cause, final: 'elsewhere' }, NOW, lowest)).toEqual({
      do: 'stop',
      state: 'stopped',
      action: 'open_app',
    });
  });

  it.each(disconnectKinds)('stops for a wrong setting, whatever the kind, and unlinks nobody: %s', (kind) => {
    const decision = decide({ failures: 1 }, { kind, code: 'fake', final: 'configuration' }, NOW, lowest);
    if (kind === 'logged_out' || kind === 'banned') expect(decision).toMatchObject({ do: 'stop', state: kind });
    else expect(decision).toEqual({ do: 'stop', state: 'stopped', action: 'start' });
  });

  it('for any history: refused credentials are never tried again, no wait is forgotten, none is endless or nothing', () => {
    const anyCause = fc.record({
      kind: fc.constantFrom(...disconnectKinds),
      code: fc.constantFrom('fake_a', 'connector_lost'),
      retryAfterMs: fc.oneof(
        fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY),
        fc.double({ min: 0, max: 3e9 }),
      ),
    });
    const anyHistory = fc.record({
      failures: fc.integer({ min: 1, max: 1e6 }),
      ownFaults: fc.integer({ min: 0, max: 1e6 }),
      replacedAgoMs: fc.array(fc.integer({ min: 0, max: 1e9 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(anyCause, anyHistory, fc.integer(), (cause, history, seed) => {
        const decision = decide(history, cause, NOW, seededRandom(seed));
        if (cause.kind === 'logged_out' || cause.kind === 'banned') {
          expect(decision).toMatchObject({ do: 'stop', state: cause.kind });
          return;
        }
        if (decision.do === 'stop') {
          expect(cause.kind).toBe('replaced');
          return;
        }
        const asked = cause.retryAfterMs > 0 ? Math.min(cause.retryAfterMs, 30 * 86_400_000) : 0;
        expect(decision.afterMs).toBeGreaterThanOrEqual(asked);
        expect(decision.afterMs).toBeLessThanOrEqual(Math.max(3_960_000, asked * 1.1 + 1));
        if (cause.kind !== 'restart_required' || history.failures > 2)
          expect(decision.afterMs).toBeGreaterThanOrEqual(50);
        expect(decision.retryAt).toBe(NOW + decision.afterMs);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never comes back before the time that the network gave', () => {
    expect(decideFor('network', 1, lowest, 45_000)).toMatchObject({ afterMs: 45_000 });
    expect(decideFor('restart_required', 1, lowest, 3_000)).toMatchObject({ afterMs: 3_000 });
    expect(decideFor('restricted', 1, lowest, 86_400_000)).toMatchObject({ afterMs: 86_400_000 });
    expect(decideFor('restricted', 1, draw(0.5), 86_400_000)).toMatchObject({ afterMs: 90_720_000 });
  });
});

describe('countFailure', () => {
  it('counts on until a connection has held for a minute', () => {
    expect(countFailure(0, undefined)).toBe(1);
    expect(countFailure(4, undefined)).toBe(5);
    expect(countFailure(4, 59_999)).toBe(5);
    expect(countFailure(4, 60_000)).toBe(1);
  });
});

describe('what is remembered of a trouble', () => {
  const lost = { kind: 'network', code: 'fake_lost' } as const;
  const replaced = { kind: 'replaced', code: 'fake_440' } as const;
  const HOUR_MS = 3_600_000;
  it('counts our own faults apart, until a connection has held', () => {
    const trouble = new Trouble();
    const note = (isOwnFault: boolean, heldMs?: number) => trouble.note(lost, heldMs, { now: 0, isOwnFault });
    expect(note(true, 90_000)).toMatchObject({ failures: 1, ownFaults: 1 });
    expect(note(false)).toMatchObject({ failures: 2, ownFaults: 0 });
    expect(note(true)).toMatchObject({ failures: 3, ownFaults: 2 });
    expect(note(true, 90_000)).toMatchObject({ failures: 1, ownFaults: 1 });
  });

  it('knows for a day how often it was replaced, unless a person has acted', () => {
    const trouble = new Trouble();
    const at = (now: number) => trouble.note(replaced, undefined, { now, isOwnFault: false }).replacedAgoMs;
    expect(at(0)).toEqual([]);
    expect(at(2 * HOUR_MS)).toEqual([2 * HOUR_MS]);
    expect(at(25 * HOUR_MS)).toEqual([23 * HOUR_MS]);
    trouble.forget();
    expect(trouble.failures).toBe(0);
    expect(at(26 * HOUR_MS)).toEqual([]);
  });
});

describe('the texts of the causes', () => {
  it.each(disconnectKinds)('tell what happened and what to do: %s', (kind) => {
    expect(causeTexts[kind].text).toMatch(/\.$/);
    expect(causeTexts[kind].remedy).toMatch(/\.$/);
  });

  it('carry the code, the native code and the time of the next try', () => {
    const cause = { kind: 'network', code: 'fake_428', nativeCode: '428', detail: 'The server hung up.' } as const;
    expect(reasonOf(cause, decide({ failures: 1 }, cause, NOW, highest))).toEqual({
      code: 'fake_428',
      kind: 'network',
      nativeCode: '428',
      text: 'The server hung up.',
      action: 'none',
      remedy: causeTexts.network.remedy,
      retryAt: '2026-03-04T15:00:01.000Z',
    });
  });
});
