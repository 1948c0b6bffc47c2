import type { AccountBook, Sent } from './account-book.ts';
import { DAY_MS, HOUR_MS, WEEK_MS } from './account-book.ts';
import type { Drawn, ParameterId } from './parameters.ts';
import type { Reading, SignId } from './types.ts';

export const TOO_FEW_ANSWER = 'too few answer';
export const NEW_CHAT_QUOTA = 'the quota of new chats';

/** What a sign says of the message that has just been recorded. What lies before `since` has been punished already. */
export type Sign = (book: AccountBook, sent: Sent, drawn: Drawn, since: number) => Reading;

const STRANGERS_ROW_MS = 10 * 60_000; // twenty at 30 s each
const FEWEST_A_DAY = 10; // below it no rise is a jump

const strangersByWeek: readonly ParameterId[] = ['strangersWeek1', 'strangersWeek2', 'strangersWeek3'];
const warmUpByWeek: readonly ParameterId[] = ['warmUpWeek1', 'warmUpWeek2', 'warmUpWeek3'];

/** The worst of several. */
export function worst(sign: SignId, clauses: Readonly<Record<string, number>>): Reading {
  let reading: Reading = { sign, degree: 0, clause: 'nothing' };
  for (const [clause, degree] of Object.entries(clauses))
    if (degree > reading.degree) reading = { sign, degree, clause };
  return reading;
}

/** Writes to many who never wrote. */
export const strangers: Sign = (book, sent, drawn) => {
  if (!sent.isOpening) return worst('strangers', {});
  const perDay = drawn(strangersByWeek[book.weekAt(sent.at)] ?? 'strangersLater');
  return worst('strangers', {
    'too many new people in a day': book.strangers.count(sent.at - DAY_MS) / (perDay + 1),
    'new people one after the other': book.strangers.count(sent.at - STRANGERS_ROW_MS) / drawn('strangersInARow'),
  });
};

/** Says the same to many. */
export const sameText: Sign = (book, sent, drawn) => {
  if (sent.textKey === null || !sent.isUnasked) return worst('same_text', {});
  const day = book.sameText(sent.textKey, sent.at);
  const lastHour = day.filter(({ at }) => at > sent.at - HOUR_MS);
  return worst('same_text', {
    'the same text to many in an hour': people(lastHour) / drawn('sameTextPerHour'),
    'the same text to strangers': people(day.filter(({ isOpening }) => isOpening)) / drawn('sameTextStrangersPerDay'),
  });
};

/** Is not answered. The quota is apart: it closes, and does not ban. */
export const unanswered: Sign = (book, sent, drawn, since) => {
  const clauses: Record<string, number> = {};
  if (sent.isUnasked) clauses['too many in a row'] = sent.inARow / (drawn('inARow') + 1);
  if (sent.isOpening) {
    const isTold = ({ at }: Sent): boolean => at <= sent.at - DAY_MS && at > Math.max(since, sent.at - 8 * DAY_MS);
    const told = book.openings.filter((each) => isTold(each)).slice(-drawn('answeredSample'));
    const percent = (100 * told.filter(({ isAnswered }) => isAnswered).length) / told.length;
    // Nobody at all is twice as bad as too few.
    if (told.length === drawn('answeredSample')) clauses[TOO_FEW_ANSWER] = 2 - percent / drawn('answeredPercent');
  }
  return worst('unanswered', clauses);
};

/** How much of the quota of new chats is used up; 1 = all. */
export function quotaUsed(book: AccountBook, sent: Sent, drawn: Drawn): Reading {
  if (!sent.isOpening) return worst('unanswered', {});
  return worst('unanswered', { [NEW_CHAT_QUOTA]: unansweredChats(book, sent.at) / drawn('newChatQuota') });
}

/** New chats of the present cycle that nobody answered. */
export function unansweredChats(book: AccountBook, now: number): number {
  const since = book.cycleOf(now);
  return book.openings.filter(({ at, isAnswered }) => at > since && !isAnswered).length;
}

/**
 * Is blocked by many: "by too many people in a short period of time" (WhatsApp's terms). By how many of those it wrote to counts as
 * well, or every large house would be banned for the few whom nobody can please.
 */
export const blocked: Sign = (book, sent, drawn) => {
  const week = book.blocks.count(sent.at - WEEK_MS);
  if (week === 0) return worst('blocked', {});
  const share = (100 * week) / Math.max(1, book.reached(sent.at)) / drawn('blockedPercent');
  const day = book.blocks.count(sent.at - DAY_MS);
  return worst('blocked', {
    'blocked by several in a day': Math.min(share, day / drawn('blocksPerDay')),
    'blocked by many in a week': Math.min(share, week / drawn('blocksPerWeek')),
  });
};

/** Sends more than its age allows. */
export const warmUp: Sign = (book, sent, drawn) => {
  if (!sent.isUnasked) return worst('warm_up', {});
  const today = book.unasked.count(sent.at - DAY_MS);
  const limit = warmUpByWeek[book.weekAt(sent.at)];
  const before = book.unasked.count(sent.at - 8 * DAY_MS, sent.at - DAY_MS) / 7;
  return worst('warm_up', {
    'too much for a young number': limit === undefined ? 0 : today / (drawn(limit) + 1),
    'much more than the week before': today / (drawn('jump') * Math.max(FEWEST_A_DAY, before)),
  });
};

function people(sends: readonly Sent[]): number {
  return new Set(sends.map(({ to }) => to)).size;
}
