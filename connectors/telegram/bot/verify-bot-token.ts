import { LoginError } from '../../../src/connector-api/index.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import type { TelegramConfig } from '../config.ts';
import { fullName } from '../peer-record.ts';
import type { StoredBot } from '../stored-account.ts';
import type { CreateBotApi } from './bot-api.ts';
import { BotLost, BotRefused } from './bot-api.ts';
import { askSelf } from './bot-connection.ts';
import { botEndpoint } from './bot-endpoint.ts';
import type { BotUser } from './bot-schemas.ts';
import { loadBotApi } from './load-bot-api.ts';

const VERIFY_TIMEOUT_MS = 20_000;
const TOKEN = /^\d{1,20}:[\w-]{1,128}$/;
const UNAUTHORIZED = 401;
const NOT_FOUND = 404;
const TOO_MANY = 429;
const CLIENT_ERROR = 400;
const SERVER_ERROR = 500;

const NO_TOKEN = 'This is no token of a bot. Expected what @BotFather gives, as in 123456789:AAF….';
const WRONG_TOKEN = 'Telegram does not know this token. Copy it once more from @BotFather, or make a new one there.';

/**
 * Asks the Bot API whose token it is; resolves with the account as the vault keeps it. Rejects with a LoginError (`rejected`: another
 * token may do), or with `connector_missing`.
 */
export async function verifyBotToken(deps: {
  readonly config: Pick<TelegramConfig, 'endpoint' | 'botApi' | 'apiId'>;
  readonly token: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly load?: () => Promise<CreateBotApi>;
}): Promise<StoredBot> {
  const { config, token, clock, signal, load = loadBotApi } = deps;
  const endpoint = botEndpoint(config);
  if (!endpoint.ok) throw new LoginError('unsupported', endpoint.detail);
  if (!TOKEN.test(token)) throw new LoginError('rejected', NO_TOKEN);
  const create = await load();
  const api = create({ token, root: endpoint.root, clock });
  try {
    return describeBot(await askSelf(api, VERIFY_TIMEOUT_MS, signal), token);
  } catch (error) {
    throw toLoginError(error);
  } finally {
    api.close();
  }
}

/** The account as the vault keeps it. */
export function describeBot({ id, username, first_name, last_name }: BotUser, token: string): StoredBot {
  const name = fullName(first_name, last_name);
  return {
    kind: 'bot',
    id: String(id),
    ...(username === undefined ? {} : { username }),
    ...(name === undefined ? {} : { name }),
    token,
  };
}

function toLoginError(error: unknown): LoginError | BellhopError {
  if (error instanceof BellhopError) return error;
  if (error instanceof BotLost) {
    return error.reason === 'aborted'
      ? new LoginError('cancelled')
      : new LoginError('network', 'The Bot API could not be reached');
  }
  if (!(error instanceof BotRefused)) return new LoginError('network', 'What answered is no Bot API server.');
  const { code, description } = error;
  if (code === UNAUTHORIZED || code === NOT_FOUND) return new LoginError('rejected', WRONG_TOKEN);
  if (code === TOO_MANY) return new LoginError('network', 'Telegram asks to wait before this is tried again.');
  if (code >= SERVER_ERROR || code < CLIENT_ERROR) return new LoginError('network', 'Telegram has trouble itself.');
  return new LoginError('rejected', `Telegram refused: ${description}`);
}
