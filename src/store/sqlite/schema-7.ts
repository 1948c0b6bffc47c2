/**
 * Migration 7: what left each account and when, from which every window of its pacing is rebuilt, and what the planner must know of
 * what is queued. `account` is channel and address: all sessions of a number share its limits. `text_key` is a keyed hash.
 */
export const SCHEMA_7 = `
CREATE TABLE send_log (
  message_id TEXT PRIMARY KEY, account TEXT NOT NULL, conversation_id TEXT NOT NULL, at INTEGER NOT NULL, lane TEXT NOT NULL,
  opens_chat INTEGER NOT NULL, text_key TEXT, outcome TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX send_log_account ON send_log (account, at);
CREATE INDEX send_log_openings ON send_log (account, at) WHERE opens_chat = 1;
CREATE INDEX send_log_conversation ON send_log (conversation_id);
CREATE INDEX send_log_at ON send_log (at);
CREATE TABLE send_accounts (account TEXT PRIMARY KEY, born_at INTEGER NOT NULL, ban_until INTEGER, ban TEXT) STRICT, WITHOUT ROWID;
INSERT INTO send_accounts (account, born_at)
  SELECT channel || ':' || (object ->> '$.account.address'), MIN(CAST(strftime('%s', object ->> '$.createdAt') AS INTEGER) * 1000)
  FROM sessions WHERE object ->> '$.account.address' IS NOT NULL GROUP BY 1;
ALTER TABLE outbox ADD COLUMN purpose TEXT NOT NULL DEFAULT 'service';
ALTER TABLE outbox ADD COLUMN text_length INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN has_media INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN text_key TEXT;
ALTER TABLE outbox ADD COLUMN send_at INTEGER;
ALTER TABLE outbox ADD COLUMN review TEXT NOT NULL DEFAULT 'none';
ALTER TABLE outbox ADD COLUMN plan_at INTEGER;
ALTER TABLE outbox ADD COLUMN hold TEXT;
UPDATE outbox SET
  purpose = COALESCE((SELECT object ->> '$.purpose' FROM messages WHERE n = outbox.position), 'service'),
  text_length = COALESCE((SELECT LENGTH(object ->> '$.body') FROM messages WHERE n = outbox.position), 0),
  has_media = COALESCE((SELECT json_array_length(object, '$.attachments') > 0 FROM messages WHERE n = outbox.position), 0),
  send_at = CASE scheduled WHEN 1 THEN due_at END;
UPDATE sessions SET object = json_patch(object, '{"pacing":{"budgets":[],"lanes":[],"waiting":[]}}');
UPDATE sessions SET object = json_set(object, '$.pacing.nextSendAt', NULL);
UPDATE events SET data = json_set(json_patch(data, '{"session":{"pacing":{"budgets":[],"lanes":[],"waiting":[]}}}'), '$.session.pacing.nextSendAt', NULL)
  WHERE json_type(data, '$.session') = 'object';
`;
