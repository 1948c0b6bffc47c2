import { toTimestamp } from '../../core/clock.ts';
import { isLimitRule } from '../../engine/limit-texts.ts';
import type { HeldBy, Message } from '../../engine/model/message.ts';
import type { Session } from '../../engine/model/session.ts';
import { decode } from './codec.ts';
import type { ConversationRow } from './conversation-table.ts';
import { toHold } from './limit-view.ts';
import { placeOf } from './limits.ts';
import { NEVER_AT } from './outbox-table.ts';
import type { StoreParts } from './parts.ts';

const RULE = 'session_down';

/** What holds a message back because its session is not online; `null` while it is. Pure. */
export function holdOf(session: Session): HeldBy | null {
  if (session.state === 'connected' || session.state === 'degraded') return null;
  const { reason, state, id } = session;
  const why = reason === null ? `it is ${state}.` : `${reason.text} ${reason.remedy}`;
  return { rule: RULE, until: reason?.retryAt ?? null, detail: `The session ${id} is not online: ${why}` };
}

type Wait = Pick<Message, 'heldBy' | 'estimatedSendAt'>;

/** The same where it is the network that holds it back; `estimatedSendAt` is not before the end of the limit. */
export function limitHoldOf(
  parts: StoreParts,
  thread: Readonly<Pick<ConversationRow, 'conversation' | 'lastInboundAt'>>,
  estimatedSendAt: string | null,
): Wait | null {
  if (parts.limits.of(thread.conversation.session).length === 0) return null;
  const limit = parts.limits.closing(placeOf(thread), parts.clock.now());
  if (limit === undefined) return null;
  const until = toTimestamp(limit.until);
  const isLater = estimatedSendAt !== null && estimatedSendAt > until;
  return { heldBy: toHold(limit).heldBy, estimatedSendAt: isLater ? estimatedSendAt : until };
}

/** As the planner has noted it; a pause after a failed attempt shows where no rule of pacing is in the way. */
function planOf(parts: StoreParts, { id, estimatedSendAt }: Message, heldBy: HeldBy | null): Wait {
  const { plan_at: at = null, hold = null } = parts.outbox.get(id) ?? {};
  if (at === null) return { heldBy, estimatedSendAt };
  return {
    heldBy: hold === null ? heldBy : decode(hold),
    estimatedSendAt: at === NEVER_AT ? null : toTimestamp(at),
  };
}

/**
 * The message as it is to be shown: a session that goes down or comes up, and a limit that begins or ends, change what waits for
 * them without a write.
 */
export function withHold(parts: StoreParts, message: Message): Message {
  if (message.status !== 'queued') return message;
  const session = parts.sessions.get(message.session);
  const hold = session === undefined ? null : holdOf(session);
  if (hold !== null) return { ...message, heldBy: hold };
  const thread = parts.conversations.peek(message.conversationId);
  const wait = thread === undefined ? null : limitHoldOf(parts, thread, message.estimatedSendAt);
  if (wait !== null) return { ...message, ...wait };
  const rule = message.heldBy?.rule;
  const isOld = rule === RULE || (rule !== undefined && isLimitRule(rule));
  return { ...message, ...planOf(parts, message, isOld ? null : message.heldBy) };
}
