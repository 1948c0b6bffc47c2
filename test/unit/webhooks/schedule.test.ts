import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { judge } from '../../../src/webhooks/judge.ts';
import { ATTEMPT_DELAYS_MS, nextAttemptAt, parseRetryAfter } from '../../../src/webhooks/schedule.ts';

const HOUR_MS = 3_600_000;
const random = seededRandom(1);

describe('the retry schedule', () => {
  it('spans three days in ten attempts', () => {
    expect(ATTEMPT_DELAYS_MS).toHaveLength(10);
    const total = ATTEMPT_DELAYS_MS.reduce((sum, delay) => sum + delay, 0);
    expect(total).toBe(75 * HOUR_MS + 35 * 60_000 + 5_000);
  });

  it('adds at most a tenth to each wait and ends after the last', () => {
    for (const [attempts, delay] of ATTEMPT_DELAYS_MS.entries()) {
      const at = nextAttemptAt({ attempts, now: 1_000, retryAfterMs: null }, random) ?? -1;
      expect(at).toBeGreaterThanOrEqual(1_000 + delay);
      expect(at).toBeLessThanOrEqual(1_000 + delay * 1.1);
    }
    expect(nextAttemptAt({ attempts: 10, now: 1_000, retryAfterMs: null }, random)).toBeNull();
  });

  it('honours Retry-After where it asks for more patience, up to a day', () => {
    expect(nextAttemptAt({ attempts: 1, now: 0, retryAfterMs: HOUR_MS }, random)).toBe(HOUR_MS);
    expect(nextAttemptAt({ attempts: 1, now: 0, retryAfterMs: 99 * HOUR_MS }, random)).toBe(24 * HOUR_MS);
    expect(nextAttemptAt({ attempts: 5, now: 0, retryAfterMs: 1 }, random)).toBeGreaterThanOrEqual(5 * HOUR_MS);
  });

  it('reads Retry-After in both forms', () => {
    expect(parseRetryAfter('120', 0)).toBe(120_000);
    expect(parseRetryAfter('Thu, 01 Jan 1970 00:01:00 GMT', 10_000)).toBe(50_000);
    expect(parseRetryAfter('soon', 0)).toBeNull();
    expect(parseRetryAfter(undefined, 0)).toBeNull();
  });
});

describe('judging an answer', () => {
  const facts = { attempts: 0, now: 5_000 };
  const answered = (status: number) => ({ type: 'answered', status, retryAfterMs: null }) as const;

  it.each([200, 201, 204, 299])('takes %i for success', (status) => {
    expect(judge(answered(status), facts, random).outcome).toEqual({ type: 'delivered', at: 5_000, status });
  });

  it.each([301, 302, 400, 404, 429, 500, 503])('tries again after %i', (status) => {
    expect(judge(answered(status), facts, random)).toMatchObject({
      outcome: { type: 'retry', status },
      disable: false,
    });
  });

  it('disables the endpoint on 410 and keeps the delivery', () => {
    expect(judge(answered(410), facts, random)).toMatchObject({ outcome: { type: 'retry' }, disable: true });
  });

  it('keeps a delivery as dead after the tenth attempt, never dropping it', () => {
    expect(judge({ type: 'failed', reason: 'ECONNREFUSED' }, { attempts: 9, now: 1 }, random).outcome).toMatchObject({
      type: 'dead',
      error: 'ECONNREFUSED',
    });
  });
});
