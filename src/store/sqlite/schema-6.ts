/**
 * Migration 6: what guests asked for, row by row, and the fields that guests and sessions have since then. A session that is down has
 * at least been so since its last change.
 */
export const SCHEMA_6 = `
CREATE TABLE consent_log (n INTEGER PRIMARY KEY, guest_id TEXT NOT NULL, object TEXT NOT NULL) STRICT;
CREATE INDEX consent_log_guest ON consent_log (guest_id, n);
UPDATE guests SET object = json_set(object, '$.consent', NULL);
UPDATE events SET data = json_set(data, '$.guest.consent', NULL) WHERE json_type(data, '$.guest') = 'object';
UPDATE sessions SET object = json_set(object, '$.unreachableSince',
  CASE WHEN object ->> '$.state' IN ('connecting', 'backing_off', 'logged_out', 'banned', 'stopped') THEN object ->> '$.since' END);
UPDATE events SET data = json_set(data, '$.session.unreachableSince', NULL) WHERE json_type(data, '$.session') = 'object';
`;
