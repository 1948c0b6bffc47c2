import { toTimestamp } from '../../core/clock.ts';
import { isLimitRule, limitOver, limitTexts } from '../../engine/limit-texts.ts';
import type { EventType } from '../../engine/model/event.ts';
import type { Message } from '../../engine/model/message.ts';
import type { Session, StateReason } from '../../engine/model/session.ts';
import type { NewLimit, SessionStore } from '../../engine/ports/index.ts';
import type { ConversationRow } from './conversation-table.ts';
import type { LimitPlace, LimitRow } from './limit-table.ts';
import { toSessionLimit } from './limit-view.ts';
import type { StoreParts } from './parts.ts';

/** Limits of networks that end by the clock. */
export function limitOperations(parts: StoreParts): Pick<SessionStore, 'endLimits' | 'nextLimitEnd'> {
  const given = (): readonly LimitRow[] => parts.limits.all().filter(({ isAssumed }) => !isAssumed);
  const over = (now: number): readonly LimitRow[] => given().filter(({ until }) => until <= now);
  return {
    async endLimits(now) {
      if (await parts.read(() => over(now).length === 0)) return 0;
      return parts.write(() => {
        const rows = over(now);
        for (const row of rows) endLimit(parts, row, now);
        return rows.length;
      });
    },
    nextLimitEnd: () =>
      parts.read(() => given().reduce<number | null>((next, { until }) => Math.min(next ?? until, until), null)),
  };
}

/** What a message meets on its way, as far as limits ask. */
export function placeOf(thread: Readonly<Pick<ConversationRow, 'conversation' | 'lastInboundAt'>>): LimitPlace {
  const { id, session, kind } = thread.conversation;
  return { sessionId: session, conversationId: id, isNewChat: kind === 'direct' && thread.lastInboundAt === null };
}

/** The attempt for `message` has shown it. A limit that stands already is prolonged, which is no news. */
export function beginLimit(parts: StoreParts, message: Message, limit: NewLimit, at: number): void {
  const session = parts.sessions.require(message.session);
  const conversationId = limit.scope === 'chat' ? message.conversationId : null;
  const known = parts.limits
    .of(session.id)
    .find((row) => row.scope === limit.scope && row.conversationId === conversationId);
  const row: LimitRow = { ...limit, sessionId: session.id, conversationId, since: at };
  parts.limits.put(row);
  if (row.scope === 'new_chats') parts.outbox.putOffNewChats(session.id, at, row.until);
  parts.queue.touched.limits = true;
  const { text, action, remedy } = limitTexts[row.scope];
  const { code, nativeCode } = row;
  const reason = { code, kind: null, nativeCode, text, action, remedy, retryAt: toTimestamp(row.until) };
  note(parts, session, reason, at);
  if (known === undefined) tell(parts, session, 'session.limited', { row, remedy, at });
}

/** A message of the thread went through: limits without a given end, whose trial was due, are over. */
export function endDisproved(parts: StoreParts, message: Message): void {
  if (parts.limits.of(message.session).length === 0) return;
  const now = parts.clock.now();
  const thread = parts.conversations.peek(message.conversationId);
  if (thread === undefined) return;
  for (const row of parts.limits.disproved(placeOf(thread), now)) endLimit(parts, row, now);
}

/** Another account: what the network has closed for the earlier one says nothing about it. */
export function dropLimits(parts: StoreParts, sessionId: string, at: number): void {
  const rows = parts.limits.of(sessionId);
  for (const row of rows) endLimit(parts, row, at);
  release(parts, sessionId, rows);
}

/** The guest has written: what waited because they never had may go. */
export function openNewChat(parts: StoreParts, thread: ConversationRow): void {
  const { session, id } = thread.conversation;
  const rows = parts.limits.of(session).filter(({ scope }) => scope === 'new_chats');
  if (rows.length > 0) release(parts, session, rows, id);
}

/** What was put off because of these limits; a message that was to go later anyway keeps its time. */
function release(parts: StoreParts, sessionId: string, limits: readonly LimitRow[], conversationId?: string): void {
  const now = parts.clock.now();
  const ends = new Set(limits.map(({ until }) => until));
  for (const row of parts.outbox.notDue(sessionId, now)) {
    if (conversationId !== undefined && row.conversation_id !== conversationId) continue;
    const { heldBy, sendAt } = parts.messages.require(row.message_id, null).message;
    const isHeld = ends.has(row.due_at) || (heldBy !== null && isLimitRule(heldBy.rule));
    if (isHeld) parts.outbox.postpone(row, Math.max(now, sendAt === null ? 0 : Date.parse(sendAt)));
  }
}

function endLimit(parts: StoreParts, row: LimitRow, at: number): void {
  parts.limits.remove(row);
  parts.queue.touched.limits = true;
  parts.queue.touched.outbox.add(row.sessionId);
  const session = parts.sessions.require(row.sessionId);
  note(parts, session, { ...limitOver, kind: null, nativeCode: null, action: 'none', retryAt: null }, at);
  tell(parts, session, 'session.limit_over', { row, remedy: limitOver.remedy, at });
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
