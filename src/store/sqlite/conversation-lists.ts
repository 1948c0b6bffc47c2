import type { Conversation } from '../../engine/model/conversation.ts';
import type { ConversationFilter, Page, PageQuery } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode } from './codec.ts';
import { cursorNumber, decodeCursor, encodeCursor, toPage } from './cursors.ts';
import { likePattern } from './like-pattern.ts';
import type { StoreParts } from './parts.ts';

interface Row {
  readonly id: string;
  readonly active_at: number;
  readonly object: JsonOf<Conversation>;
}

interface Query {
  readonly property: string;
  readonly activeAt: number;
  readonly id: string;
  readonly limit: number;
  readonly channel: string | null;
  readonly session: string | null;
  readonly q: string | null;
}

const select = (condition: string): string => `
  SELECT c.id, c.active_at, c.object FROM conversations c
  WHERE c.property = @property AND (c.active_at, c.id) < (@activeAt, @id) ${condition}
    AND (@session IS NULL OR c.session_id = @session)
    AND (@channel IS NULL OR c.object ->> '$.channel' = @channel)
    AND (@q IS NULL OR c.object ->> '$.title' LIKE @q ESCAPE '\\' OR EXISTS (
      SELECT 1 FROM json_each(c.object, '$.guests') g
      WHERE g.value ->> '$.displayName' LIKE @q ESCAPE '\\' OR g.value ->> '$.address' LIKE @q ESCAPE '\\'))
  ORDER BY c.active_at DESC, c.id DESC LIMIT @limit`;

/** Conversations with the newest activity first; a page is a range of an index, however deep it lies. */
export function conversationLists(
  parts: StoreParts,
): (filter: ConversationFilter, page: PageQuery) => Page<Conversation> {
  const { database } = parts;
  const all = database.prepare<Query, Row>(select(''));
  const unread = database.prepare<Query, Row>(select('AND c.unread > 0'));
  // Jumps from one property to the next in the index instead of reading every conversation.
  const properties = database.prepare<[], { property: string }>(`
    WITH RECURSIVE found (property) AS (
      SELECT MIN(property) FROM conversations
      UNION ALL
      SELECT (SELECT MIN(property) FROM conversations WHERE property > found.property) FROM found WHERE found.property IS NOT NULL
    ) SELECT property FROM found WHERE property IS NOT NULL`);
  const ofGuest = database.prepare<[string], Row>(
    `SELECT c.id, c.active_at, c.object FROM conversation_guests g JOIN conversations c ON c.id = g.conversation_id
     WHERE g.guest_id = ?`,
  );
  return (filter, page) => {
    const after = readCursor(page);
    const limit = page.limit + 1;
    const rows =
      filter.guestId === undefined
        ? (filter.property === null ? properties.all().map((row) => row.property) : [filter.property]).flatMap(
            (property) =>
              (filter.unread === true ? unread : all).all({
                property,
                ...after,
                limit,
                channel: filter.channel ?? null,
                session: filter.session ?? null,
                q: filter.q === undefined ? null : likePattern(filter.q),
              }),
          )
        : ofGuest.all(filter.guestId).filter((row) => isAfter(row, after) && matches(decode(row.object), filter));
    const ordered = rows.sort(newestFirst).slice(0, limit);
    return toPage(
      ordered,
      page.limit,
      (row) => decode(row.object),
      (row) => encodeCursor('cnv', row.active_at, row.id),
    );
  };
}

function readCursor(page: PageQuery): { activeAt: number; id: string } {
  if (page.cursor === undefined) return { activeAt: Number.MAX_SAFE_INTEGER, id: '' };
  const [activeAt, id] = decodeCursor('cnv', page.cursor, 2);
  return { activeAt: cursorNumber(activeAt), id: id ?? '' };
}

function newestFirst(a: Row, b: Row): number {
  if (a.active_at !== b.active_at) return b.active_at - a.active_at;
  return a.id < b.id ? 1 : -1;
}

function isAfter(row: Row, after: { activeAt: number; id: string }): boolean {
  return row.active_at < after.activeAt || (row.active_at === after.activeAt && row.id < after.id);
}

// One guest has few conversations: they are filtered here instead of in a third statement.
function matches(conversation: Conversation, filter: ConversationFilter): boolean {
  const { property, channel, session, unread, q } = filter;
  if (property !== null && conversation.property !== property) return false;
  if (channel !== undefined && conversation.channel !== channel) return false;
  if (session !== undefined && conversation.session !== session) return false;
  if (unread === true && conversation.unreadCount === 0) return false;
  if (q === undefined) return true;
  const texts = [conversation.title, ...conversation.guests.flatMap((guest) => [guest.displayName, guest.address])];
  return texts.some((text) => text?.toLowerCase().includes(q.toLowerCase()) === true);
}
