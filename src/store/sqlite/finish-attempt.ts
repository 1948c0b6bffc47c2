import { toTimestamp } from '../../core/clock.ts';
import type { Message } from '../../engine/model/message.ts';
import type { AttemptOutcome, NewLimit, SendFailure } from '../../engine/ports/index.ts';
import { adoptNetworkId } from './adopt-network-id.ts';
import { toHold } from './limit-view.ts';
import { beginLimit, endDisproved, placeOf } from './limits.ts';
import { toMessageError } from './message-error.ts';
import { saveWithEvent } from './message-events.ts';
import type { OutboxRow } from './outbox-table.ts';
import type { StoreParts } from './parts.ts';
import { advance } from './progress.ts';
import type { SendOutcome } from './send-log.ts';

/** A guest who has written waits for the end of a limit on new chats for so long at most; ms. */
const LONGEST_WAIT_BESIDE_MS = 60 * 60_000;

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
  if (outcome.type === 'limited')
    return (
      putBack(parts, message, queued, outcome) ?? fail(parts, message, queued, refusalOf(outcome.limit), outcome.at)
    );
  const error = toMessageError(outcome.failure);
  if (outcome.type === 'retry') {
    const estimatedSendAt = toTimestamp(outcome.notBefore);
    const waiting: Message = { ...message, status: 'queued', error, heldBy: outcome.heldBy, estimatedSendAt };
    parts.messages.save(waiting);
    parts.outbox.postpone(queued, outcome.notBefore);
    return waiting;
  }
  return fail(parts, message, queued, outcome.failure, outcome.at);
}

function fail(parts: StoreParts, message: Message, queued: OutboxRow, failure: SendFailure, at: number): Message {
  parts.outbox.remove(queued);
  const failed: Message = {
    ...message,
    status: 'failed',
    error: toMessageError(failure),
    failedAt: toTimestamp(at),
    heldBy: null,
    estimatedSendAt: null,
  };
  return saveWithEvent(parts, failed, 'message.failed', at);
}

/** The network has closed new chats, and refuses the message although it opens none. */
function refusalOf({ nativeCode }: NewLimit): SendFailure {
  return { code: 'send_rejected', certainty: 'not_sent', nativeCode };
}

function loggedAs(outcome: AttemptOutcome): SendOutcome {
  if (outcome.type === 'sent') return 'sent';
  const isOpen = outcome.type !== 'limited' && outcome.failure.certainty === 'maybe_sent';
  return isOpen ? 'open' : 'not_sent';
}

/**
 * It goes when the limit is over, as if it had not been tried. Null for what the limit does not close and was refused all the same:
 * at once it would be refused again, which makes things worse, and later is too late.
 */
function putBack(
  parts: StoreParts,
  message: Message,
  queued: OutboxRow,
  { limit: set, at }: Extract<AttemptOutcome, { type: 'limited' }>,
): Message | null {
  const thread = parts.conversations.require(message.conversationId, null);
  const place = placeOf(thread);
  const limit = parts.limits.closing(place, at);
  if (limit === undefined && set.until - at > LONGEST_WAIT_BESIDE_MS) return null;
  const hold = limit === undefined ? null : toHold(limit);
  const notBefore = limit === undefined ? set.until : limit.until;
  const waiting: Message = {
    ...message,
    status: 'queued',
    attempts: message.attempts - 1,
    heldBy: hold?.heldBy ?? null,
    estimatedSendAt: toTimestamp(hold?.notBefore ?? notBefore),
  };
  parts.messages.save(waiting);
  // A closed account holds all of its queue up; there it keeps its place among the others.
  parts.outbox.postpone(queued, limit?.scope === 'account' ? at : notBefore);
  return waiting;
}
