import type { ChatFacts, Intent, Lane } from './types.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Who wrote within this time is being answered; networks themselves take answers within a day for free. */
const REPLY_WINDOW_MS = 24 * HOUR_MS;
/** What the caller puts off by more than this is no answer that a guest waits for, and can wait for the morning as well; ms. */
const PUT_OFF_MS = 15 * MINUTE_MS;

/** A message is overdue this long after it was due; who waits goes by that time, so nothing that comes later passes it for ever. */
const SLACK_MS: Readonly<Record<Lane, number>> = {
  safety: 0,
  reply: 0,
  service: 10 * MINUTE_MS,
  scheduled: 30 * MINUTE_MS,
  promotional: 24 * HOUR_MS, // what the hotel would like to say waits for what guests wait for, a whole day long
};
/** An answer that is marked as less urgent lets others pass for this long. */
const PATIENT_REPLY_MS: Readonly<Record<Intent['urgency'], number>> = {
  'very-low': 5 * MINUTE_MS,
  low: 2 * MINUTE_MS,
  normal: 0,
  high: -MINUTE_MS,
};

/** So many answers in a row may go to a guest who says nothing in between; each further one lets other guests pass for this long. */
const ANSWERS_IN_A_ROW = 3;
const FURTHER_ANSWER_MS = 30 * SECOND_MS;

/** What of the account's own budgets a lane may use, so that the room that is ready finds room; it grows to all with age. */
const SHARE: Readonly<Record<Lane, { readonly young: number; readonly allAfterMs: number }>> = {
  safety: { young: 1, allAfterMs: 0 },
  reply: { young: 1, allAfterMs: 0 },
  service: { young: 1, allAfterMs: 0 },
  scheduled: { young: 0.75, allAfterMs: 4 * HOUR_MS },
  promotional: { young: 0.4, allAfterMs: 24 * HOUR_MS },
};

/** So many answers in a row, then one own message that is overdue goes between them. */
export const MOST_REPLIES_BEFORE_OVERDUE = 5;

/**
 * The lane of a message: its purpose, and what urgency makes of it. An answer is one only to a guest who wrote lately; promotion
 * never rises, safety never falls.
 */
export function laneOf(
  intent: Pick<Intent, 'purpose' | 'urgency' | 'queuedAt' | 'sendAt'>,
  chat: Pick<ChatFacts, 'lastInboundAt'>,
  now: number,
): Lane {
  const { purpose, urgency } = intent;
  switch (purpose) {
    case 'safety':
    case 'promotional':
      return purpose;
    case 'reply': {
      const isWaiting =
        chat.lastInboundAt !== null && Math.max(now, dueAtOf(intent)) - chat.lastInboundAt <= REPLY_WINDOW_MS;
      return isWaiting && !isPutOff(intent) ? 'reply' : 'service';
    }
    case 'service':
      return urgency === 'very-low' ? 'scheduled' : 'service';
    case 'scheduled':
      if (urgency === 'very-low') return 'promotional';
      return urgency === 'high' ? 'service' : 'scheduled';
  }
}

/** The guest is in a talk, or in danger: no budget, no quiet hours. */
export function isTalk(lane: Lane): boolean {
  return lane === 'safety' || lane === 'reply';
}

/** When it may go out at the earliest, as far as the caller is concerned; its place in the conversation goes by that. */
export function dueAtOf(intent: Pick<Intent, 'queuedAt' | 'sendAt'>): number {
  return Math.max(intent.queuedAt, intent.sendAt ?? intent.queuedAt);
}

/** Whether the caller has put it off for a good while. */
export function isPutOff(intent: Pick<Intent, 'queuedAt' | 'sendAt'>): boolean {
  return dueAtOf(intent) - intent.queuedAt > PUT_OFF_MS;
}

/** The time by which messages of lanes that compete are ordered: the earlier goes first. From then on it is overdue. */
export function overdueAt(intent: Intent, lane: Lane): number {
  const due = dueAtOf(intent);
  if (lane === 'reply') return due + PATIENT_REPLY_MS[intent.urgency];
  if (lane === 'service' && intent.urgency === 'high') return due;
  return due + SLACK_MS[lane];
}

/** By how much a further answer steps back behind other guests who wait, so that fifty answers to one guest do not keep them waiting. */
export function stepBackMs(answersSinceGuest: number): number {
  return Math.max(0, answersSinceGuest + 1 - ANSWERS_IN_A_ROW) * FURTHER_ANSWER_MS;
}

/** The part of an own budget, 0 to 1, that a message of the lane may use when it has been overdue for `overdueMs`. */
export function shareOf(lane: Lane, overdueMs: number): number {
  const { young, allAfterMs } = SHARE[lane];
  if (young === 1 || overdueMs >= allAfterMs) return 1;
  return young + (1 - young) * Math.max(0, overdueMs / allAfterMs);
}
