import { describe, expect, it } from 'vitest';
import type { DisconnectKind } from '../../../src/connector-api/index.ts';
import { disconnectKinds } from '../../../src/connector-api/index.ts';
import type { Random } from '../../../src/core/random.ts';
import { causeTexts, reasonOf } from '../../../src/engine/causes.ts';
import { countFailure, decide } from '../../../src/engine/reconnect-policy.ts';

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
  ] as const)('retries after %s, failure %i, within %i ms', (kind, failures, ceilingMs) => {
    const decision = decideFor(kind, failures);
    expect(decision.do).toBe('retry');
    if (decision.do !== 'retry') return;
    expect(decision.afterMs).toBeLessThanOrEqual(ceilingMs);
    expect(decision.afterMs).toBeGreaterThanOrEqual(ceilingMs * 0.99 - 1);
    expect(decision.retryAt).toBe(NOW + decision.afterMs);
  });

  it.each([
    ['replaced', 'stopped', 'open_app'],
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
      expect(decide({ failures: 9, advice }, told, NOW, highest)).toMatchObject({ afterMs: 600_000 });
    }
  });

  it('spreads retries over the whole range, but never down to nothing', () => {
    expect(decideFor('network', 10, draw(0.5))).toMatchObject({ afterMs: 150_000 });
    expect(decideFor('network', 10, lowest)).toMatchObject({ afterMs: 250 });
    expect(decideFor('client_outdated', 10, lowest)).toMatchObject({ afterMs: 30_000 });
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
