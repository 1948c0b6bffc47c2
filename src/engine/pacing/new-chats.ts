import { isTalk } from './lanes.ts';
import type { LimitId, Limits } from './limits.ts';
import { REPLY_RATIO_SAMPLE } from './limits.ts';
import type { SendTimes } from './send-times.ts';
import type { SendLogEntry } from './types.ts';

const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;
/** A guest may take this long before a message counts as not answered; ms. */
const TIME_TO_ANSWER_MS = 4 * 60 * 60_000;

/** Which limit of new chats holds for a number of this age. */
export function newChatsLimit(bornAt: number, at: number): LimitId {
  const week = Math.floor((at - bornAt) / WEEK_MS);
  if (week < 1) return 'newChatsWeek1';
  if (week < 2) return 'newChatsWeek2';
  return week < 3 ? 'newChatsWeek3' : 'newChatsLater';
}

/** How many guests who never wrote may be written to in 24 hours. Grows with the age of the number, never shrinks. */
export function newChatsPerDay(limits: Limits, bornAt: number, at: number): number {
  return limits[newChatsLimit(bornAt, at)];
}

/** From when on, `from` or later, one more new chat keeps to the limit of its day, also over the end of a week of warm-up. */
export function newChatsOpenAt(openings: SendTimes, limits: Limits, bornAt: number, from: number): number {
  let at = from;
  for (;;) {
    const opens = Math.max(at, openings.opensAt(newChatsPerDay(limits, bornAt, at), DAY_MS));
    const nextWeek = bornAt + (Math.floor((at - bornAt) / WEEK_MS) + 1) * WEEK_MS;
    if (opens < nextWeek || nextWeek > bornAt + 3 * WEEK_MS) return opens;
    at = nextWeek;
  }
}

/** The share of the last own messages that guests have answered, 0 to 1; `null` while there are too few to tell. */
export function replyRatio(sends: readonly SendLogEntry[], now: number): number | null {
  const told: SendLogEntry[] = [];
  for (let index = sends.length - 1; index >= 0 && told.length < REPLY_RATIO_SAMPLE; index -= 1) {
    const send = sends[index];
    if (send === undefined || isTalk(send.lane)) continue;
    if (send.isAnswered || now - send.at >= TIME_TO_ANSWER_MS) told.push(send);
  }
  if (told.length < REPLY_RATIO_SAMPLE) return null;
  return told.filter(({ isAnswered }) => isAnswered).length / told.length;
}
