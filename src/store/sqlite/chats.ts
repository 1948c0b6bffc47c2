import type { Chat } from '../../connector-api/index.ts';
import type { ConversationRow } from './conversation-table.ts';
import { addressesOn } from './guest-table.ts';
import type { StoreParts } from './parts.ts';

/** The conversation as a connector names it: the canonical address first, then the other names of the guest. */
export function toChat(parts: Pick<StoreParts, 'guests'>, row: ConversationRow): Chat {
  const { conversation } = row;
  const title = conversation.title === null ? {} : { title: conversation.title };
  if (conversation.kind === 'group') return { kind: 'group', addresses: [conversation.address], ...title };
  const guestId = row.directGuestId ?? conversation.guests[0]?.id;
  const guest = guestId === undefined ? undefined : parts.guests.get(guestId);
  const others = guest === undefined ? [] : addressesOn(guest.guest, conversation.channel);
  return {
    kind: 'direct',
    addresses: [conversation.address, ...others.filter((address) => address !== conversation.address)],
    ...title,
  };
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
