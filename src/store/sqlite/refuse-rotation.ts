import { isSameNumber, rotation } from '../../engine/check-consent.ts';
import type { ConversationRow } from './conversation-table.ts';
import type { GuestRow } from './guest-table.ts';
import type { StoreParts } from './parts.ts';

/**
 * The check of `checkRotation` again, inside the transaction: two messages that are accepted at once know nothing of each other before.
 * Only for guests who never wrote in this thread. Throws `number_rotation`.
 */
export function refuseRotation(parts: StoreParts, { conversation }: ConversationRow, { guest }: GuestRow): void {
  const { channel, session } = conversation;
  if (conversation.lastMessageAt !== null) return;
  const threads = parts.conversations
    .peekOfGuest(guest.id)
    .filter((each) => each.conversation.kind === 'direct' && each.conversation.channel === channel);
  if (threads.some(({ lastInboundAt }) => lastInboundAt !== null)) return;
  const here = parts.sessions.require(session);
  for (const { conversation: each } of threads) {
    const there = parts.sessions.get(each.session) ?? null;
    if (each.lastMessageAt !== null && !isSameNumber(here, there, each.session)) throw rotation(each.session);
  }
}
