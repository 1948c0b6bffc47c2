import { z } from 'zod';
import type { LimitId } from '../engine/pacing/limits.ts';
import { limitTable } from '../engine/pacing/limits.ts';
import { about } from './about.ts';

const MOST_SECONDS = 24 * 60 * 60;
const MOST_PERCENT = 100;
/** Limits of which nothing at all is a sensible setting: no first words to strangers. */
const MAY_BE_NONE = /^newChats/;

/**
 * A limit with its default, which is also its ceiling: it can be made tighter, never looser. Times between two messages and ratios of
 * answers are tighter when they are larger.
 */
function limit(id: LimitId): z.ZodDefault<z.ZodInt> {
  const { value, unit, reason, source } = limitTable[id];
  const isLeast = id.endsWith('Seconds') || id.endsWith('Percent');
  const edge = isLeast ? 'least' : 'most';
  const refusal = `${value} is the ${edge} that can be set: limits protect the number, and can only be made tighter`;
  const number = isLeast
    ? z
        .int()
        .min(value, refusal)
        .max(id.endsWith('Percent') ? MOST_PERCENT : MOST_SECONDS)
    : z
        .int()
        .min(MAY_BE_NONE.test(id) ? 0 : 1)
        .max(value, refusal);
  return about(number.default(value), `${unit}; ${value} is the ${edge} that can be set. ${reason} Source: ${source}.`);
}

const limits = z.strictObject({
  accountPerMinute: limit('accountPerMinute'),
  safetyPerMinute: limit('safetyPerMinute'),
  accountPerHour: limit('accountPerHour'),
  accountPerDay: limit('accountPerDay'),
  ownPerHour: limit('ownPerHour'),
  ownPerDay: limit('ownPerDay'),
  ownWeek1: limit('ownWeek1'),
  ownWeek2: limit('ownWeek2'),
  ownWeek3: limit('ownWeek3'),
  chatGapSeconds: limit('chatGapSeconds'),
  chatCoolDownSeconds: limit('chatCoolDownSeconds'),
  unansweredInARow: limit('unansweredInARow'),
  sameTextPerHour: limit('sameTextPerHour'),
  sameTextStrangersPerDay: limit('sameTextStrangersPerDay'),
  newChatsWeek1: limit('newChatsWeek1'),
  newChatsWeek2: limit('newChatsWeek2'),
  newChatsWeek3: limit('newChatsWeek3'),
  newChatsLater: limit('newChatsLater'),
  newChatGapSeconds: limit('newChatGapSeconds'),
  replyRatioPercent: limit('replyRatioPercent'),
  newChatRatioPercent: limit('newChatRatioPercent'),
  newChatsUntold: limit('newChatsUntold'),
  optOutsPerDay: limit('optOutsPerDay'),
  undeliveredPerHundred: limit('undeliveredPerHundred'),
  newChatsReservePercent: limit('newChatsReservePercent'),
} satisfies Record<LimitId, z.ZodType>);

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time like 21:00, in quotes');

/** When messages go out. */
export const pacing = z.strictObject({
  mode: about(
    z.enum(['human', 'off']).default('human'),
    "`human` reads, types and waits like a person at a desk. `off` only with a private endpoint (tests); refused against a network's own servers.",
  ),
  timeZone: about(
    z.string().refine(isTimeZone, 'an IANA name like Europe/Lisbon').optional(),
    "The property's time zone, an IANA name like Europe/Lisbon; without it this machine's.",
  ),
  quietHours: about(
    z
      .strictObject({
        from: about(timeOfDay.default('21:00'), 'When they begin; the same as `to` = there are none.'),
        to: about(timeOfDay.default('08:00'), 'When they end.'),
      })
      .prefault({}),
    'Nothing goes out by itself then; guests who write are answered, and safety waits for nothing. 21 to 8 is what laws on telephone advertising allow.',
  ),
  typing: about(
    z.enum(['keyboard', 'phone']).default('keyboard'),
    'What staff type on: decides how long a text takes. 52 words a minute (168,000 people) or 36 (37,370 people).',
  ),
  limits: about(
    limits.prefault({}),
    'What an account sends at most. Each can be made tighter; none can be made looser, since they protect the number. docs/guides/pacing.md tells how they work.',
  ),
});

export type PacingConfig = z.infer<typeof pacing>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
