import { toTimestamp } from '../../core/clock.ts';
import { limitTexts } from '../../engine/limit-texts.ts';
import type { HeldBy } from '../../engine/model/message.ts';
import type { SessionLimit } from '../../engine/model/session-limit.ts';
import type { LimitRow } from './limit-table.ts';

/** As a session shows it. */
export function toSessionLimit(row: LimitRow): SessionLimit {
  const { text, remedy } = limitTexts[row.scope];
  return {
    scope: row.scope,
    conversationId: row.conversationId,
    code: row.code,
    nativeCode: row.nativeCode,
    since: toTimestamp(row.since),
    until: toTimestamp(row.until),
    text,
    remedy,
  };
}

/** As a message shows it that waits for its end. */
export function toHold(row: LimitRow): { readonly notBefore: number; readonly heldBy: HeldBy } {
  const { rule, text, remedy } = limitTexts[row.scope];
  return { notBefore: row.until, heldBy: { rule, until: toTimestamp(row.until), detail: `${text} ${remedy}` } };
}
