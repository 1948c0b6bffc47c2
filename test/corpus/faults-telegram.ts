import { forHours, named } from './fault.ts';
import { doorFaults } from './faults-door.ts';
import { telegramLines } from './faults-telegram-lines.ts';
import { wordsAtConnect, wordsWhileConnected } from './faults-telegram-words.ts';
import type { TelegramFault } from './labels-telegram.ts';
import type { TelegramStage } from './stage-telegram.ts';

/** Of gramjs the words that come another way through its library; all of the wire. */
const GRAMJS_WORDS = new Set([
  'AUTH_KEY_UNREGISTERED',
  'SESSION_REVOKED',
  'USER_DEACTIVATED_BAN',
  'AUTH_KEY_DUPLICATED',
  'FLOOD_WAIT_600',
  'RPC_CALL_FAIL',
  'API_ID_INVALID',
  'SOMETHING_NEW_INVALID',
  'SOMETHING_NEW_IS_GONE',
]);

const renamed = (prefix: string, faults: readonly TelegramFault[]): readonly TelegramFault[] =>
  faults.map((fault) => ({ ...fault, id: `${prefix}-${fault.id}` }));

const mtcutePassing: readonly TelegramFault[] = [
  ...renamed('mt', [...wordsAtConnect(), ...wordsWhileConnected, ...telegramLines]),
  ...doorFaults<TelegramStage>('mt'),
];
export const gramjsFaults: readonly TelegramFault[] = [
  ...renamed('gj', [...wordsAtConnect(GRAMJS_WORDS), ...wordsWhileConnected, ...telegramLines]),
  ...doorFaults<TelegramStage>('gj'),
];

export const mtcuteFaults: readonly TelegramFault[] = [
  ...mtcutePassing,
  ...named(
    mtcutePassing,
    'mt-connect-rpc-call-fail',
    'mt-connect-something-new-invalid',
    'mt-all-layers-refused',
    'mt-server-gone',
  ).map((fault) => forHours(fault)),
];
