import { toTimestamp } from '../../core/clock.ts';
import type { Alert } from '../../engine/model/alert.ts';
import type { AlertStore, PendingNotice, StoredAlert } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';
import { cursorNumber, decodeCursor, encodeCursor, toPage } from './cursors.ts';
import type { StoreParts } from './parts.ts';

interface Row {
  readonly n: number;
  readonly object: JsonOf<StoredAlert>;
}

interface PageQueryRow {
  readonly before: number;
  readonly property: string | null;
  readonly open: number | null;
  readonly limit: number;
}

/** Alerts and their notices. Read at start and written when something happens, so nothing is kept in memory here. */
export function alertOperations(parts: StoreParts): Omit<AlertStore, 'findTroubles'> {
  const { database, read, write, events } = parts;
  const put = database.prepare<{ id: string; property: string; key: string; open: number; object: string }>(
    `INSERT INTO alerts (id, property, key, open, object) VALUES (@id, @property, @key, @open, @object)
     ON CONFLICT (id) DO UPDATE SET property = excluded.property, key = excluded.key, open = excluded.open, object = excluded.object`,
  );
  const open = database.prepare<[], Row>('SELECT n, object FROM alerts WHERE open = 1');
  const page = database.prepare<PageQueryRow, Row>(
    `SELECT n, object FROM alerts
     WHERE n < @before AND (@property IS NULL OR property = @property) AND (@open IS NULL OR open = @open)
     ORDER BY n DESC LIMIT @limit`,
  );
  // Once an hour, over few rows: no index is worth its upkeep. Timestamps are all of one form, so their order is that of time.
  const prune = database.prepare<[string]>("DELETE FROM alerts WHERE open = 0 AND object ->> '$.alert.closedAt' < ?");
  const notices = database.prepare<[], { object: JsonOf<PendingNotice> }>('SELECT object FROM alert_notices');
  const putNotice = database.prepare<[string, string, string]>(
    'INSERT OR REPLACE INTO alert_notices (way, alert_id, object) VALUES (?, ?, ?)',
  );
  const dropNotice = database.prepare<[string, string]>('DELETE FROM alert_notices WHERE way = ? AND alert_id = ?');
  const save = (notice: PendingNotice): void => {
    putNotice.run(notice.way, notice.alert.id, encode(notice).json);
  };
  return {
    saveAlert: (stored, { event, notices: pending = [] } = {}) =>
      write(() => {
        const { alert, key } = stored;
        const isOpen = alert.closedAt === null ? 1 : 0;
        put.run({ id: alert.id, property: alert.property, key, open: isOpen, object: encode(stored).json });
        for (const notice of pending) save(notice);
        if (event === undefined) return;
        events.append({
          type: event,
          property: alert.property,
          at: Date.parse(alert.updatedAt),
          conversationId: null,
          seq: null,
          line: alert.id,
          data: JSON.stringify({ alert, cause: alert.code, remedy: alert.remedy }),
        });
      }),
    openAlerts: () => read(() => open.all().map((row) => decode(row.object))),
    listAlerts: (filter, { limit, cursor }) =>
      read(() => {
        const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : cursorNumber(decodeCursor('alr', cursor, 1)[0]);
        const wanted = filter.open === undefined ? null : Number(filter.open);
        return toPage(
          page.all({ before, property: filter.property, open: wanted, limit: limit + 1 }),
          limit,
          (row): Alert => decode(row.object).alert,
          (row) => encodeCursor('alr', row.n),
        );
      }),
    pruneAlerts: (before) => write(() => prune.run(toTimestamp(before)).changes),
    pendingNotices: () => read(() => notices.all().map((row) => decode(row.object))),
    savePendingNotice: (notice) => write(() => save(notice)),
    dropPendingNotice: ({ way, alertId }) =>
      write(() => {
        dropNotice.run(way, alertId);
      }),
  };
}
