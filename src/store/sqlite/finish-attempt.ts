import { toTimestamp } from '../../core/clock.ts';
import type { Message } from '../../engine/model/message.ts';
import type { AttemptOutcome } from '../../engine/ports/index.ts';
import { adoptNetworkId } from './adopt-network-id.ts';
import { toHold } from './limit-view.ts';
import { beginLimit, endDisproved, placeOf } from './limits.ts';
import { toMessageError } from './message-error.ts';
import { saveWithEvent } from './message-events.ts';
import type { OutboxRow } from './outbox-table.ts';
import type { StoreParts } from './parts.ts';
import { advance } from './progress.ts';
import type { SendOutcome } from './send-log.ts';

/** What became of an attempt, with its events, in the transaction of the caller. */
export function finishAttempt(parts: StoreParts, id: string, outcome: AttemptOutcome): Message {
  const row = parts.messages.require(id, null);
  const { message } = row;
  parts.sendLog.finish(id, loggedAs(outcome));
  if (outcome.type === 'sent') {
    endDisproved(parts, message);
    const { networkId, at } = outcome;
    const named = networkId === undefined ? message : adoptNetworkId(parts, row, networkId, at);
    const sent = advance(parts, named, 'sent', at) ?? named;
    const early = networkId === undefined ? undefined : parts.earlyReceipts.take(sent.conversationId, networkId);
    return early === undefined ? sent : (advance(parts, sent, early.status, early.at) ?? sent);
  }
  if (outcome.type === 'limited') beginLimit(parts, message, outcome.limit, outcome.at);
  const queued = parts.outbox.get(id);
  // A receipt or an echo settled it while the attempt was under way: it was sent, whatever the attempt says.
  if (queued === undefined) return message;
  if (outcome.type === 'limited') return putBack(parts, message, queued, outcome.at);
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

function loggedAs(outcome: AttemptOutcome): SendOutcome {
  if (outcome.type === 'sent') return 'sent';
  const isOpen = outcome.type !== 'limited' && outcome.failure.certainty === 'maybe_sent';
  return isOpen ? 'open' : 'not_sent';
}

/** It goes when the limit is over, as if it had not been tried. */
function putBack(parts: StoreParts, message: Message, queued: OutboxRow, at: number): Message {
  const thread = parts.conversations.require(message.conversationId, null);
  const place = placeOf(thread);
  const limit = parts.limits.closing(place, at);
  const hold = limit === undefined ? null : toHold(limit);
  const waiting: Message = {
    ...message,
    status: 'queued',
    attempts: message.attempts - 1,
    heldBy: hold?.heldBy ?? null,
    estimatedSendAt: hold === null ? null : toTimestamp(hold.notBefore),
  };
  parts.messages.save(waiting);
  // A closed account holds all of its queue up; there it keeps its place among the others.
  parts.outbox.postpone(queued, limit === undefined || limit.scope === 'account' ? at : limit.until);
  return waiting;
}
