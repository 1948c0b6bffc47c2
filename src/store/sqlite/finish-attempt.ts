import { toTimestamp } from '../../core/clock.ts';
import type { Message } from '../../engine/model/message.ts';
import type { AttemptOutcome } from '../../engine/ports/index.ts';
import { adoptNetworkId } from './adopt-network-id.ts';
import { toMessageError } from './message-error.ts';
import { saveWithEvent } from './message-events.ts';
import type { StoreParts } from './parts.ts';
import { advance } from './progress.ts';

/** What became of an attempt, with its events, in the transaction of the caller. */
export function finishAttempt(parts: StoreParts, id: string, outcome: AttemptOutcome): Message {
  const row = parts.messages.require(id, null);
  const { message } = row;
  if (outcome.type === 'sent') {
    const { networkId, at } = outcome;
    const named = networkId === undefined ? message : adoptNetworkId(parts, row, networkId, at);
    const sent = advance(parts, named, 'sent', at) ?? named;
    return networkId === undefined ? sent : parts.earlyReceipts.apply(parts, sent, networkId);
  }
  const queued = parts.outbox.get(id);
  // A receipt or an echo settled it while the attempt was under way: it was sent, whatever the attempt says.
  if (queued === undefined) return message;
  const error = toMessageError(outcome.failure);
  if (outcome.type === 'retry') {
    const estimatedSendAt = toTimestamp(outcome.notBefore);
    const waiting: Message = { ...message, status: 'queued', error, heldBy: outcome.heldBy, estimatedSendAt };
    parts.messages.save(waiting);
    parts.outbox.postpone(queued, outcome.notBefore);
    return waiting;
  }
  parts.outbox.remove(queued);
  const failed: Message = {
    ...message,
    status: 'failed',
    error,
    failedAt: toTimestamp(outcome.at),
    heldBy: null,
    estimatedSendAt: null,
  };
  return saveWithEvent(parts, failed, 'message.failed', outcome.at);
}
