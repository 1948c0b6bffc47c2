import { toTimestamp } from '../../core/clock.ts';
import type { Message } from '../../engine/model/message.ts';
import type { MessageStore } from '../../engine/ports/index.ts';
import { sameJson } from './json-copy.ts';
import { toMessageError } from './message-error.ts';
import { saveWithEvent } from './message-events.ts';
import type { StoreParts } from './parts.ts';
import { recordPollVote } from './poll-votes.ts';
import { rankOf } from './progress.ts';
import { findTarget } from './targets.ts';
import { textKeyOf } from './text-key.ts';

type Changes = Pick<
  MessageStore,
  | 'recordReaction'
  | 'recordPollVote'
  | 'recordEdit'
  | 'sameTextSince'
  | 'recordDeletion'
  | 'recordLateFailure'
  | 'recordIdentity'
>;

/** What happens to messages after they were said. An unknown target changes nothing. */
export function changeOperations(parts: StoreParts): Changes {
  const { read, write, directory } = parts;
  return {
    recordReaction: (target, reaction) =>
      write(() => {
        const row = findTarget(parts, target);
        if (row === undefined) return false;
        const { by, emoji, at } = reaction;
        const known = row.message.reactions.find((given) => given.by === by);
        if ((known?.emoji ?? '') === emoji) return false;
        const others = row.message.reactions.filter((given) => given.by !== by);
        const reactions = emoji === '' ? others : [...others, { emoji, by, at: toTimestamp(at) }];
        saveWithEvent(parts, { ...row.message, reactions }, 'message.reaction', at);
        return true;
      }),
    recordPollVote: (target, vote) => write(() => recordPollVote(parts, target, vote)),
    recordEdit: (target, edit) =>
      write(() => {
        const message = findTarget(parts, target)?.message;
        if (message === undefined || message.deletedAt !== null) return false;
        const { body } = edit;
        const entities = (edit.entities ?? []).map((entity) => ({ ...entity }));
        if (message.body === body && sameJson(message.entities, entities)) return false;
        const edited: Message = { ...message, body, entities, editedAt: toTimestamp(edit.at) };
        saveWithEvent(parts, edited, 'message.edited', edit.at);
        if (message.direction === 'outbound') parts.sendLog.rewrite(message.id, textKeyOf(parts, { body }));
        return true;
      }),
    sameTextSince: (messageId, body, since) =>
      read(() => parts.sendLog.othersWith(messageId, textKeyOf(parts, { body }), since)),
    recordDeletion: (target, at) =>
      write(() => {
        const message = findTarget(parts, target)?.message;
        if (message === undefined || message.deletedAt !== null) return false;
        saveWithEvent(parts, { ...message, deletedAt: toTimestamp(at) }, 'message.deleted', at);
        return true;
      }),
    recordLateFailure: (target, failure, at) =>
      write(() => {
        const message = findTarget(parts, target)?.message;
        // What the guest's phone has confirmed did arrive, whatever the network says later.
        if (message?.direction !== 'outbound' || rankOf(message.status) >= rankOf('delivered')) return false;
        const queued = parts.outbox.get(message.id);
        if (queued !== undefined) parts.outbox.remove(queued);
        const failed: Message = {
          ...message,
          status: 'failed',
          error: toMessageError(failure),
          failedAt: toTimestamp(at),
          heldBy: null,
          estimatedSendAt: null,
        };
        saveWithEvent(parts, failed, 'message.failed', at);
        return true;
      }),
    recordIdentity: ({ property, channel, person, at }) =>
      write(() => {
        const { addresses, displayName } = person;
        directory.recognise({ property, channel, addresses, displayName, at });
      }),
  };
}
