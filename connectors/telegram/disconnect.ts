import type { DisconnectCause, DisconnectKind, FinalReason } from '../../src/connector-api/index.ts';
import type { ClientEnd, RpcFailure } from './mtproto/client.ts';
import { isServerTrouble, readWord, waitOf } from './rpc-word.ts';

/** What of an `RpcFailure` is looked at. */
export type Refusal = Pick<RpcFailure, 'code' | 'text' | 'method'>;

/** How a connection ended, as it was seen; nothing is judged yet. */
export type LineEnd =
  | ClientEnd
  /** An answer of the server that ends the session, or keeps it from opening. */
  | { readonly type: 'refused'; readonly failure: Refusal }
  /** Our own vault could not be written: nothing more may be received. */
  | { readonly type: 'store_failed' };

interface Entry {
  readonly kind: DisconnectKind;
  readonly detail: string;
  readonly final?: FinalReason;
}

const UNLINKED: Entry = {
  kind: 'logged_out',
  detail:
    "Telegram no longer knows this link: it was ended in the account's list of devices, or by Telegram. Link again.",
};
const BANNED: Entry = {
  kind: 'banned',
  detail: 'Telegram has closed the account. Its owner can appeal in the app, or write to recover@telegram.org.',
};
const FROZEN: Entry = {
  kind: 'banned',
  detail:
    'Telegram has frozen the account: it can send nothing, and is deleted after some time. Its owner can appeal in the app (@SpamBot).',
};
const UNINITIALISED: Entry = {
  kind: 'protocol_changed',
  detail: 'The server does not accept how this client introduces itself.',
};

const API_ID: Entry = {
  kind: 'unknown',
  final: 'configuration',
  detail: 'channels.telegram.apiId and apiHash are not known to Telegram; see https://my.telegram.org.',
};

/** By the word of the error, without its value. */
const BY_WORD: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['AUTH_KEY_UNREGISTERED', UNLINKED],
  ['AUTH_KEY_INVALID', UNLINKED],
  ['SESSION_REVOKED', UNLINKED],
  ['SESSION_EXPIRED', UNLINKED],
  ['ACTIVE_USER_REQUIRED', UNLINKED],
  ['AUTH_KEY_PERM_EMPTY', UNLINKED],
  [
    'AUTH_KEY_DUPLICATED',
    {
      kind: 'logged_out',
      detail:
        'The same link was used from two places at once, and Telegram has ended it for good. Stop the other program that has a copy of this session, then link again.',
    },
  ],
  [
    'SESSION_PASSWORD_NEEDED',
    { kind: 'logged_out', detail: 'The link was never completed: the two-step password is missing. Link again.' },
  ],
  ['USER_DEACTIVATED', { kind: 'banned', detail: 'The account was deleted.' }],
  ['FROZEN_METHOD_INVALID', FROZEN],
  ['FROZEN_PARTICIPANT_MISSING', FROZEN],
  ['USER_DEACTIVATED_BAN', BANNED],
  ['PHONE_NUMBER_BANNED', BANNED],
  [
    'UPDATE_APP_TO_LOGIN',
    { kind: 'client_outdated', detail: 'Telegram wants a newer client; another engine may be accepted.' },
  ],
  [
    'CONNECTION_LAYER_INVALID',
    { kind: 'client_outdated', detail: 'Telegram refuses the layer that this engine speaks.' },
  ],
  ['INPUT_LAYER_INVALID', { kind: 'client_outdated', detail: 'Telegram refuses the layer that this engine speaks.' }],
  ['CONNECTION_NOT_INITED', UNINITIALISED],
  ['CONNECTION_APP_VERSION_EMPTY', UNINITIALISED],
  ['CONNECTION_DEVICE_MODEL_EMPTY', UNINITIALISED],
  ['CONNECTION_SYSTEM_EMPTY', UNINITIALISED],
  ['API_ID_INVALID', API_ID],
  ['CONNECTION_API_ID_INVALID', API_ID],
  [
    'API_ID_PUBLISHED_FLOOD',
    {
      kind: 'restricted',
      final: 'configuration',
      detail:
        'Telegram has closed this apiId, because it was published. Make one of your own at https://my.telegram.org and set channels.telegram.apiId and apiHash.',
    },
  ],
]);

