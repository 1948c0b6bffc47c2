import type { DisconnectRow } from '../../src/connector-api/index.ts';
import { disconnectRow } from '../../src/connector-api/index.ts';
import { BotRefused } from './bot/bot-api.ts';
import { toBotCause } from './bot/bot-disconnect.ts';
import { knownWords, toDisconnectCause } from './disconnect.ts';

const refused = (text: string, code = 400): DisconnectRow =>
  disconnectRow(text, toDisconnectCause({ type: 'refused', failure: { code, text, method: '' } }));
const transport = (code: number): DisconnectRow =>
  disconnectRow(`${code} (transport)`, toDisconnectCause({ type: 'transport', code }));
const bot = (code: number, description: string): DisconnectRow =>
  disconnectRow(
    `${code} ${description} (bot)`,
    toBotCause(new BotRefused({ method: 'getUpdates', code, description })),
  );

/** How connections to Telegram end, for people; each row is asked of `toDisconnectCause` or `toBotCause`. */
export const disconnectTable: readonly DisconnectRow[] = [
  ...knownWords.map((word) => refused(word)),
  refused('FLOOD_WAIT_30', 420),
  refused('RPC_CALL_FAIL', 500),
  ...[-404, -429, -444, -1].map(transport),
  disconnectRow(
    'an error of this system, e.g. ECONNRESET',
    toDisconnectCause({ type: 'lost', systemCode: 'ECONNRESET' }),
  ),
  disconnectRow('no answer', toDisconnectCause({ type: 'silent' })),
  disconnectRow('an answer that cannot be read', toDisconnectCause({ type: 'protocol', detail: '' })),
  disconnectRow('the vault refuses a write', toDisconnectCause({ type: 'store_failed' })),
  bot(401, 'Unauthorized'),
  bot(409, 'Conflict: terminated by other getUpdates request'),
  bot(409, "Conflict: can't use getUpdates method while webhook is active"),
  bot(429, 'Too Many Requests'),
  bot(400, 'anything else'),
  { native: 'the library of an engine is not installed', kind: 'client_outdated', code: 'telegram_engine_missing' },
  {
    native: 'no apiId in the configuration',
    kind: 'unknown',
    code: 'telegram_no_api_id',
    final: 'configuration',
  },
  {
    native: 'no usable address for bots',
    kind: 'unknown',
    code: 'telegram_bot_endpoint',
    final: 'configuration',
  },
  {
    native: 'the library for bots is not installed',
    kind: 'protocol_changed',
    code: 'telegram_bot_library_missing',
  },
  { native: 'no account in the vault', kind: 'logged_out', code: 'telegram_not_linked' },
];
