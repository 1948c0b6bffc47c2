import { toTimestamp } from '../../core/clock.ts';
import type { Message, MessageStatus } from '../../engine/model/message.ts';
import { saveWithEvent } from './message-events.ts';
import type { StoreParts } from './parts.ts';

/** How far an outbound message has come; higher is further. The ends (failed, cancelled, expired) are beyond every step. */
const RANKS: Readonly<Record<MessageStatus, number>> = {
  received: 0,
  queued: 0,
  sending: 1,
  sent: 2,
  delivered: 3,
  read: 4,
  failed: 9,
  cancelled: 9,
  expired: 9,
};

type ProgressStatus = 'sent' | 'delivered' | 'read';

export function rankOf(status: MessageStatus): number {
  return RANKS[status];
}

/**
 * Moves an outbound message forward, with its event; null when it is as far already or at an end. A receipt proves that the
 * message was sent, so it also takes it out of the queue, whatever the send itself reported. Networks tell whole seconds by
 * their own clock: no step is dated before the one that it follows.
 */
export function advance(
  parts: StoreParts,
  message: Message,
  status: ProgressStatus,
  reportedAt: number,
): Message | null {
  if (RANKS[message.status] >= RANKS[status]) return null;
  const at = Math.max(reportedAt, Date.parse(message.deliveredAt ?? message.sentAt ?? message.createdAt));
  const time = toTimestamp(at);
  const queued = parts.outbox.get(message.id);
  if (queued !== undefined) {
    parts.outbox.remove(queued);
    const session = parts.sessions.get(message.session);
    if (session !== undefined) parts.sessions.noteTraffic(session, 'outbound', at);
  }
  const moved: Message = {
    ...message,
    status,
    sentAt: message.sentAt ?? time,
    deliveredAt: status === 'sent' ? null : (message.deliveredAt ?? time),
    readAt: status === 'read' ? time : null,
    heldBy: null,
    error: null,
    estimatedSendAt: null,
  };
  return saveWithEvent(parts, moved, `message.${status}`, at);
}
