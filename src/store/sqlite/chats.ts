import type { Chat } from '../../connector-api/index.ts';
import type { ConversationRow } from './conversation-table.ts';
import { namesOf } from './guest-identities.ts';
import type { StoreParts } from './parts.ts';

/** The conversation as a connector names it. `to`: where a message of a direct one goes, by default where the guest last wrote from. */
export function toChat(
  parts: Pick<StoreParts, 'guests'>,
  row: ConversationRow,
  to: string = row.conversation.address,
): Chat {
  const { conversation } = row;
  const title = conversation.title === null ? {} : { title: conversation.title };
  if (conversation.kind === 'group') return { kind: 'group', addresses: [conversation.address], ...title };
  const guestId = row.directGuestId ?? conversation.guests[0]?.id;
  const guest = guestId === undefined ? undefined : parts.guests.get(guestId);
  const addresses = guest === undefined ? ([to] as const) : namesOf(guest.guest, conversation.channel, to);
  return { kind: 'direct', addresses, ...title };
}

/** The session's conversation for a chat, found by any of its addresses; undefined while none of them is known. */
export function findByChat(parts: StoreParts, sessionId: string, chat: Chat): ConversationRow | undefined {
  const session = parts.sessions.get(sessionId);
  if (session === undefined) return undefined;
  if (chat.kind === 'group') return parts.conversations.findGroup(sessionId, chat.addresses[0]);
  for (const address of chat.addresses) {
    const guestId = parts.guests.find(session.channel, address, session.property);
    const row = guestId === undefined ? undefined : parts.conversations.findDirect(sessionId, guestId);
    if (row !== undefined) return row;
  }
  return undefined;
}
