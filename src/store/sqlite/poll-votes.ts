import { toTimestamp } from '../../core/clock.ts';
import type { NetworkTarget } from '../../engine/ports/index.ts';
import { sameJson } from './json-copy.ts';
import { saveWithEvent } from './message-events.ts';
import type { StoreParts } from './parts.ts';
import { findTarget } from './targets.ts';

/** Puts a vote in the place of the person's last one; false when that changes nothing, or the target is no poll that is known. */
export function recordPollVote(
  parts: StoreParts,
  target: NetworkTarget,
  vote: { readonly by: string; readonly options: readonly number[]; readonly at: number },
): boolean {
  const message = findTarget(parts, target)?.message;
  const poll = message?.poll;
  if (message === undefined || poll === undefined || poll === null) return false;
  const { by, at } = vote;
  const options = [...new Set(vote.options)].filter((place) => place < poll.options.length).sort((a, b) => a - b);
  const known = poll.votes.find((given) => given.by === by);
  if (sameJson(known?.options ?? [], options)) return false;
  const others = poll.votes.filter((given) => given.by !== by);
  const votes = options.length === 0 ? others : [...others, { by, options, at: toTimestamp(at) }];
  saveWithEvent(parts, { ...message, poll: { ...poll, votes } }, 'message.poll_vote', at);
  return true;
}
