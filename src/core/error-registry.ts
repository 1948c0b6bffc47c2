/** One entry an error code: HTTP status, what happened, and what a person can do about it. */
export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  readonly remedy: string;
}

const entry = (status: number, title: string, remedy: string): ErrorEntry => ({ status, title, remedy });

/**
 * Every code that can reach a person. The reference page is generated from it and a test compares both ways.
 * A code that stands here is never renamed; its texts may improve.
 */
export const errorRegistry = {
  // requests
  invalid_request: entry(
    400,
    'The request is not valid.',
    'Correct the field named in `pointer`; the API description is at /docs.',
  ),
  malformed_json: entry(
    400,
    'The request body is not JSON.',
    'Send a JSON body with `content-type: application/json`.',
  ),
  unsupported_media_type: entry(
    415,
    'The content type is not supported.',
    'Send `application/json`, or `multipart/form-data` for uploads.',
  ),
  body_too_large: entry(
    413,
    'The request body is too large.',
    'Send less at once; upload files through POST /v1/media.',
  ),
  not_acceptable: entry(
    406,
    'The requested representation does not exist.',
    'Ask for one of the types that the API description names.',
  ),
  unauthenticated: entry(
    401,
    'The API key is missing or not valid.',
    'Send `Authorization: Bearer <key>`; make a key with `bellhop keys create`.',
  ),
  forbidden: entry(403, 'The API key may not do this.', 'Use a key with the scope named in `detail`.'),
  not_found: entry(404, 'There is no such thing here.', 'Check the path and the id.'),
  method_not_allowed: entry(405, 'The path exists, but not with this method.', 'See the API description at /docs.'),
  range_not_satisfiable: entry(
    416,
    'The file has no such range of bytes.',
    'Ask within the size that `Content-Range` names.',
  ),
  request_timeout: entry(
    408,
    'The request did not arrive in time.',
    'Send it again, over a better connection if this stays.',
  ),
  headers_too_large: entry(
    431,
    'The request headers are too large.',
    'Send fewer or shorter headers; 16 KiB is the limit.',
  ),
  rate_limited: entry(
    429,
    'Too much was asked in a short time.',
    'Wait as long as `Retry-After` says. A message that the network holds back goes out by itself; see its `heldBy`.',
  ),
  idempotency_key_reused: entry(
    422,
    'The idempotency key was used with another request.',
    'Use a new key for a new request.',
  ),
  idempotency_in_progress: entry(
    409,
    'The first request with this idempotency key is still running.',
    'Repeat it in a moment.',
  ),
  invalid_cursor: entry(400, 'The cursor is not valid.', 'Use `nextCursor` of an earlier answer, unchanged.'),
  batch_too_large: entry(422, 'A batch holds at most 50 messages.', 'Split the batch.'),
  // messages
  unknown_channel: entry(
    422,
    'This channel is not known.',
    'Use a channel that `GET /v1/sessions` shows, e.g. `whatsapp`.',
  ),
  invalid_address: entry(
    422,
    'The address cannot exist on this channel.',
    'Use E.164 for phone numbers, e.g. +4915112345678.',
  ),
  body_too_long: entry(
    422,
    'The text is longer than the channel allows.',
    'Shorten it, or split it into several messages.',
  ),
  empty_message: entry(422, 'The message has no content.', 'Give a `body`, an attachment or another kind of content.'),
  unsupported_content: entry(
    422,
    'This channel cannot carry such content.',
    'See the connector table in the docs for what each channel can do.',
  ),
  media_not_found: entry(422, 'The media object does not exist.', 'Upload it through POST /v1/media and use its id.'),
  media_too_large: entry(413, 'The file is larger than the channel or the daemon allows.', 'Send a smaller file.'),
  media_incomplete: entry(400, 'The upload ended before the whole file had arrived.', 'Upload the file again.'),
  media_fetch_failed: entry(
    422,
    'The file could not be fetched from its `url`.',
    'Check that the URL answers 200 without a redirect; or upload the file through POST /v1/media.',
  ),
  media_gone: entry(410, 'The stored bytes of this media object are gone.', 'Ask the guest to send it again.'),
  no_basis: entry(
    422,
    'This guest never wrote and no booking basis was given.',
    'Give `basis.reservation` and `basis.consent`, or wait until the guest writes.',
  ),
  opted_out: entry(
    422,
    'This guest has asked for no more messages.',
    'Answer (purpose `reply`) when the guest writes again, or reach the guest another way. If the guest wants messages again: START from the guest, or POST /v1/guests/:id/consent.',
  ),
  text_disguised: entry(
    422,
    'The text is made to look different to a machine than to its reader.',
    'Remove the character at the place named: it only serves to slip past filters, and networks ban numbers for it.',
  ),
  same_text: entry(
    422,
    'The same text has gone to as many guests as a person would write it to.',
    'Leave the message as it is, or write what concerns this guest. A new message with that text waits for a person who lets it go.',
  ),
  number_rotation: entry(
    422,
    'Another number of the hotel has written to this guest and got no answer.',
    'Wait for the answer, or write from the session that wrote first: leave `session` out.',
  ),
  no_session: entry(
    422,
    'No session can carry this message.',
    'Link an account on this channel: `bellhop link <channel>`.',
  ),
  ambiguous_session: entry(422, 'Several sessions could carry this message.', 'Name one in `session`.'),
  message_not_queued: entry(
    409,
    'The message has already left the queue.',
    'A message can be cancelled only while it is queued.',
  ),
  message_not_held: entry(
    409,
    'The message does not wait for a person.',
    'See its `heldBy`: only `same_text` and `unanswered` are lifted by a person; the others let go by themselves.',
  ),
  message_not_editable: entry(409, 'The message cannot be changed any more.', 'Send a new message instead.'),
  reply_target_not_found: entry(
    422,
    'The message to reply to does not exist in this conversation.',
    'Check `replyTo`.',
  ),
  message_expired: entry(422, 'The message expires before it could be sent.', 'Give a later `expiresAt`.'),
  too_late: entry(
    422,
    'Its turn would have come after `expiresAt`, so it was not sent.',
    'Tell the guest another way. Give more time in `expiresAt`, or a higher `urgency`; GET /v1/sessions/:id shows what is in the way.',
  ),
  // sessions
  session_exists: entry(409, 'A session with this id exists.', 'Choose another id.'),
  invalid_session_id: entry(
    422,
    'This cannot be a session id.',
    'Use 1 to 40 of a-z, 0-9 and -, beginning with a letter or digit.',
  ),
  session_not_linkable: entry(409, 'The session is linked already.', 'Unlink it first, or make another session.'),
  session_not_linked: entry(
    409,
    'The session is not linked to an account.',
    'Link it: POST /v1/sessions/:id/link or `bellhop link <channel>`.',
  ),
  session_down: entry(503, 'The session is not connected.', 'See GET /v1/sessions/:id for the reason and what to do.'),
  no_link_in_progress: entry(409, 'No linking is under way.', 'Begin with POST /v1/sessions/:id/link.'),
  link_method_unsupported: entry(
    422,
    'The channel does not link this way.',
    'Use one of the methods named in `detail`.',
  ),
  link_input_unexpected: entry(
    409,
    'Nothing was asked of the person just now.',
    'Look at GET /v1/sessions/:id/link for the current step.',
  ),
  link_rejected: entry(
    422,
    'The network or the person refused the link.',
    'Check what was typed or confirmed, and begin again with POST /v1/sessions/:id/link.',
  ),
  link_failed: entry(
    502,
    'Linking did not come to an end.',
    'Check the internet connection, and begin again with POST /v1/sessions/:id/link.',
  ),
  capability_missing: entry(
    422,
    'The channel cannot do this.',
    'See the connector table in the docs for what each channel can do.',
  ),
  connector_missing: entry(
    503,
    "The connector's library is not installed.",
    'Install the optional dependency named in `detail`.',
  ),
  // sending
  send_rejected: entry(
    502,
    'The network refused the message.',
    "See `detail`, and the network's own code. Repeating it as it is will not help.",
  ),
  send_timeout: entry(
    504,
    'The network did not answer in time.',
    'Nothing to do: it is tried again under the same network id.',
  ),
  recipient_unknown: entry(
    422,
    'The recipient cannot be found on this channel.',
    'Check the address and what `detail` says, or try another channel.',
  ),
  encryption_failed: entry(
    502,
    'The message could not be encrypted for the recipient.',
    'Nothing to do: it is tried again; if it stays, restart the session.',
  ),
  media_transfer_failed: entry(
    502,
    "The network's media server did not take or give the file.",
    'Nothing to do: it is tried again.',
  ),
  // webhooks
  webhook_target_forbidden: entry(
    422,
    'The webhook points to an address that is not allowed.',
    'Use a public https address, or list the private range under webhooks.allowTargets.',
  ),
  webhook_target_invalid: entry(
    422,
    'The webhook address is not a usable URL.',
    'Use http:// or https:// without credentials.',
  ),
  webhook_disabled: entry(
    409,
    'The webhook is disabled.',
    'Enable it with PATCH /v1/webhooks/:id {"disabled": false}.',
  ),
  // store, start, operation
  store_full: entry(
    503,
    'The disk is full; nothing was accepted.',
    'Free some disk space; the daemon goes on by itself.',
  ),
  store_unavailable: entry(503, 'The store does not answer.', 'See the log; try again in a moment.'),
  store_locked: entry(
    503,
    'Another daemon is using these files.',
    'Stop the other daemon, or give this one its own `store.url` and `sessions.dir`.',
  ),
  store_corrupt: entry(
    500,
    "The store's file is damaged.",
    'Restore the last backup; keep the damaged file for examination.',
  ),
  store_too_new: entry(
    500,
    'The store was written by a newer Bellhop.',
    'Start the newer version, or restore a backup from before the upgrade.',
  ),
  vault_key_missing: entry(
    500,
    'No key for the session vaults is set.',
    'Set sessions.key (32 bytes, base64), e.g. by BELLHOP_SESSIONS__KEY_FILE.',
  ),
  vault_key_wrong: entry(
    500,
    'The key does not open this session vault.',
    'Use the key that the vault was made with; without it the session must be linked again.',
  ),
  vault_corrupt: entry(
    500,
    'A session vault is damaged.',
    'Restore it from a backup, or unlink and link the session again.',
  ),
  config_invalid: entry(
    500,
    'The configuration is not valid.',
    'Correct the key at the line named; `config.example.yaml` shows every key.',
  ),
  port_in_use: entry(500, 'The port is in use.', 'Stop the other program, or set server.port.'),
  shutting_down: entry(503, 'The daemon is shutting down.', 'Repeat the request when it is back.'),
  overloaded: entry(
    503,
    'The daemon has more work than it can take just now.',
    'Repeat the request after `Retry-After`.',
  ),
  internal_error: entry(
    500,
    'Something unforeseen went wrong in Bellhop.',
    'Look up the request id in the log and report it.',
  ),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorRegistry;
