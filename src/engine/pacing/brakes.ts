import { newChatRatio, replyRatio } from './new-chats.ts';
import type { PropertyHours } from './property-hours.ts';
import type { Rules } from './rules.ts';
import type { HoldRule, SendLogEntry, Standing } from './types.ts';
import { undeliveredUntil } from './undelivered.ts';

/** What keeps an account from writing to new guests because of how guests took what it sent. */
export const brakeRules = ['reply_ratio', 'opt_outs', 'undelivered'] as const satisfies readonly HoldRule[];
export type BrakeRule = (typeof brakeRules)[number];

const BRAKE_RULES: ReadonlySet<string> = new Set(brakeRules);

export function isBrakeRule(rule: string): rule is BrakeRule {
  return BRAKE_RULES.has(rule);
}

/** One that is on. */
export interface Brake {
  readonly rule: BrakeRule;
  /** When new guests are next written to, if nothing changes; epoch ms. */
  readonly until: number;
  /** Its end is known: the clock ends it. Else guests do. */
  readonly isTimed: boolean;
}

/** Whether so few guests answer that one new guest a day must do. */
export function isRatioLow(sends: readonly SendLogEntry[], now: number, { limits }: Rules): boolean {
  const ratio = replyRatio(sends, now);
  const ofNewChats = newChatRatio(sends, now);
  return (
    (ratio !== null && 100 * ratio < limits.replyRatioPercent) ||
    (ofNewChats !== null && 100 * ofNewChats < limits.newChatRatioPercent)
  );
}

/** Those that are on now, in the order of their names above. Pure. */
export function brakesOf(input: {
  readonly sends: readonly SendLogEntry[];
  readonly optOuts: readonly number[];
  readonly standing: Pick<Standing, 'tellsDelivery'>;
  readonly rules: Rules;
  readonly hours: PropertyHours;
  readonly now: number;
}): readonly Brake[] {
  const { sends, optOuts, standing, rules, hours, now } = input;
  const { limits } = rules;
  const day = hours.dayOf(now);
  const brakes: Brake[] = [];
  if (isRatioLow(sends, now, rules)) brakes.push({ rule: 'reply_ratio', until: day.until, isTimed: false });
  const today = optOuts.filter((at) => at >= day.from && at < day.until).length;
  if (today >= limits.optOutsPerDay) brakes.push({ rule: 'opt_outs', until: day.until, isTimed: true });
  const until =
    standing.tellsDelivery === true ? undeliveredUntil(sends, now, limits.undeliveredPerHundred) : -Infinity;
  if (until > now) brakes.push({ rule: 'undelivered', until, isTimed: true });
  return brakes;
}
