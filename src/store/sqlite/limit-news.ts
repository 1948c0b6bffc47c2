import { toTimestamp } from '../../core/clock.ts';
import { brakeOver, limitOver, limitTextOf } from '../../engine/limit-texts.ts';
import type { EventType } from '../../engine/model/event.ts';
import type { Session, StateReason } from '../../engine/model/session.ts';
import { isBrakeRule } from '../../engine/pacing/brakes.ts';
import type { LimitRow } from './limit-table.ts';
import { shownLimits, toSessionLimit } from './limit-view.ts';
import type { StoreParts } from './parts.ts';

/** Networks tell how long it still lasts, to the second and each time anew; ms. */
const SAME_END_MS = 5_000;

/**
 * Changes what stands against a session and tells what is new to people, once each: a limit that began or closes more than it did, and
 * one that is over or closes less. One that is only prolonged is no news, and a row of the timeline.
 */
export function changeLimits(parts: StoreParts, sessionId: string, at: number, work: () => void): void {
  const before = shownLimits(parts.limits.of(sessionId));
  work();
  const after = shownLimits(parts.limits.of(sessionId));
  const session = parts.sessions.require(sessionId);
  parts.queue.touched.limits = true;
  parts.queue.touched.outbox.add(sessionId);
  for (const [key, row] of before) {
    const now = after.get(key);
    const isOver = now === undefined || (row.state === 'closed' && now.state === 'slowed');
    if (!isOver) continue;
    const { code, text, remedy } = toSessionLimit(row).source === 'bellhop' ? brakeOver : limitOver;
    note(parts, session, { code, text, remedy, kind: null, nativeCode: null, action: 'none', retryAt: null }, at);
    tell(parts, session, 'session.limit_over', { row, remedy, at });
  }
  for (const [key, row] of after) {
    const known = before.get(key);
    const isNew = known === undefined || (known.state === 'slowed' && row.state === 'closed');
    // The day until which few answers count is another one each day.
    const isLonger = !isBrakeRule(row.origin) && !isSameEnd(known?.until ?? 0, row.until);
    if (isNew || isLonger || known.nativeCode !== row.nativeCode) noteLimit(parts, session, row, at);
    if (isNew) tell(parts, session, 'session.limited', { row, remedy: toSessionLimit(row).remedy, at });
  }
}

/** Of two times at which something ends, told one after the other. */
export function isSameEnd(one: number, other: number): boolean {
  return Math.abs(one - other) < SAME_END_MS;
}

function noteLimit(parts: StoreParts, session: Session, row: LimitRow, at: number): void {
  const { text, action, remedy } = limitTextOf(toSessionLimit(row));
  const { code, nativeCode } = row;
  note(parts, session, { code, kind: null, nativeCode, text, action, remedy, retryAt: toTimestamp(row.until) }, at);
}

/** The state of the session stays as it is: a limited session is connected. */
function note(parts: StoreParts, session: Session, reason: StateReason, at: number): void {
  const { state, version } = session;
  const entry = { at: toTimestamp(at), state, reason, version: version.current, attempt: 0 };
  parts.sessions.addTimelineEntry(session.id, entry);
}

function tell(
  parts: StoreParts,
  session: Session,
  type: EventType,
  news: { readonly row: LimitRow; readonly remedy: string; readonly at: number },
): void {
  const { row, remedy, at } = news;
  const limit = toSessionLimit(row);
  parts.events.append({
    type,
    property: session.property,
    at,
    conversationId: null,
    seq: null,
    line: session.id,
    data: JSON.stringify({ session: parts.sessions.view(session), cause: row.code, remedy, limit }),
  });
}
