/**
 * The tables of migration 2. `session_limits`: what a network has closed for a while (`conversation_id` is '' unless the scope is
 * `chat`); few rows, all kept in memory. `early_receipts`: receipts under an id that the network gave to a message whose send has
 * not been recorded yet.
 */
export const SCHEMA_2 = `
CREATE TABLE session_limits (
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, scope TEXT NOT NULL, conversation_id TEXT NOT NULL,
  code TEXT NOT NULL, native_code TEXT, since INTEGER NOT NULL, until INTEGER NOT NULL, assumed INTEGER NOT NULL,
  PRIMARY KEY (session_id, scope, conversation_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE early_receipts (
  conversation_id TEXT NOT NULL, network_id TEXT NOT NULL, status TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (conversation_id, network_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX early_receipts_at ON early_receipts (at);
`;
