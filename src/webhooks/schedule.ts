import type { Random } from '../core/random.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * Waits before each attempt, the first one included: the schedule that the Standard Webhooks specification 1.0.0 proposes.
 * Ten attempts over 75 hours, so that an endpoint that is down for a long weekend still gets everything.
 */
export const ATTEMPT_DELAYS_MS: readonly number[] = [
  0,
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];

/** Up to a tenth is added to each wait, so that the deliveries of an outage do not all return in the same second. */
const JITTER = 0.1;

/** An endpoint may ask for more patience than the schedule, but not for ever. */
export const LONGEST_RETRY_AFTER_MS = 24 * HOUR_MS;

/** When to try again after `attempts` attempts, or `null` when the last one was made. Pure. */
export function nextAttemptAt(
  facts: { attempts: number; now: number; retryAfterMs: number | null },
  random: Random,
): number | null {
  const delayMs = ATTEMPT_DELAYS_MS[facts.attempts];
  if (delayMs === undefined) return null;
  const jittered = delayMs * (1 + JITTER * random.next());
  const asked = Math.min(facts.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  return facts.now + Math.round(Math.max(jittered, asked));
}

/** `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3); `null` when it says nothing usable. */
export function parseRetryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * SECOND_MS;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
