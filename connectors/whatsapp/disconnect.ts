import type { DisconnectCause, DisconnectKind } from '../../src/connector-api/index.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { isRecord } from '../../src/core/json.ts';

/** How a connection ended, as it was seen; nothing is judged yet. */
export type ConnectionEnd =
  /** Baileys closed: its status code, the words of its error and the attributes of the stanza behind it. */
  | { readonly type: 'closed'; readonly statusCode?: number; readonly message?: string; readonly data?: unknown }
  /** The WebSocket upgrade was answered with an HTTP status; Baileys itself would wait for ever (rc14). */
  | { readonly type: 'upgrade_refused'; readonly status: number }
  /** Neither open nor closed when the time for connecting was up. */
  | { readonly type: 'connect_timeout' }
  /** The server could not prove that it is WhatsApp's. */
  | { readonly type: 'untrusted_server' }
  /** Our own vault could not be written: nothing more may be received. */
  | { readonly type: 'store_failed' }
  /** What the library decrypts can no longer be matched to what came in: nothing could be received safely. */
  | { readonly type: 'uncorrelated' };

interface Entry {
  readonly kind: DisconnectKind;
  readonly code: string;
  readonly detail: string;
}

/** Status codes of `<failure reason>` and `<stream:error code>`; Baileys names some of them, the rest arrive bare. */
const BY_STATUS: ReadonlyMap<number, Entry> = new Map([
  [401, { kind: 'logged_out', code: 'whatsapp_401_logged_out', detail: 'The account no longer knows this link.' }],
  [402, { kind: 'restricted', code: 'whatsapp_402_temporary_ban', detail: 'The account is banned for a time.' }],
  [403, { kind: 'banned', code: 'whatsapp_403_locked', detail: 'The account is locked or banned.' }],
  [405, { kind: 'client_outdated', code: 'whatsapp_405_client_outdated', detail: 'This client version is refused.' }],
  [406, { kind: 'banned', code: 'whatsapp_406_banned', detail: 'The account is banned.' }],
  [408, { kind: 'network', code: 'whatsapp_408_connection_lost', detail: 'The line went silent or broke.' }],
  [409, { kind: 'client_outdated', code: 'whatsapp_409_bad_user_agent', detail: 'This client is not accepted.' }],
  [
    411,
    {
      kind: 'logged_out',
      code: 'whatsapp_411_not_multi_device',
      detail: 'The WhatsApp on the phone does not know linked devices: bring it up to date, then link again.',
    },
  ],
  [428, { kind: 'network', code: 'whatsapp_428_connection_closed', detail: 'The server closed the line.' }],
  [440, { kind: 'replaced', code: 'whatsapp_440_replaced', detail: 'The same link was opened elsewhere.' }],
  [500, { kind: 'network', code: 'whatsapp_500_stream_error', detail: 'The server ended the stream.' }],
  [503, { kind: 'network', code: 'whatsapp_503_unavailable', detail: 'The service is not available.' }],
  [515, { kind: 'restart_required', code: 'whatsapp_515_restart_required', detail: 'The server asks to reconnect.' }],
] satisfies [number, Entry][]);

/** Every status that is known, for the reference of ends. */
export const knownStatuses: readonly number[] = [...BY_STATUS.keys()];

const MS_PER_SECOND = 1000;

/** Ends without a code of the network. */
const BY_TYPE: Readonly<Record<Exclude<ConnectionEnd['type'], 'closed' | 'upgrade_refused'>, DisconnectCause>> = {
  connect_timeout: {
    kind: 'network',
    code: 'whatsapp_connect_timeout',
    detail: 'The server did not answer in time.',
  },
  untrusted_server: {
    kind: 'protocol_changed',
    code: 'whatsapp_untrusted_server',
    detail: 'The server could not prove its identity; nothing was sent to it.',
  },
  store_failed: {
    kind: 'unknown',
    code: 'whatsapp_store_failed',
    detail: 'The session vault could not be written; nothing is received until it can.',
  },
  uncorrelated: {
    kind: 'protocol_changed',
    code: 'whatsapp_library_changed',
    detail: 'The WhatsApp library behaves differently than this release expects; messages could be lost.',
  },
};

/** The raw end of a connection in words that are the same for every channel. Pure; reference for each code: README. */
export function toDisconnectCause(end: ConnectionEnd): DisconnectCause {
  if (end.type === 'closed') return fromClose(end);
  if (end.type !== 'upgrade_refused') return BY_TYPE[end.type];
  return {
    kind: 'network',
    code: 'whatsapp_upgrade_refused',
    nativeCode: String(end.status),
    detail: 'The server or a proxy before it refused the connection.',
  };
}

function fromClose(end: Extract<ConnectionEnd, { type: 'closed' }>): DisconnectCause {
  const { statusCode } = end;
  const facts = nativeFacts(end.data);
  const entry = statusCode === undefined ? undefined : BY_STATUS.get(statusCode);
  if (entry === undefined) {
    return {
      kind: 'unknown',
      code: 'whatsapp_unknown',
      ...(statusCode === undefined ? {} : { nativeCode: String(statusCode) }),
      native: facts,
    };
  }
  const systemCode = facts['code'];
  if (statusCode === 408 && typeof systemCode === 'string' && /^E[A-Z]+$/.test(systemCode)) {
    return { kind: 'network', code: 'whatsapp_network_error', nativeCode: systemCode, detail: entry.detail };
  }
  const retryAfterMs = statusCode === 402 ? banTimeMs(facts['expire']) : undefined;
  return {
    ...entry,
    nativeCode: String(statusCode),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(Object.keys(facts).length === 0 ? {} : { native: facts }),
  };
}

function banTimeMs(expire: unknown): number | undefined {
  const seconds = Number(expire);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * MS_PER_SECOND : undefined;
}

/** What is safe and useful of Boom's `data`: attributes of the failure, or the child of the stream error. */
function nativeFacts(data: unknown): JsonObject {
  if (!isRecord(data)) return {};
  const attributes = isRecord(data['attrs']) ? data['attrs'] : {};
  const tag = typeof data['tag'] === 'string' ? { tag: data['tag'] } : {};
  return { ...tag, ...onlyWords(data), ...onlyWords(attributes) };
}

/** Short attribute values only; addresses stay out of records. */
function onlyWords(record: Readonly<Record<string, unknown>>): JsonObject {
  const kept = Object.entries(record).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && /^[\w.:-]{1,64}$/.test(entry[1]),
  );
  return Object.fromEntries(kept);
}
