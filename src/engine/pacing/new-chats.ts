import { isTalk } from './lanes.ts';
import type { LimitId, Limits } from './limits.ts';
import { NEW_CHAT_RATIO_SAMPLE, REPLY_RATIO_SAMPLE } from './limits.ts';
import type { SendTimes } from './send-times.ts';
import type { SendLogEntry } from './types.ts';

const DAY_MS = 24 * 60 * 60_000;
const WEEK_MS = 7 * DAY_MS;
/** A guest may take this long before a message counts as not answered; ms. */
export const TIME_TO_ANSWER_MS = 4 * 60 * 60_000;

const newChatsByWeek: readonly LimitId[] = ['newChatsWeek1', 'newChatsWeek2', 'newChatsWeek3'];
const ownByWeek: readonly LimitId[] = ['ownWeek1', 'ownWeek2', 'ownWeek3'];

/** Whether the number is beyond all weeks of warm-up. */
export function isWarm(bornAt: number, at: number): boolean {
  return at - bornAt >= ownByWeek.length * WEEK_MS;
}

/** Which limit of new chats holds for a number of this age. */
export function newChatsLimit(bornAt: number, at: number): LimitId {
  return newChatsByWeek[weekOf(bornAt, at)] ?? 'newChatsLater';
}

/** Which limit of a day's own messages holds for a number of this age. */
export function ownDayLimit(bornAt: number, at: number): LimitId {
  return ownByWeek[weekOf(bornAt, at)] ?? 'ownPerDay';
}

/** How many guests who never wrote may be written to in 24 hours. Grows with the age of the number, never shrinks. */
export function newChatsPerDay(limits: Limits, bornAt: number, at: number): number {
  return limits[newChatsLimit(bornAt, at)];
}

/** The same for all that the hotel sends by itself. */
export function ownPerDay(limits: Limits, bornAt: number, at: number): number {
  return Math.min(limits.ownPerDay, limits[ownDayLimit(bornAt, at)]);
}

/**
 * From when on one more keeps to the limit of its day, also over the end of a week of warm-up; a time before `from` where nothing
 * stands against it.
 */
export function opensByAge(times: SendTimes, perDayAt: (at: number) => number, bornAt: number, from: number): number {
  let at = from;
  for (;;) {
    const opens = times.opensAt(perDayAt(at), DAY_MS);
    const nextWeek = bornAt + (Math.floor((at - bornAt) / WEEK_MS) + 1) * WEEK_MS;
    if (Math.max(at, opens) < nextWeek || nextWeek > bornAt + 3 * WEEK_MS)
      return at > from ? Math.max(at, opens) : opens;
    at = nextWeek;
  }
}

/** The share of the last own messages that guests have answered, 0 to 1; `null` while there are too few to tell. */
export function replyRatio(sends: readonly SendLogEntry[], now: number): number | null {
  return answeredOf(sends, now, REPLY_RATIO_SAMPLE, ({ lane }) => !isTalk(lane));
}

/** The same for first words to guests who never wrote. */
export function newChatRatio(sends: readonly SendLogEntry[], now: number): number | null {
  return answeredOf(sends, now, NEW_CHAT_RATIO_SAMPLE, ({ lane, opensChat }) => opensChat && !isTalk(lane));
}

/** How many first words may be out of which nobody knows yet; half while it is not known how new guests of this account answer. */
export function untoldLimit(sends: readonly SendLogEntry[], now: number, { newChatsUntold }: Limits): number {
  return newChatRatio(sends, now) === null ? Math.ceil(newChatsUntold / 2) : newChatsUntold;
}

function answeredOf(
  sends: readonly SendLogEntry[],
  now: number,
  sample: number,
  counts: (send: SendLogEntry) => boolean,
): number | null {
  let told = 0;
  let answered = 0;
  for (let index = sends.length - 1; index >= 0 && told < sample; index -= 1) {
    const send = sends[index];
    if (send === undefined || !counts(send)) continue;
    if (!send.isAnswered && now - send.at < TIME_TO_ANSWER_MS) continue;
    told += 1;
    if (send.isAnswered) answered += 1;
  }
  return told < sample ? null : answered / sample;
}

/** Whole weeks since the number was first used. */
function weekOf(bornAt: number, at: number): number {
  return Math.max(0, Math.floor((at - bornAt) / WEEK_MS));
}
