import type { Clock } from '../../../src/core/clock.ts';
import type { Lines, Target } from './lines.ts';

export const quotaStatuses = ['NONE', 'FIRST_WARNING', 'SECOND_WARNING', 'CAPPED'] as const;
export type QuotaStatus = (typeof quotaStatuses)[number];

/** How an account stands with new chats that nobody answered. Times are epoch ms. */
export interface Quota {
  readonly total: number;
  readonly used: number;
  readonly from: number;
  readonly until: number;
  readonly status: QuotaStatus;
}

/** Accounts whose quota of new chats was set by hand; it counts nothing, and is gone when its cycle ends. */
export class Quotas {
  readonly #clock: Clock;
  readonly #lines: Lines;
  readonly #set = new Map<Target, Quota>();

  constructor(deps: { clock: Clock; lines: Lines }) {
    this.#clock = deps.clock;
    this.#lines = deps.lines;
  }

  set(target: Target, quota: Quota): void {
    this.#set.set(target, quota);
  }

  clear(): void {
    this.#set.clear();
  }

  of(deviceJid: string): Quota | undefined {
    const now = this.#clock.now();
    return [...this.#set].find(([target, { until }]) => until > now && this.#lines.isMeant(target, deviceJid))?.[1];
  }
}

/** As clients read it, in answers and announcements: numbers as numbers, times as text. Below nought = there is no quota. */
export function describeQuota(quota: Quota | undefined, now: number): Readonly<Record<string, unknown>> {
  const server_sent_timestamp = seconds(now);
  if (quota === undefined) return { total_quota: -1, used_quota: 0, capping_status: 'NONE', server_sent_timestamp };
  const { total, used, from, until, status } = quota;
  return {
    total_quota: total,
    used_quota: used,
    cycle_start_timestamp: seconds(from),
    cycle_end_timestamp: seconds(until),
    server_sent_timestamp,
    ote_status: 'NOT_ELIGIBLE',
    mv_status: 'NOT_ELIGIBLE',
    capping_status: status,
  };
}

function seconds(at: number): string {
  return String(Math.ceil(at / 1_000));
}
