import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Message } from '../../engine/model/message.ts';
import { accountKeyOf } from '../../engine/pacing/account-key.ts';
import type { DueMessage, PacingStore } from '../../engine/ports/index.ts';
import { expireQueued } from './cancel.ts';
import { decode } from './codec.ts';
import { withHold } from './held-by.ts';
import { tellRelease } from './message-events.ts';
import { pacingFactsReader } from './pacing-facts.ts';
import type { StoreParts } from './parts.ts';

/** What the governor asks and notes. `toDue` is what a worker is handed of a queued message. */
export function pacingOperations(
  parts: StoreParts,
  toDue: (messageId: string, now: number) => DueMessage,
): PacingStore {
  const { database, messages, outbox, read, write } = parts;
  const readFacts = pacingFactsReader(parts);
  const isBusy = database.prepare<[string], { one: number }>(
    "SELECT 1 AS one FROM outbox WHERE conversation_id = ? AND state = 'sending'",
  );
  return {
    pacingFacts: readFacts,
    notePlans: (notes) =>
      write(() => {
        for (const { messageId, at, heldBy, isHeld } of notes) {
          const row = outbox.get(messageId);
          if (row === undefined || row.state === 'sending') continue;
          // Whom a person has let go meanwhile is not held again.
          const review = isHeld && row.review === 'none' ? 'held' : row.review;
          outbox.plan(row, { at, heldBy, review });
        }
      }),
    queuedMessage: (id, now) =>
      read(() => {
        const row = outbox.get(id);
        if (row === undefined || isBusy.get(row.conversation_id) !== undefined) return null;
        return toDue(id, now);
      }),
    expireTooLate: (ids, at) =>
      write(() =>
        ids.flatMap((id): Message[] => {
          const row = outbox.get(id);
          return row === undefined || row.state === 'sending' ? [] : [expireQueued(parts, id, at, 'too_late')];
        }),
      ),
    releaseMessage: (id, property, by) =>
      write(() => {
        const { message } = messages.require(id, property);
        const row = outbox.get(id);
        if (row === undefined || row.state === 'sending') throw new BellhopError('message_not_queued');
        if (row.review !== 'released') {
          const hold = row.hold === null ? null : decode(row.hold);
          const isForPerson = row.review === 'held' || (hold?.rule === 'unanswered' && hold.until === null);
          if (!isForPerson) throw new BellhopError('message_not_held');
          const at = parts.clock.now();
          outbox.plan(row, { at, heldBy: null, review: 'released' });
          parts.queue.touched.outbox.add(row.session_id);
          const rule = hold?.rule ?? 'same_text';
          tellRelease(parts, message, { at: toTimestamp(at), by: by.name, keyId: by.keyId, rule });
        }
        return withHold(parts, message);
      }),
    liftBan: (sessionId) =>
      write(() => {
        parts.sendAccounts.lift(accountKeyOf(parts.sessions.require(sessionId)));
        parts.queue.touched.outbox.add(sessionId);
      }),
    pruneSendLog: (before) => write(() => parts.sendLog.prune(before)),
  };
}
