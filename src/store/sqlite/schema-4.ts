/** Migration 4: what is remembered of client versions, for all sessions of a channel. Few rows; times are epoch milliseconds. */
export const SCHEMA_4 = `
CREATE TABLE client_versions (
  channel TEXT NOT NULL, network TEXT NOT NULL, version TEXT NOT NULL, origin TEXT NOT NULL,
  first_worked_at INTEGER, last_worked_at INTEGER, first_failed_at INTEGER, last_failed_at INTEGER, failing_since INTEGER,
  pinned INTEGER NOT NULL,
  PRIMARY KEY (channel, network, version)
) STRICT, WITHOUT ROWID;
`;
