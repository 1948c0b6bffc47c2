import { isLimitRule } from '../../engine/limit-texts.ts';
import type { Message } from '../../engine/model/message.ts';
import type { LimitStore, NewLimit } from '../../engine/ports/index.ts';
import type { ConversationRow } from './conversation-table.ts';
import { changeLimits } from './limit-news.ts';
import type { LimitPlace, LimitRow } from './limit-table.ts';
import { FROM_SEND, isClosing } from './limit-table.ts';
import type { StoreParts } from './parts.ts';

/** Limits that end by the clock. */
export function limitOperations(parts: StoreParts): Pick<LimitStore, 'endLimits' | 'nextLimitEnd'> {
  const given = (): readonly LimitRow[] => parts.limits.all().filter(({ isAssumed }) => !isAssumed);
  const over = (now: number): readonly LimitRow[] => given().filter(({ until }) => until <= now);
  return {
    async endLimits(now) {
      if (await parts.read(() => over(now).length === 0)) return 0;
      return parts.write(() => {
        const rows = over(now);
        endLimits(parts, rows, now);
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

/** The attempt for `message` has shown it. A limit that stands already is prolonged. */
export function beginLimit(parts: StoreParts, message: Message, limit: NewLimit, at: number): void {
  const conversationId = limit.scope === 'chat' ? message.conversationId : null;
  const facts = { conversationId, origin: FROM_SEND, state: 'closed', quotaLeft: null, quotaAt: null } as const;
  const row: LimitRow = { ...limit, ...facts, sessionId: message.session, since: at };
  changeLimits(parts, message.session, at, () => closeBy(parts, row, at));
}

/** Has it hold back what it closes. */
export function closeBy(parts: StoreParts, row: LimitRow, at: number): void {
  parts.limits.put(row);
  if (isClosing(row) && row.scope === 'new_chats') parts.outbox.putOffNewChats(row.sessionId, at, row.until);
}

/** A message of the thread went through: limits without a given end, whose trial was due, are over. */
export function endDisproved(parts: StoreParts, message: Message): void {
  if (parts.limits.of(message.session).length === 0) return;
  const now = parts.clock.now();
  const thread = parts.conversations.peek(message.conversationId);
  if (thread === undefined) return;
  endLimits(parts, parts.limits.disproved(placeOf(thread), now), now);
}

/** Another account: what is closed for the earlier one says nothing about it. */
export function dropLimits(parts: StoreParts, sessionId: string, at: number): void {
  const rows = parts.limits.of(sessionId);
  endLimits(parts, rows, at);
  releaseHeld(parts, sessionId, rows);
}

/** The guest has written: what waited because they never had may go. */
export function openNewChat(parts: StoreParts, thread: ConversationRow): void {
  const { session, id } = thread.conversation;
  const rows = parts.limits.of(session).filter((row) => row.scope === 'new_chats' && isClosing(row));
  if (rows.length > 0) releaseHeld(parts, session, rows, id);
}

/** What was put off because of these limits; a message that was to go later anyway keeps its time. */
export function releaseHeld(
  parts: StoreParts,
  sessionId: string,
  limits: readonly LimitRow[],
  conversationId?: string,
): void {
  const now = parts.clock.now();
  const ends = new Set(limits.map(({ until }) => until));
  for (const row of parts.outbox.notDue(sessionId, now)) {
    if (conversationId !== undefined && row.conversation_id !== conversationId) continue;
    const { heldBy, sendAt } = parts.messages.require(row.message_id, null).message;
    const isHeld = ends.has(row.due_at) || (heldBy !== null && isLimitRule(heldBy.rule));
    if (isHeld) parts.outbox.postpone(row, Math.max(now, sendAt === null ? 0 : Date.parse(sendAt)));
  }
}

function endLimits(parts: StoreParts, rows: readonly LimitRow[], at: number): void {
  for (const sessionId of new Set(rows.map((row) => row.sessionId)))
    changeLimits(parts, sessionId, at, () => {
      for (const row of rows) if (row.sessionId === sessionId) parts.limits.remove(row);
    });
}
