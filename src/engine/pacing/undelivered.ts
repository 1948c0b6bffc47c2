import { isTalk } from './lanes.ts';
import type { SendLogEntry } from './types.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
/** Phones are off in planes, cellars and at night: what is younger may still arrive; ms. */
const TIME_TO_ARRIVE_MS = 4 * HOUR_MS;
/** Of fewer one cannot tell chance from a fault. */
const LEAST_MESSAGES = 10;

/**
 * When so many of a day's own messages have reached their guests that new ones may be written to, if nothing more arrives; a time
 * that has passed where enough have. `sends` are ordered.
 */
export function undeliveredUntil(sends: readonly SendLogEntry[], now: number, mostPerHundred: number): number {
  const told = sends.filter(({ lane, at }) => !isTalk(lane) && at > now - DAY_MS && at <= now - TIME_TO_ARRIVE_MS);
  let undelivered = told.filter(({ isUndelivered }) => isUndelivered).length;
  let until = -Infinity;
  for (const [index, send] of told.entries()) {
    const left = told.length - index;
    if (left < LEAST_MESSAGES || 100 * undelivered <= mostPerHundred * left) break;
    until = send.at + DAY_MS;
    if (send.isUndelivered) undelivered -= 1;
  }
  return until;
}
