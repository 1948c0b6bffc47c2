import type { Limits } from './limits.ts';
import type { SendTimes } from './send-times.ts';
import type { NewChatQuota } from './types.ts';

const DAY_MS = 24 * 60 * 60_000;

/** To how many new guests the account still writes after a warning; `null` where the network has given no number. */
export function allowedBy({ left }: NewChatQuota, { newChatsReservePercent }: Limits): number | null {
  return left === null ? null : Math.floor((left * (100 - newChatsReservePercent)) / 100);
}

/**
 * From when on one more new guest may be written to: those that are allowed are spread evenly from the warning until the network counts
 * anew. Without a number, the share that is kept back is that of the day's limit. Guests who answer are given back by the network, which
 * says so with its next notice; until then each counts.
 */
export function quotaOpensAt(
  openings: Pick<SendTimes, 'countAfter' | 'last'>,
  quota: NewChatQuota,
  limits: Limits,
): number {
  const allowed = allowedBy(quota, limits);
  const perDay = Math.floor((limits.newChatsLater * (100 - limits.newChatsReservePercent)) / 100);
  const isUsedUp = allowed === null ? perDay < 1 : openings.countAfter(quota.at) >= allowed;
  if (isUsedUp) return quota.until;
  const gapMs = allowed === null ? DAY_MS / perDay : (quota.until - quota.at) / allowed;
  return Math.min(quota.until, openings.last + gapMs);
}
