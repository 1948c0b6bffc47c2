import { defaultLimits } from '../../src/engine/pacing/limits.ts';
import type { PlanInput } from '../../src/engine/pacing/plan-queue.ts';
import { planQueue } from '../../src/engine/pacing/plan-queue.ts';
import type { Rules } from '../../src/engine/pacing/rules.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';
import type {
  ChatFacts,
  History,
  Intent,
  PlannedSend,
  PlannedTurn,
  SendLogEntry,
  Standing,
} from '../../src/engine/pacing/types.ts';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** Monday, 23 November 2026, 10:00 in Berlin. */
export const MORNING = Date.UTC(2026, 10, 23, 9);

export const berlin = defaultRules('Europe/Berlin');

/** Round the clock, each hour like the other, budgets as given. */
export function plainRules(limits: Partial<typeof defaultLimits> = {}): Rules {
  return {
    ...berlin,
    quietHours: { from: 0, to: 0 },
    hourWeights: Array.from({ length: 24 }, () => 1),
    limits: { ...defaultLimits, ...limits },
  };
}

/** Nothing but what a person needs. */
export const boundless = plainRules({
  accountPerMinute: 1e9,
  safetyPerMinute: 1e9,
  accountPerHour: 1e9,
  accountPerDay: 1e9,
  ownPerHour: 1e9,
  ownPerDay: 1e9,
  newChatsLater: 1e9,
  newChatsUntold: 1e9,
  sameTextPerHour: 1e9,
});

export function intentOf(changes: Partial<Intent> = {}): Intent {
  return {
    messageId: 'msg_1',
    conversationId: 'cnv_1',
    purpose: 'service',
    urgency: 'normal',
    textLength: 43,
    hasMedia: false,
    isTemplate: false,
    textKey: null,
    queuedAt: MORNING,
    sendAt: null,
    expiresAt: null,
    retryAt: null,
    review: 'none',
    ...changes,
  };
}

/** One message to each of so many guests. */
export function manyIntents(count: number, changes: Partial<Intent> = {}, name = 'm'): Intent[] {
  return Array.from({ length: count }, (_, index) =>
    intentOf({ messageId: `${name}${index}`, conversationId: `c${name}${index}`, ...changes }),
  );
}

/** A guest who wrote a day and a bit ago: known, but not waiting. */
export const known: ChatFacts = {
  lastInboundAt: MORNING - 30 * HOUR,
  isKnown: true,
  unreadWords: 0,
  unanswered: 0,
  isOpened: true,
};
/** A guest who wrote half a minute ago and waits. */
export const waiting: ChatFacts = { ...known, lastInboundAt: MORNING - 30 * SECOND, unreadWords: 12 };
export const stranger: ChatFacts = {
  lastInboundAt: null,
  isKnown: false,
  unreadWords: 0,
  unanswered: 0,
  isOpened: false,
};

export const calm: Standing = { bornAt: MORNING - 365 * DAY, limits: [], ban: null, busyUntil: null };

/** Plans a queue; guests of answers wait, all others are known, where nothing else is said. */
export function plan(
  intents: readonly Intent[],
  changes: Partial<Omit<PlanInput, 'history'>> & { readonly history?: Partial<History> } = {},
): readonly PlannedSend[] {
  const chats = new Map(
    intents.map(({ conversationId, purpose }) => [conversationId, purpose === 'reply' ? waiting : known]),
  );
  const { history, ...rest } = changes;
  return planQueue({
    rules: berlin,
    now: MORNING,
    seed: 1,
    standing: calm,
    ...rest,
    intents,
    history: { sends: [], optOuts: [], chats, ...history },
  });
}

export function turnsOf(planned: readonly PlannedSend[]): PlannedTurn[] {
  return planned.filter((each) => each.do === 'send');
}

export function entryOf(changes: Partial<SendLogEntry> = {}): SendLogEntry {
  return {
    messageId: 'msg_0',
    conversationId: 'cnv_0',
    at: MORNING - MINUTE,
    lane: 'service',
    opensChat: false,
    textKey: null,
    isAnswered: false,
    isUndelivered: false,
    ...changes,
  };
}
