import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/core/random.ts';
import { askAfterMs, learn, nothingLearnt, resumeAt } from '../../../../src/engine/liveness/baseline.ts';
import { askPhoneAfterMs, mayRenew, phoneSilentSince } from '../../../../src/engine/liveness/phone-silence.ts';

const PULSE_MS = 5_000;
const QUIET_MS = 240_000;
const HOUR_MS = 3_600_000;

/** An account as it looks after `ms` of pulses, of which each has news with this chance. */
function lived(ms: number, chance: number, before = nothingLearnt(0), random = seededRandom(3)) {
  let baseline = before;
  for (let passed = PULSE_MS; passed <= ms; passed += PULSE_MS)
    baseline = learn(baseline, random.next() < chance, before.at + passed);
  return baseline;
}

describe('how long an account may be quiet', () => {
  it('is the quiet time for one that was never heard', () => {
    expect(askAfterMs(nothingLearnt(0), 0, QUIET_MS)).toBe(QUIET_MS);
    expect(askAfterMs(lived(HOUR_MS, 0), 0, QUIET_MS)).toBe(QUIET_MS);
  });

  it('is short enough on a busy account to find silence within a minute', () => {
    for (let seed = 1; seed <= 50; seed += 1) {
      const busy = lived(HOUR_MS, 0.45, nothingLearnt(0), seededRandom(seed)); // about one push in 10 s
      expect(askAfterMs(busy, 0, QUIET_MS)).toBeGreaterThanOrEqual(20_000);
      expect(askAfterMs(busy, 0, QUIET_MS)).toBeLessThanOrEqual(25_000);
    }
  });

  it('knows a busy account after a minute, for the minutes before do not count as quiet', () => {
    expect(askAfterMs(lived(70_000, 1), 0, QUIET_MS)).toBe(20_000);
    expect(askAfterMs(lived(50_000, 1), 0, QUIET_MS)).toBeGreaterThan(20_000);
  });

  it('grows again when it becomes quiet, and never above the quiet time', () => {
    const evening = lived(HOUR_MS, 0, lived(HOUR_MS, 0.9));
    expect(askAfterMs(evening, 0, QUIET_MS)).toBe(QUIET_MS);
  });

  it('doubles with each answer that brought no news', () => {
    const busy = lived(HOUR_MS, 1);
    expect([0, 1, 2, 3, 4, 5, 50].map((answers) => askAfterMs(busy, answers, QUIET_MS))).toEqual([
      20_000, 20_000, 40_000, 80_000, 160_000, 240_000, 240_000,
    ]);
  });

  it('does not take fifty messages at once for a busy account', () => {
    const burst = learn(nothingLearnt(0), true, PULSE_MS);
    expect(askAfterMs(burst, 0, QUIET_MS)).toBe(QUIET_MS);
  });

  it('learns nothing from an outage', () => {
    const busy = lived(HOUR_MS, 1);
    expect(resumeAt(busy, busy.at + HOUR_MS).newsPerMs).toBe(busy.newsPerMs);
  });
});

describe('a silent phone', () => {
  const silent = phoneSilentSince(0);

  it('is a reason for one new connection', () => {
    expect(mayRenew(silent, 0)).toBe(true);
    expect(mayRenew({ ...silent, renewedAt: 0 }, 100 * HOUR_MS)).toBe(false);
  });

  it('and for another only when a guest was heard on that one, an hour later', () => {
    const heard = { ...silent, renewedAt: 0, isGuestHeard: true };
    expect(mayRenew(heard, HOUR_MS - 1)).toBe(false);
    expect(mayRenew(heard, HOUR_MS)).toBe(true);
  });

  it('is asked less and less, twice an hour in the end', () => {
    const waits = [1, 2, 3, 4, 90].map((asked) => askPhoneAfterMs({ ...silent, asked }, QUIET_MS) / 60_000);
    expect(waits).toEqual([8, 16, 30, 30, 30]);
    expect(askPhoneAfterMs(silent, 50 * 60_000)).toBe(50 * 60_000);
    expect(askPhoneAfterMs(silent, Number.POSITIVE_INFINITY)).toBe(30 * 60_000);
  });
});
