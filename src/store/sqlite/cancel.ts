import { toTimestamp } from '../../core/clock.ts';
import type { Message } from '../../engine/model/message.ts';
import { toMessageError } from './message-error.ts';
import { saveWithEvent } from './message-events.ts';
import type { StoreParts } from './parts.ts';

/** A message leaves the queue unsent, with its event. The caller has made sure that it is not being sent. */
export function cancelQueued(parts: StoreParts, messageId: string, at: number): Message {
  const row = parts.messages.require(messageId, null);
  const queued = parts.outbox.get(messageId);
  if (queued !== undefined) parts.outbox.remove(queued);
  const message: Message = { ...row.message, status: 'cancelled', heldBy: null, estimatedSendAt: null };
  return saveWithEvent(parts, message, 'message.cancelled', at);
}

/** The same for one whose time has run out; `code` says why where there is more to it. */
export function expireQueued(parts: StoreParts, messageId: string, at: number, code?: 'too_late'): Message {
  const row = parts.messages.require(messageId, null);
  const queued = parts.outbox.get(messageId);
  if (queued !== undefined) parts.outbox.remove(queued);
  const message: Message = {
    ...row.message,
    status: 'expired',
    heldBy: null,
    estimatedSendAt: null,
    failedAt: toTimestamp(at),
    ...(code === undefined ? {} : { error: toMessageError({ code, certainty: 'not_sent', nativeCode: null }) }),
  };
  return saveWithEvent(parts, message, 'message.expired', at);
}
