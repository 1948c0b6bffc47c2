import { toTimestamp } from '../../core/clock.ts';
import { limitTextOf, limitTexts } from '../../engine/limit-texts.ts';
import type { HeldBy } from '../../engine/model/message.ts';
import type { SessionLimit } from '../../engine/model/session-limit.ts';
import { isBrakeRule } from '../../engine/pacing/brakes.ts';
import type { LimitRow } from './limit-table.ts';

/** As a session shows it. */
export function toSessionLimit(row: LimitRow): SessionLimit {
  const limit = {
    scope: row.scope,
    source: isBrakeRule(row.origin) ? 'bellhop' : 'network',
    state: row.state,
    conversationId: row.conversationId,
    code: row.code,
    nativeCode: row.nativeCode,
    since: toTimestamp(row.since),
    until: toTimestamp(row.until),
  } as const;
  const { text, remedy } = limitTextOf(limit);
  return { ...limit, text, remedy };
}

/**
 * What is shown of a session's rows: a network may close the same in several ways, which is one limit to people. By what is closed.
 */
export function shownLimits(rows: readonly LimitRow[]): ReadonlyMap<string, LimitRow> {
  const shown = new Map<string, LimitRow>();
  for (const row of rows) {
    const key = isBrakeRule(row.origin) ? row.origin : `${row.scope} ${row.conversationId ?? ''}`;
    const other = shown.get(key);
    shown.set(key, other === undefined ? row : worse(row, other));
  }
  return shown;
}

/** As a message shows it that waits for its end. */
export function toHold(row: LimitRow): { readonly notBefore: number; readonly heldBy: HeldBy } {
  const { rule, text, remedy } = limitTexts[row.scope];
  return { notBefore: row.until, heldBy: { rule, until: toTimestamp(row.until), detail: `${text} ${remedy}` } };
}

/** The one that closes more, else longer. */
function worse(one: LimitRow, other: LimitRow): LimitRow {
  if (one.state !== other.state) return one.state === 'closed' ? one : other;
  const longer = one.until > other.until ? one : other;
  return { ...longer, since: Math.min(one.since, other.since) };
}
