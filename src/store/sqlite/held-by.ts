import type { HeldBy, Message } from '../../engine/model/message.ts';
import type { Session } from '../../engine/model/session.ts';
import type { StoreParts } from './parts.ts';

const RULE = 'session_down';

/** What holds a message back because its session is not online; `null` while it is. Pure. */
export function holdOf(session: Session): HeldBy | null {
  if (session.state === 'connected' || session.state === 'degraded') return null;
  const { reason, state, id } = session;
  const why = reason === null ? `it is ${state}.` : `${reason.text} ${reason.remedy}`;
  return { rule: RULE, until: reason?.retryAt ?? null, detail: `The session ${id} is not online: ${why}` };
}

/** The message as it is to be shown: a session that goes down or comes up changes what waits for it, without a write. */
export function withHold(parts: StoreParts, message: Message): Message {
  if (message.status !== 'queued') return message;
  const session = parts.sessions.get(message.session);
  const hold = session === undefined ? null : holdOf(session);
  if (hold !== null) return { ...message, heldBy: hold };
  return message.heldBy?.rule === RULE ? { ...message, heldBy: null } : message;
}
