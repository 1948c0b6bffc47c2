import type { VersionOrigin } from '../../engine/model/client-version.ts';
import type { StoredVersion, VersionNetwork, VersionStore } from '../../engine/ports/index.ts';
import type { StoreParts } from './parts.ts';

interface Row {
  readonly channel: string;
  readonly network: VersionNetwork;
  readonly version: string;
  readonly origin: VersionOrigin;
  readonly first_worked_at: number | null;
  readonly last_worked_at: number | null;
  readonly first_failed_at: number | null;
  readonly last_failed_at: number | null;
  readonly failing_since: number | null;
  readonly pinned: number;
}

/** Client versions. Read at start and written now and then, so nothing is kept in memory here. */
export function versionOperations(parts: StoreParts): VersionStore {
  const { database, read, write } = parts;
  const all = database.prepare<[], Row>('SELECT * FROM client_versions');
  const unpin = database.prepare<[string, string]>(
    'UPDATE client_versions SET pinned = 0 WHERE channel = ? AND network = ? AND pinned = 1',
  );
  const put = database.prepare<Row>(
    `INSERT OR REPLACE INTO client_versions
       (channel, network, version, origin, first_worked_at, last_worked_at, first_failed_at, last_failed_at, failing_since, pinned)
     VALUES (@channel, @network, @version, @origin, @first_worked_at, @last_worked_at, @first_failed_at, @last_failed_at,
       @failing_since, @pinned)`,
  );
  const forget = database.prepare<[string, string, string]>(
    'DELETE FROM client_versions WHERE channel = ? AND network = ? AND version = ?',
  );
  return {
    listClientVersions: () => read(() => all.all().map(fromRow)),
    saveClientVersion: (version) =>
      write(() => {
        if (version.pinned) unpin.run(version.channel, version.network);
        put.run(toRow(version));
      }),
    forgetClientVersion: ({ channel, network, version }) =>
      write(() => {
        forget.run(channel, network, version);
      }),
  };
}

function toRow(stored: StoredVersion): Row {
  return {
    channel: stored.channel,
    network: stored.network,
    version: stored.version,
    origin: stored.origin,
    first_worked_at: stored.firstWorkedAt,
    last_worked_at: stored.lastWorkedAt,
    first_failed_at: stored.firstFailedAt,
    last_failed_at: stored.lastFailedAt,
    failing_since: stored.failingSince,
    pinned: stored.pinned ? 1 : 0,
  };
}

function fromRow(row: Row): StoredVersion {
  return {
    channel: row.channel,
    network: row.network,
    version: row.version,
    origin: row.origin,
    firstWorkedAt: row.first_worked_at,
    lastWorkedAt: row.last_worked_at,
    firstFailedAt: row.first_failed_at,
    lastFailedAt: row.last_failed_at,
    failingSince: row.failing_since,
    pinned: row.pinned === 1,
  };
}
