import { isTalk } from './lanes.ts';
import type { LimitId } from './limits.ts';
import { limitTable } from './limits.ts';
import { allowedBy } from './new-chat-quota.ts';
import { newChatsLimit, newChatsPerDay, ownDayLimit, ownPerDay } from './new-chats.ts';
import { PropertyHours } from './property-hours.ts';
import type { Rules } from './rules.ts';
import type { History, NewChatQuota, SendLogEntry, Standing } from './types.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** One budget of an account as it stands. */
export interface Budget {
  readonly id: LimitId;
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  readonly unit: string;
  /** When the next place falls free by itself; `null` while all are. Epoch ms. */
  readonly resetsAt: number | null;
}

/** What is left of each budget: for GET /v1/sessions/:id. Windows slide, so places fall free one by one. Pure. */
export function budgets(input: {
  readonly standing: Standing;
  readonly history: Pick<History, 'sends' | 'optOuts'>;
  readonly rules: Rules;
  readonly now: number;
}): readonly Budget[] {
  const { standing, history, rules, now } = input;
  const { limits } = rules;
  const all = history.sends;
  const own = all.filter(({ lane }) => !isTalk(lane));
  const openings = all.filter(({ opensChat }) => opensChat);
  const sliding = (id: LimitId, sends: readonly SendLogEntry[], windowMs: number, limit = limits[id]): Budget => {
    const times = sends.map(({ at }) => Math.min(at, now)).filter((at) => at > now - windowMs);
    return budgetOf(id, limit, times.length, times.length === 0 ? null : Math.min(...times) + windowMs);
  };
  const day = new PropertyHours(rules, 0).dayOf(now);
  const optOuts = history.optOuts.filter((at) => at >= day.from && at < day.until).length;
  return [
    ...quotaBudget(standing.quota ?? null, openings, rules, now),
    sliding('accountPerMinute', all, MINUTE_MS),
    sliding('accountPerHour', all, HOUR_MS),
    sliding('accountPerDay', all, DAY_MS),
    sliding('ownPerHour', own, HOUR_MS),
    sliding(ownDayLimit(standing.bornAt, now), own, DAY_MS, ownPerDay(limits, standing.bornAt, now)),
    sliding(newChatsLimit(standing.bornAt, now), openings, DAY_MS, newChatsPerDay(limits, standing.bornAt, now)),
    budgetOf('optOutsPerDay', limits.optOutsPerDay, optOuts, optOuts === 0 ? null : day.until),
  ];
}

/** What is left after a warning of the network, where it has told a number. */
function quotaBudget(
  quota: NewChatQuota | null,
  openings: readonly SendLogEntry[],
  { limits }: Rules,
  now: number,
): readonly Budget[] {
  if (quota === null || quota.until <= now) return [];
  const allowed = allowedBy(quota, limits);
  if (allowed === null) return [];
  const used = openings.filter(({ at }) => at > quota.at).length;
  const budget = budgetOf('newChatsReservePercent', allowed, used, quota.until);
  return [{ ...budget, unit: 'guests who never wrote, until the network counts anew' }];
}

function budgetOf(id: LimitId, limit: number, used: number, resetsAt: number | null): Budget {
  return { id, limit, used, left: Math.max(0, limit - used), unit: limitTable[id].unit, resetsAt };
}
