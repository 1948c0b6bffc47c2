import type { DisconnectCause } from '../../../src/connector-api/index.ts';
import { toDisconnectCause } from '../disconnect.ts';
import { BotLost, BotRefused } from './bot-api.ts';

const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
const CONFLICT = 409;
const TOO_MANY = 429;
/** Telegram always tells how long; a 429 without is that of something in between, whose limits count by the minute. */
const UNTOLD_WAIT_MS = 60_000;
const SERVER_ERROR = 500;

/** Our own vault could not be written: nothing more may be received. */
export class StoreFailed extends Error {
  constructor(cause: unknown) {
    super('the vault could not be written', { cause });
    this.name = 'StoreFailed';
  }
}

/** Why a bot's connection ended or did not open, in words that are the same for every channel. Pure. */
export function toBotCause(error: unknown): DisconnectCause {
  if (error instanceof BotRefused) return fromRefusal(error);
  if (error instanceof StoreFailed) return toDisconnectCause({ type: 'store_failed' });
  if (error instanceof BotLost) {
    if (error.reason === 'late') return toDisconnectCause({ type: 'silent' });
    const { systemCode } = error;
    return toDisconnectCause({ type: 'lost', ...(systemCode === undefined ? {} : { systemCode }) });
  }
  const detail = error instanceof Error ? error.name : typeof error;
  return toDisconnectCause({ type: 'protocol', detail });
}

function fromRefusal({ method, code, description, retryAfterMs }: BotRefused): DisconnectCause {
  const facts = { nativeCode: `${code} ${description}`.trim(), native: { code, method } };
  if (code === UNAUTHORIZED || (code === NOT_FOUND && method === 'getMe')) {
    return {
      kind: 'logged_out',
      code: 'telegram_bot_token_revoked',
      ...facts,
      detail:
        'Telegram no longer takes the token of this bot: it was revoked at @BotFather. Link again with the new one.',
    };
  }
  if (code === CONFLICT && /webhook/i.test(description)) {
    return {
      kind: 'replaced',
      final: 'elsewhere',
      code: 'telegram_bot_webhook',
      ...facts,
      detail:
        'Telegram delivers the messages of this bot to the webhook of another program. Remove the webhook there (deleteWebhook), or make a bot of its own for Bellhop; Bellhop removes none by itself.',
    };
  }
  if (code === CONFLICT) {
    return {
      kind: 'replaced',
      code: 'telegram_bot_conflict',
      ...facts,
      detail:
        'Another program fetches the messages of this bot with the same token. Stop it, or revoke the token at @BotFather and link again.',
    };
  }
  if (code === TOO_MANY) {
    return {
      kind: 'restricted',
      code: 'telegram_bot_flood',
      ...facts,
      retryAfterMs: retryAfterMs ?? UNTOLD_WAIT_MS,
      detail: 'Telegram wants to be left alone for a time.',
    };
  }
  if (code >= SERVER_ERROR) {
    return { kind: 'network', code: 'telegram_server_error', ...facts, detail: 'Telegram has trouble itself.' };
  }
  return { kind: 'unknown', code: 'telegram_bot_refused', ...facts };
}
