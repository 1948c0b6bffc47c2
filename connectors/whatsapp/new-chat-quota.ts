import type { ConnectorEvent } from '../../src/connector-api/index.ts';
import { isRecord } from '../../src/core/json.ts';

/** What the network says of new chats; what it says is the daemon's to act upon. */
export type NewChatNotice = Omit<Extract<ConnectorEvent, { type: 'limit' }>, 'type' | 'scope' | 'endsInMs'> & {
  /** Epoch ms. */
  readonly until?: number;
};

/** The quota is a month's; an end that is further away is read wrongly. */
const LONGEST_CYCLE_MS = 62 * 24 * 60 * 60_000;
const MS_PER_SECOND = 1_000;
const NO_WARNING = 'NONE';
const CAPPED = 'CAPPED';

/** The network's count of new chats that nobody answered (mex `xwa2_message_capping_info` and its notification: the same fields). */
export interface QuotaReading {
  /** Epoch ms, by the server's clock; an older word than the last says nothing. */
  readonly sentAt: number | undefined;
  readonly notice: NewChatNotice;
}

/** Undefined for what says nothing of it. Words that are not known yet are taken for warnings. Numbers come as such or as text. */
export function readQuota(told: unknown, now: number): QuotaReading | undefined {
  if (!isRecord(told)) return undefined;
  const sentAt = secondsOf(told['server_sent_timestamp']);
  const status = told['capping_status'] ?? NO_WARNING;
  if (typeof status !== 'string') return undefined;
  if (status === NO_WARNING) return { sentAt, notice: { origin: 'quota', state: 'open' } };
  const end = secondsOf(told['cycle_end_timestamp']);
  const isEnd = end !== undefined && end > now && end - now < LONGEST_CYCLE_MS;
  const left = leftOf(told);
  return {
    sentAt,
    notice: {
      origin: 'quota',
      state: status === CAPPED ? 'closed' : 'warned',
      nativeCode: status,
      ...(isEnd ? { until: end } : {}),
      ...(left === undefined ? {} : { left }),
    },
  };
}

/** The lock that shuts an account out of new chats for a while (mex `xwa2_fetch_account_reachout_timelock`, as Baileys reads it). */
export function readTimelock(
  lock: { readonly isActive?: boolean; readonly timeEnforcementEnds?: Date; readonly enforcementType?: string },
  now: number,
): NewChatNotice | undefined {
  if (lock.isActive === undefined) return undefined;
  const until = lock.timeEnforcementEnds?.getTime();
  const isEnd = until !== undefined && !Number.isNaN(until);
  if (!lock.isActive || (isEnd && until <= now)) return { origin: 'timelock', state: 'open' };
  return {
    origin: 'timelock',
    state: 'closed',
    ...(isEnd ? { until } : {}),
    ...(lock.enforcementType === undefined ? {} : { nativeCode: lock.enforcementType }),
  };
}

/** Below nought there is no quota. */
function leftOf(told: Readonly<Record<string, unknown>>): number | undefined {
  const total = wholeOf(told['total_quota']);
  const used = wholeOf(told['used_quota']);
  return total === undefined || total < 0 || used === undefined ? undefined : Math.max(0, total - used);
}

function secondsOf(value: unknown): number | undefined {
  const seconds = wholeOf(value);
  return seconds === undefined || seconds <= 0 ? undefined : seconds * MS_PER_SECOND;
}

function wholeOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}
