/**
 * Migration 5: alerts, and what no way has taken yet. Few rows; times are epoch milliseconds. `object` is the JSON of the whole, the
 * columns beside it are those that queries need.
 */
export const SCHEMA_5 = `
CREATE TABLE alerts (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, property TEXT NOT NULL, key TEXT NOT NULL, open INTEGER NOT NULL, object TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX alerts_open ON alerts (key) WHERE open = 1;
CREATE TABLE alert_notices (
  way TEXT NOT NULL, alert_id TEXT NOT NULL, object TEXT NOT NULL, PRIMARY KEY (way, alert_id)
) STRICT;
`;
