import type { Session } from '../../engine/model/session.ts';
import type { MessageStore, Route, RouteQuery } from '../../engine/ports/index.ts';
import type { ConversationRow } from './conversation-table.ts';
import type { GuestRow } from './guest-table.ts';
import type { StoreParts } from './parts.ts';

type Row = Readonly<ConversationRow>;

/** Who is meant and which session could carry a message. On the hot path: a few index lookups. */
export function findRoute(parts: StoreParts): MessageStore['findRoute'] {
  return (query) => parts.read(() => look(parts, query));
}

function look(parts: StoreParts, query: RouteQuery): Route {
  const named = query.conversationId === undefined ? null : currentThread(parts, query.conversationId, query.property);
  const guest = findGuest(parts, query, named);
  const channel = query.channel ?? named?.conversation.channel;
  const threads = named === null ? findThreads(parts, query, guest, channel) : [named];
  const latest = threads.toSorted((a, b) => b.activeAt - a.activeAt)[0] ?? null;
  const spoken = guest === null ? threads : everyDirectThread(parts, guest, channel ?? latest?.conversation.channel);
  const lastInboundAt = spoken.reduce((last, row) => Math.max(last, row.lastInboundAt ?? 0), 0);
  return {
    conversation: latest?.conversation ?? null,
    guest: guest?.guest ?? null,
    lastSessionId: latest?.conversation.session ?? null,
    sessions: sessionsOf(parts, query, channel ?? latest?.conversation.channel),
    lastInboundAt: lastInboundAt === 0 ? null : lastInboundAt,
  };
}

function currentThread(parts: StoreParts, id: string, property: string | null): Row | null {
  const row = parts.conversations.peek(id);
  if (row === undefined || (property !== null && row.conversation.property !== property)) return null;
  return row.supersededBy === null ? row : (parts.conversations.peek(row.supersededBy) ?? row);
}

function findGuest(parts: StoreParts, query: RouteQuery, named: Row | null): GuestRow | null {
  let id = query.guestId ?? named?.directGuestId ?? undefined;
  if (id === undefined && query.channel !== undefined && query.address !== undefined) {
    id = parts.guests.find(query.channel, query.address, query.property);
  }
  let row = id === undefined ? undefined : parts.guests.get(id);
  while (row !== undefined && row.guest.mergedInto !== null) row = parts.guests.get(row.guest.mergedInto);
  if (row === undefined || (query.property !== null && row.guest.property !== query.property)) return null;
  return row;
}

function findThreads(
  parts: StoreParts,
  query: RouteQuery,
  guest: GuestRow | null,
  channel: string | undefined,
): readonly Row[] {
  if (guest !== null) return directThreads(parts, guest, channel);
  if (query.address === undefined) return [];
  return parts.conversations
    .findGroups(query.address)
    .filter(
      ({ conversation }) =>
        conversation.channel === channel && (query.property === null || conversation.property === query.property),
    );
}

function directThreads(parts: StoreParts, guest: GuestRow, channel: string | undefined): readonly Row[] {
  return everyDirectThread(parts, guest, channel).filter((row) => row.directGuestId !== null);
}

/** With those that a merge left as history: who wrote there has written. */
function everyDirectThread(parts: StoreParts, guest: GuestRow, channel: string | undefined): readonly Row[] {
  return parts.conversations
    .peekOfGuest(guest.guest.id)
    .filter(
      ({ conversation }) =>
        conversation.kind === 'direct' && (channel === undefined || conversation.channel === channel),
    );
}

function sessionsOf(parts: StoreParts, query: RouteQuery, channel: string | undefined): readonly Session[] {
  const found: Session[] = [];
  for (const session of parts.sessions.all().values()) {
    if (channel !== undefined && session.channel !== channel) continue;
    if (query.property === null || session.property === query.property) found.push(session);
  }
  return found;
}
