import type { DisconnectCause, DisconnectKind } from '../../src/connector-api/index.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { isRecord } from '../../src/core/json.ts';
import { fromSocketError } from './socket-error.ts';

/** How a connection ended, as it was seen; nothing is judged yet. */
export type ConnectionEnd =
  /**
   * Baileys closed: its status code, the words of its error, and behind it the attributes of a stanza, or the error of the WebSocket.
   * `isUnreached`: there was no WebSocket yet.
   */
  | {
      readonly type: 'closed';
      readonly statusCode?: number;
      readonly message?: string;
      readonly data?: unknown;
      readonly isUnreached?: true;
    }
  /** The WebSocket upgrade was answered with an HTTP status; Baileys itself would wait for ever (rc14). */
  | { readonly type: 'upgrade_refused'; readonly status: number }
  /** Neither open nor closed when the time for connecting was up. */
  | { readonly type: 'connect_timeout'; readonly isUnreached?: true }
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

/** No matter of the client version: see `DisconnectCause`. */
const ANY_VERSION = { anyVersion: true } as const;
/** Own words of the server that are about neither account nor client. */
const SERVER_TROUBLE: ReadonlySet<number> = new Set([500, 503]);

/** Ends without a code of the network. */
const BY_TYPE: Readonly<
  Record<Exclude<ConnectionEnd['type'], 'closed' | 'upgrade_refused' | 'connect_timeout'>, DisconnectCause>
> = {
  untrusted_server: {
    kind: 'protocol_changed',
    code: 'whatsapp_untrusted_server',
    detail: 'The server could not prove its identity; nothing was sent to it.',
    anyVersion: true, // the client names its version only after the proof
  },
  store_failed: {
    kind: 'unknown',
    code: 'whatsapp_store_failed',
    detail: 'The session vault could not be written; nothing is received until it can.',
    anyVersion: true,
  },
  uncorrelated: {
    kind: 'protocol_changed',
    code: 'whatsapp_library_changed',
    detail: 'The WhatsApp library behaves differently than this release expects; messages could be lost.',
    anyVersion: true,
  },
};

/** The raw end of a connection in words that are the same for every channel. Pure; reference for each code: README. */
export function toDisconnectCause(end: ConnectionEnd): DisconnectCause {
  switch (end.type) {
    case 'closed':
      return fromClose(end);
    case 'connect_timeout':
      return {
        kind: 'network',
        code: 'whatsapp_connect_timeout',
        detail: 'The server did not answer in time.',
        ...(end.isUnreached === true ? ANY_VERSION : {}),
      };
    case 'upgrade_refused':
      return {
        kind: 'network',
        code: 'whatsapp_upgrade_refused',
        nativeCode: String(end.status),
        detail: 'The server or a proxy before it refused the connection.',
        ...ANY_VERSION,
      };
    case 'untrusted_server':
    case 'store_failed':
    case 'uncorrelated':
      return BY_TYPE[end.type];
  }
}

function fromClose(end: Extract<ConnectionEnd, { type: 'closed' }>): DisconnectCause {
  const { statusCode, data, isUnreached } = end;
  if (isUnreached === true || data instanceof Error) return fromSocketError(data, isUnreached === true);
  const facts = nativeFacts(data);
  const entry = statusCode === undefined ? undefined : BY_STATUS.get(statusCode);
  if (entry === undefined) {
    return {
      kind: 'unknown',
      code: 'whatsapp_unknown',
      ...(statusCode === undefined ? {} : { nativeCode: String(statusCode) }),
      native: facts,
    };
  }
  const retryAfterMs = statusCode === 402 ? banTimeMs(facts['expire']) : undefined;
  return {
    ...entry,
    nativeCode: String(statusCode),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(statusCode !== undefined && SERVER_TROUBLE.has(statusCode) && saysSo(data) ? ANY_VERSION : {}),
    ...(Object.keys(facts).length === 0 ? {} : { native: facts }),
  };
}

/** The server gave a reason; Baileys takes 500 for a failure without one. */
function saysSo(data: unknown): boolean {
  return isRecord(data) && (data['tag'] !== undefined || data['reason'] !== undefined);
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
