import type { SendErrorCode, SendErrorScope } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import { endsSession } from './disconnect.ts';
import { CallLost, RpcFailure } from './mtproto/client.ts';
import { refusalWords } from './refusal-words.ts';
import { isServerTrouble, readWord, waitOf } from './rpc-word.ts';

interface Entry {
  readonly code: SendErrorCode;
  readonly isRetryable: boolean;
}

const REJECTED: Entry = { code: 'send_rejected', isRetryable: false };
const NOBODY: Entry = { code: 'recipient_unknown', isRetryable: false };
const UNSUITABLE: Entry = { code: 'unsupported_content', isRetryable: false };
const TRANSFER: Entry = { code: 'media_transfer_failed', isRetryable: true };

/** Words whose meaning is not simply "no" (`send_rejected`, never tried again), which is what the rest means. */
const BY_WORD: ReadonlyMap<string, Entry> = new Map<string, Entry>([
  ['INPUT_USER_DEACTIVATED', NOBODY],
  ['USERNAME_NOT_OCCUPIED', NOBODY],
  ['USERNAME_INVALID', NOBODY],
  ['PHONE_NOT_OCCUPIED', NOBODY],
  ['PEER_ID_INVALID', NOBODY],
  ['USER_ID_INVALID', NOBODY],
  ['CHAT_ID_INVALID', NOBODY],
  ['CHANNEL_INVALID', NOBODY],
  ['MESSAGE_TOO_LONG', UNSUITABLE],
  ['MEDIA_CAPTION_TOO_LONG', UNSUITABLE],
  ['MESSAGE_EMPTY', UNSUITABLE],
  ['ENTITY_BOUNDS_INVALID', UNSUITABLE],
  ['MEDIA_EMPTY', UNSUITABLE],
  ['MEDIA_INVALID', UNSUITABLE],
  ['MULTI_MEDIA_TOO_LONG', UNSUITABLE],
  ['IMAGE_PROCESS_FAILED', UNSUITABLE],
  ['PHOTO_EXT_INVALID', UNSUITABLE],
  ['PHOTO_INVALID_DIMENSIONS', UNSUITABLE],
  ['PHOTO_SAVE_FILE_INVALID', UNSUITABLE],
  ['VIDEO_FILE_INVALID', UNSUITABLE],
  ['STICKER_INVALID', UNSUITABLE],
  ['FILE_PARTS_INVALID', TRANSFER],
  ['FILE_PART_MISSING', TRANSFER],
  ['FILE_PART_INVALID', TRANSFER],
  ['FILE_REFERENCE_EXPIRED', TRANSFER],
  ['MD5_CHECKSUM_INVALID', TRANSFER],
  ['POLL_OPTION_INVALID', UNSUITABLE],
  ['POLL_QUESTION_INVALID', UNSUITABLE],
  ['POLL_ANSWERS_INVALID', UNSUITABLE],
  ['REACTION_INVALID', UNSUITABLE],
  // A line on which every further call is refused too: the connection ends, and the message waits for the next one.
  ['AUTH_RESTART', { code: 'session_down', isRetryable: true }],
]);

/** Calls that carry a message: without an answer nobody knows whether it went. */
const SENDING: ReadonlySet<string> = new Set(['messages.sendMessage', 'messages.sendMedia', 'messages.sendMultiMedia']);
/** Calls that find a person who is not known yet. */
const FINDING: ReadonlySet<string> = new Set(['contacts.resolveUsername', 'contacts.resolvePhone']);

/** Whom a flood wait on a method closes: the account's sending, its way to new people, or nothing but that method. */
export function floodScopeOf(method: string): SendErrorScope {
  if (SENDING.has(method)) return 'account';
  return FINDING.has(method) ? 'new_chats' : 'message';
}

/** The limit as the daemon keeps it: nothing was sent, and the method is left alone for the rest of the wait. */
export function floodError(method: string, retryAfterMs: number, nativeCode: string): SendError {
  return new SendError('rate_limited', {
    certainty: 'not_sent',
    retryable: true,
    retryAfterMs,
    scope: floodScopeOf(method),
    nativeCode,
  });
}

/** What a failed call means for the message. Pure; every rejection of the optional operations goes through it too. */
export function toSendError(error: unknown, method: string): SendError {
  if (error instanceof SendError) return error;
  if (error instanceof RpcFailure) return fromFailure(error);
  if (error instanceof CallLost) {
    const certainty = error.isWritten && SENDING.has(method) ? 'maybe_sent' : 'not_sent';
    const code = error.reason === 'ended' ? 'session_down' : 'send_timeout';
    return new SendError(code, { certainty, retryable: true, nativeCode: error.reason, cause: error });
  }
  return new SendError('internal_error', { certainty: 'not_sent', retryable: true, cause: error });
}

/** A question about an earlier attempt was not answered: whether that one was sent stays open. */
export function leftOpen({ code, nativeCode }: SendError): SendError {
  return new SendError(code === 'session_down' ? code : 'send_timeout', {
    certainty: 'maybe_sent',
    retryable: true,
    ...(nativeCode === undefined ? {} : { nativeCode }),
  });
}

function fromFailure(failure: RpcFailure): SendError {
  const { text: nativeCode, method } = failure;
  const { word } = readWord(nativeCode);
  const waitMs = waitOf(failure);
  if (waitMs !== undefined) {
    const limit = floodError(method, waitMs, nativeCode);
    return word === 'SLOWMODE_WAIT' ? narrowed(limit, 'chat') : limit;
  }
  // The account is taken for a sender of spam: no time is given, and each try with a stranger makes it worse.
  if (word === 'PEER_FLOOD') {
    return new SendError('rate_limited', { certainty: 'not_sent', retryable: true, scope: 'new_chats', nativeCode });
  }
  if (isServerTrouble(failure)) {
    const certainty = SENDING.has(method) ? 'maybe_sent' : 'not_sent';
    return new SendError('send_timeout', { certainty, retryable: true, nativeCode });
  }
  if (endsSession(failure)) {
    return new SendError('session_down', { certainty: 'not_sent', retryable: true, nativeCode });
  }
  const { code, isRetryable } = BY_WORD.get(word) ?? REJECTED;
  const detail = refusalWords.get(word);
  return new SendError(code, {
    certainty: 'not_sent',
    retryable: isRetryable,
    nativeCode,
    ...(detail === undefined ? {} : { detail }),
  });
}

function narrowed(limit: SendError, scope: SendErrorScope): SendError {
  const { code, certainty, retryable, retryAfterMs, nativeCode } = limit;
  return new SendError(code, {
    certainty,
    retryable,
    scope,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(nativeCode === undefined ? {} : { nativeCode }),
  });
}
