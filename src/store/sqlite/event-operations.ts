import { eventTypes } from '../../engine/model/event.ts';
import type { EventStore } from '../../engine/ports/index.ts';
import { decodeNumberCursor, encodeCursor } from './cursors.ts';
import type { EventRow } from './event-log.ts';
import { EVENT_COLUMNS, toEnvelope } from './event-log.ts';
import type { StoreParts } from './parts.ts';
import { matchesTypes } from './webhook-table.ts';

interface Query {
  readonly after: number;
  readonly property: string | null;
  readonly types: string | null;
  readonly limit: number;
}

/** The event log. */
export function eventOperations(parts: StoreParts): EventStore {
  const { database, read } = parts;
  const page = database.prepare<Query, EventRow>(
    `SELECT ${EVENT_COLUMNS} FROM events e
     WHERE e.cursor > @after AND (@property IS NULL OR e.property = @property)
       AND (@types IS NULL OR e.type IN (SELECT value FROM json_each(@types)))
     ORDER BY e.cursor LIMIT @limit`,
  );
  const newest = database.prepare<[], { cursor: number }>('SELECT cursor FROM events ORDER BY cursor DESC LIMIT 1');
  return {
    listEvents: ({ property, after, types, limit }) =>
      read(() => {
        const from = after === undefined ? 0 : decodeNumberCursor('evt', after);
        const wanted = types === undefined || types.length === 0 ? null : JSON.stringify(known(types));
        const rows = page.all({ after: from, property, types: wanted, limit });
        // A page that is not full has looked at the whole log: what was skipped need not be looked at again.
        const seen = rows.length === limit ? rows.at(-1) : newest.get();
        const end = Math.max(from, seen?.cursor ?? 0);
        return { data: rows.map(toEnvelope), nextCursor: end === 0 ? null : encodeCursor('evt', end) };
      }),
    lastCursor: () =>
      read(() => {
        const row = newest.get();
        return row === undefined ? null : encodeCursor('evt', row.cursor);
      }),
  };
}

function known(types: readonly string[]): readonly string[] {
  return eventTypes.filter((type) => matchesTypes(types, type));
}
