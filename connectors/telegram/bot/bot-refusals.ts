import type { SendErrorCode, SendErrorScope } from '../../../src/connector-api/index.ts';
import { SendError } from '../../../src/connector-api/index.ts';
import { isRecord } from '../../../src/core/json.ts';
import { BotLost, BotRefused } from './bot-api.ts';

const UNAUTHORIZED = 401;
const TOO_LARGE = 413;
const TOO_MANY = 429;
const SERVER_ERROR = 500;

interface Meaning {
  readonly pattern: RegExp;
  readonly code: SendErrorCode;
  /** For whoever reads why the message failed. */
  readonly detail?: string;
}

const UNSUITABLE = 'unsupported_content';

/** The Bot API has sentences where others have codes. What is not here is a plain no: `send_rejected`. */
const MEANINGS: readonly Meaning[] = [
  { pattern: /bot was blocked/i, code: 'send_rejected', detail: 'The guest has blocked the bot.' },
  {
    pattern: /can't initiate conversation/i,
    code: 'recipient_unknown',
    detail: 'A bot can write only to people who have written to it.',
  },
  { pattern: /bots can't send messages to bots/i, code: 'recipient_unknown', detail: 'Bots cannot write to bots.' },
  {
    pattern: /user is deactivated|INPUT_USER_DEACTIVATED/i,
    code: 'recipient_unknown',
    detail: 'The guest has deleted the account.',
  },
  {
    pattern: /group chat was (?:deleted|deactivated)/i,
    code: 'recipient_unknown',
    detail: 'The group does not exist any more.',
  },
  {
    pattern: /bot was kicked|bot is not a member/i,
    code: 'send_rejected',
    detail: 'The bot is not in this group any more.',
  },
  {
    pattern: /not enough rights|have no rights/i,
    code: 'send_rejected',
    detail: 'The bot may not do this in this group.',
  },
  {
    pattern: /VOICE_MESSAGES_FORBIDDEN/i,
    code: 'send_rejected',
    detail: 'The guest accepts no voice and video notes.',
  },
  {
    pattern: /chat not found|user not found|PEER_ID_INVALID|chat_id is empty/i,
    code: 'recipient_unknown',
    detail: 'The bot has never met this chat.',
  },
  { pattern: /file is too big|Request Entity Too Large/i, code: 'media_too_large' },
  {
    pattern: /(?:message|caption)(?: text)?[ _](?:is )?too[ _]long|text is empty|can't parse entities/i,
    code: UNSUITABLE,
  },
  { pattern: /REACTION_INVALID/i, code: UNSUITABLE, detail: 'Telegram does not offer this reaction.' },
  { pattern: /BUTTON_|reply[ _]markup|POLL_|poll must|sticker/i, code: UNSUITABLE },
  {
    pattern: /PHOTO_|IMAGE_PROCESS_FAILED|VIDEO_|wrong (?:type|file)|MEDIA_(?:EMPTY|INVALID)|file must be/i,
    code: UNSUITABLE,
  },
];

/** Calls that carry a message: without an answer nobody knows whether it went. */
const isSending = (method: string): boolean => method.startsWith('send') && method !== 'sendChatAction';

/**
 * What a failed call means for the message. Pure; every rejection of the optional operations goes through it too. The Bot API knows no
 * random ids: a message whose fate is open is never sent again.
 */
export function toBotSendError(error: unknown, method: string, chat: 'direct' | 'group'): SendError {
  if (error instanceof SendError) return error;
  if (error instanceof BotRefused) return fromRefusal(error, chat);
  if (error instanceof BotLost) return fromLoss(error, method);
  return new SendError('internal_error', { certainty: 'not_sent', retryable: true, cause: error });
}

function fromRefusal({ method, code, description, retryAfterMs }: BotRefused, chat: 'direct' | 'group'): SendError {
  const nativeCode = `${code} ${description}`.trim();
  const sure = { certainty: 'not_sent', nativeCode } as const;
  if (code === TOO_MANY) {
    // Telegram does not say which of its limits it was. In groups the low one is the group's own (20 messages a minute).
    const scope: SendErrorScope = chat === 'group' ? 'chat' : 'account';
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new SendError('rate_limited', { ...sure, retryable: true, scope, ...wait });
  }
  if (code >= SERVER_ERROR || code === 0) {
    return isSending(method)
      ? new SendError('send_timeout', { certainty: 'maybe_sent', retryable: false, nativeCode })
      : new SendError('send_timeout', { ...sure, retryable: true });
  }
  if (code === UNAUTHORIZED) return new SendError('session_down', { ...sure, retryable: true });
  if (code === TOO_LARGE) return new SendError('media_too_large', { ...sure, retryable: false });
  const known = MEANINGS.find(({ pattern }) => pattern.test(description));
  const detail = known?.detail === undefined ? {} : { detail: known.detail };
  return new SendError(known?.code ?? 'send_rejected', { ...sure, retryable: false, ...detail });
}

function fromLoss({ method: called, reason, cause, systemCode }: BotLost, method: string): SendError {
  const nativeCode = systemCode ?? reason;
  if (reason === 'source') {
    const isGone = isRecord(cause) && cause['code'] === 'ENOENT';
    const code = isGone ? 'media_gone' : 'media_transfer_failed';
    return new SendError(code, { certainty: 'not_sent', retryable: !isGone, nativeCode, cause });
  }
  if (reason === 'unreachable') {
    return new SendError('session_down', { certainty: 'not_sent', retryable: true, nativeCode });
  }
  return isSending(called) && isSending(method)
    ? new SendError('send_timeout', { certainty: 'maybe_sent', retryable: false, nativeCode })
    : new SendError('send_timeout', { certainty: 'not_sent', retryable: true, nativeCode });
}