/** Every word that is known, for the reference of ends. */
export const knownWords: readonly string[] = [...BY_WORD.keys()];

const UNKNOWN_KEY = -404;
const TRANSPORT_FLOOD = -429;
const WRONG_DC = -444;

/** Whether an error of any call ends the session, rather than that call alone. */
export function endsSession({ code, text }: Refusal): boolean {
  return code === 401 || BY_WORD.has(readWord(text).word);
}

/** No matter of the engine: see `DisconnectCause`. */
const ANY_VERSION = { anyVersion: true } as const;

/** The raw end of a connection in words that are the same for every channel. Pure; reference for each code: README. */
export function toDisconnectCause(
  end: LineEnd,
  { isReached }: { readonly isReached: boolean } = { isReached: true },
): DisconnectCause {
  const unreached = isReached ? {} : ANY_VERSION;
  switch (end.type) {
    case 'refused':
      return fromRefusal(end.failure);
    case 'transport':
      return fromTransport(end.code);
    case 'lost':
      return {
        kind: 'network',
        code: 'telegram_connection_lost',
        ...(end.systemCode === undefined ? {} : { nativeCode: end.systemCode }),
        detail: 'The line to Telegram broke or could not be opened.',
        ...unreached,
      };
    case 'silent':
      return {
        kind: 'network',
        code: 'telegram_silent',
        detail: 'Telegram did not answer in time.',
        ...unreached,
      };
    case 'protocol':
      return {
        kind: 'protocol_changed',
        code: 'telegram_protocol',
        detail: 'An answer could not be read, or the server could not prove its identity.',
        native: { detail: end.detail },
      };
    case 'store_failed':
      return {
        kind: 'unknown',
        code: 'telegram_store_failed',
        detail: 'The session vault could not be written; nothing is received until it can.',
        ...ANY_VERSION,
      };
  }
}

function fromRefusal(failure: Refusal): DisconnectCause {
  const { word } = readWord(failure.text);
  const entry = BY_WORD.get(word);
  const nativeCode = failure.text;
  const native = { code: failure.code, method: failure.method };
  const retryAfterMs = waitOf(failure);
  if (entry !== undefined) return { ...entry, code: codeOf(word), nativeCode, native };
  if (retryAfterMs !== undefined) {
    const detail = 'Telegram wants to be left alone for a time.';
    return { kind: 'restricted', code: codeOf(word), nativeCode, retryAfterMs, detail, native };
  }
  if (isServerTrouble(failure)) {
    return {
      kind: 'network',
      code: 'telegram_server_error',
      nativeCode,
      detail: 'Telegram has trouble itself.',
      native,
      ...ANY_VERSION,
    };
  }
  if (failure.code === 401)
    return { kind: 'logged_out', code: codeOf(word), nativeCode, detail: UNLINKED.detail, native };
  return { kind: 'unknown', code: codeOf(word), nativeCode, native };
}

function fromTransport(code: number): DisconnectCause {
  const nativeCode = String(code);
  switch (code) {
    case UNKNOWN_KEY:
      return { ...UNLINKED, code: 'telegram_key_unknown', nativeCode };
    case TRANSPORT_FLOOD:
      return {
        kind: 'network',
        code: 'telegram_transport_flood',
        nativeCode,
        detail: 'Too many connections were opened in a short time.',
        ...ANY_VERSION,
      };
    case WRONG_DC:
      return {
        kind: 'protocol_changed',
        code: 'telegram_wrong_dc',
        nativeCode,
        detail: 'The server is another data centre than the configuration says.',
        ...ANY_VERSION,
      };
    default:
      return { kind: 'unknown', code: 'telegram_transport_error', nativeCode };
  }
}

const codeOf = (word: string): string => `telegram_${word.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_')}`;
