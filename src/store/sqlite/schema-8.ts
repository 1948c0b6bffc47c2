const LIMIT = "'$.source', 'network', '$.state', 'closed'";

/**
 * Migration 8: who says that something is closed (`origin`: `send` = a message met it; a name of a connector's own notice, e.g. `quota`;
 * a rule of our own, e.g. `reply_ratio`), and how far (`closed`, `slowed`). `quota_left`: guests that may
 * still be written to first, as was said at `quota_at`.
 */
export const SCHEMA_8 = `
ALTER TABLE session_limits RENAME TO session_limits_before;
CREATE TABLE session_limits (
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, scope TEXT NOT NULL, conversation_id TEXT NOT NULL,
  origin TEXT NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL, native_code TEXT, since INTEGER NOT NULL, until INTEGER NOT NULL,
  assumed INTEGER NOT NULL, quota_left INTEGER, quota_at INTEGER,
  PRIMARY KEY (session_id, scope, conversation_id, origin)
) STRICT, WITHOUT ROWID;
INSERT INTO session_limits (session_id, scope, conversation_id, origin, state, code, native_code, since, until, assumed)
  SELECT session_id, scope, conversation_id, 'send', 'closed', code, native_code, since, until, assumed FROM session_limits_before;
DROP TABLE session_limits_before;
UPDATE events SET data = json_set(data, '$.limit', json_set(data -> '$.limit', ${LIMIT})) WHERE json_type(data, '$.limit') = 'object';
UPDATE events SET data = json_set(data, '$.session.limits',
    (SELECT json_group_array(json_set(value, ${LIMIT})) FROM json_each(data, '$.session.limits')))
  WHERE json_array_length(data, '$.session.limits') > 0;
`;
