/**
 * The tables of migration 1. Public objects (messages, guests, ...) stand in `object` as the JSON that the API shows; the columns
 * beside it are those that queries need, and one table class writes both. Times in columns are epoch milliseconds.
 * Every index costs each accepted message a page or two to write, so what the hot tables can do without is not indexed: a message's
 * network id until the message is \`known\` to the network, a seq that the event beside it has already.
 * Rows over about 200 bytes live in rowid tables: SQLite spills wide rows of WITHOUT ROWID tables into extra pages.
 */
export const SCHEMA_1 = `
CREATE TABLE store_facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  id TEXT PRIMARY KEY, property TEXT NOT NULL, channel TEXT NOT NULL,
  last_inbound_at INTEGER, last_outbound_at INTEGER, object TEXT NOT NULL
) STRICT;
CREATE TABLE session_timeline (
  session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, entry INTEGER NOT NULL, object TEXT NOT NULL,
  PRIMARY KEY (session_id, entry)
) STRICT, WITHOUT ROWID;

CREATE TABLE guests (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, property TEXT NOT NULL,
  name_edited INTEGER NOT NULL DEFAULT 0, merged_into TEXT, object TEXT NOT NULL
) STRICT;
CREATE INDEX guests_property ON guests (property, id) WHERE merged_into IS NULL;
CREATE TABLE guest_addresses (
  channel TEXT NOT NULL, address TEXT NOT NULL, property TEXT NOT NULL, guest_id TEXT NOT NULL REFERENCES guests (id),
  PRIMARY KEY (channel, address, property)
) STRICT, WITHOUT ROWID;
CREATE INDEX guest_addresses_guest ON guest_addresses (guest_id);

CREATE TABLE conversations (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, property TEXT NOT NULL, session_id TEXT NOT NULL,
  direct_guest_id TEXT, group_address TEXT, superseded_by TEXT,
  active_at INTEGER NOT NULL, last_inbound_at INTEGER, unread INTEGER NOT NULL DEFAULT 0, object TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX conversations_direct ON conversations (direct_guest_id, session_id) WHERE direct_guest_id IS NOT NULL;
CREATE UNIQUE INDEX conversations_group ON conversations (group_address, session_id) WHERE group_address IS NOT NULL;
CREATE INDEX conversations_active ON conversations (property, active_at, id);
CREATE INDEX conversations_unread ON conversations (property, active_at, id) WHERE unread > 0;
CREATE INDEX conversations_superseded ON conversations (superseded_by) WHERE superseded_by IS NOT NULL;
CREATE TABLE conversation_guests (
  conversation_id TEXT NOT NULL, guest_id TEXT NOT NULL, PRIMARY KEY (conversation_id, guest_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_guests_guest ON conversation_guests (guest_id, conversation_id);

CREATE TABLE messages (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, conversation_id TEXT NOT NULL, seq INTEGER NOT NULL,
  session_id TEXT NOT NULL, network_id TEXT NOT NULL, known INTEGER NOT NULL, inbound INTEGER NOT NULL,
  sender TEXT, origin TEXT, object TEXT NOT NULL
) STRICT;
CREATE INDEX messages_network ON messages (session_id, network_id) WHERE known = 1;
CREATE UNIQUE INDEX messages_inbound ON messages (conversation_id, seq) WHERE inbound = 1;
CREATE TABLE message_raw (message_id TEXT PRIMARY KEY, raw TEXT NOT NULL) STRICT;
CREATE TABLE receipts (
  message_id TEXT NOT NULL, participant TEXT NOT NULL, rank INTEGER NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY (message_id, participant)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  cursor INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, property TEXT NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL,
  conversation_id TEXT, seq INTEGER, line TEXT, data TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_seq ON events (conversation_id, seq) WHERE conversation_id IS NOT NULL;

CREATE TABLE outbox (
  position INTEGER PRIMARY KEY, message_id TEXT NOT NULL, session_id TEXT NOT NULL,
  conversation_id TEXT NOT NULL, urgency INTEGER NOT NULL, scheduled INTEGER NOT NULL, state TEXT NOT NULL,
  due_at INTEGER NOT NULL, expires_at INTEGER, queued_at INTEGER NOT NULL
) STRICT;
CREATE INDEX outbox_ready ON outbox (session_id, due_at) WHERE state = 'ready';
CREATE INDEX outbox_line ON outbox (session_id, conversation_id, scheduled, urgency, position);
CREATE INDEX outbox_sending ON outbox (conversation_id) WHERE state = 'sending';
CREATE INDEX outbox_expiry ON outbox (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE webhooks (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, property TEXT NOT NULL, config_key TEXT UNIQUE,
  secret BLOB NOT NULL, object TEXT NOT NULL
) STRICT;
CREATE TABLE deliveries (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
  event_cursor INTEGER NOT NULL, line TEXT NOT NULL, state TEXT NOT NULL, due_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, last_at INTEGER, last_status INTEGER, last_error TEXT, delivered_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_state ON deliveries (webhook_id, state, id);
CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at) WHERE state = 'ready';
CREATE INDEX deliveries_line ON deliveries (webhook_id, line, event_cursor) WHERE state IN ('ready', 'waiting');

CREATE TABLE idempotency_keys (
  n INTEGER PRIMARY KEY, scope TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, run TEXT NOT NULL,
  status INTEGER, body TEXT, at INTEGER NOT NULL, UNIQUE (scope, key)
) STRICT;

CREATE TABLE media (id TEXT PRIMARY KEY, property TEXT NOT NULL, object TEXT NOT NULL) STRICT;
CREATE TABLE api_keys (
  n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, hash TEXT NOT NULL UNIQUE, config_key TEXT UNIQUE, object TEXT NOT NULL
) STRICT;
`;
