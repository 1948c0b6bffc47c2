import type { Label } from './fault.ts';
import { retries, retriesUnknown, stops, waits } from './fault.ts';
import type { TelegramFault } from './labels-telegram.ts';
import { closed, ERRORS, lost, setting } from './labels-telegram.ts';

const TDLIB = 'TDLib Session: each 401 but SESSION_PASSWORD_NEEDED is the end of the authorization';

/** Of this class, and of no known word. */
const lostUnknown = stops(['logged_out', 'unknown'], 'relink', 'open_app', 'upgrade', 'start');
const own = retries('network', 'unknown', 'restart_required');
const strange: Label = {
  ...retriesUnknown('unknown', 'network', 'protocol_changed', 'restricted'),
  responses: ['retries alone', 'tries other versions', 'waits, then retries'],
};

/** What each call is answered with, from the first of a connection on. */
const words: readonly (readonly [code: number, word: string, label: Label, source: string])[] = [
  [401, 'AUTH_KEY_UNREGISTERED', lost, ERRORS],
  [401, 'AUTH_KEY_INVALID', lost, ERRORS],
  [401, 'SESSION_REVOKED', lost, ERRORS],
  [401, 'SESSION_EXPIRED', lost, ERRORS],
  [401, 'USER_DEACTIVATED', closed, ERRORS],
  [401, 'USER_DEACTIVATED_BAN', closed, ERRORS],
  [401, 'SOMETHING_NEW_IS_GONE', lostUnknown, TDLIB],
  [406, 'AUTH_KEY_DUPLICATED', lost, `${ERRORS}: the key is dead, another must be made`],
  [400, 'PHONE_NUMBER_BANNED', closed, `${ERRORS}: banned from Telegram`],
  [
    403,
    'USER_DELETED',
    {
      ...closed,
      kinds: ['banned', 'logged_out', 'unknown'],
      responses: ['stops', 'retries alone'],
      after: 'not looked at',
      person: ['open_app', 'relink', 'none', 'upgrade', 'wait'],
    },
    `${ERRORS}: of people written to, mostly; of one's own account unknown`,
  ],
  [420, 'FLOOD_WAIT_600', waits(600_000, 'restricted'), ERRORS],
  [420, 'FLOOD_WAIT_86400', waits(86_400_000, 'restricted'), ERRORS],
  [420, 'FLOOD_WAIT_20', waits(20_000, 'restricted', 'network'), ERRORS],
  [
    420,
    'FLOOD_OF_A_NEW_KIND_WAIT_90',
    { ...waits(90_000, 'restricted', 'unknown', 'network'), responses: ['waits, then retries', 'retries alone'] },
    `${ERRORS}: class 420 is to wait`,
  ],
  [
    420,
    'FROZEN_METHOD_INVALID',
    {
      kinds: ['restricted', 'banned', 'unknown'],
      responses: ['retries alone', 'waits, then retries', 'stops'],
      person: ['none', 'wait', 'open_app', 'relink', 'upgrade'],
      after: 'not looked at',
    },
    'core.telegram.org/api/auth#frozen-accounts: a person may appeal in the app',
  ],
  [500, 'RPC_CALL_FAIL', own, ERRORS],
  [500, 'INTERDC_2_CALL_ERROR', own, ERRORS],
  [500, 'WORKER_BUSY_TOO_LONG_RETRY', own, ERRORS],
  [500, 'HISTORY_GET_FAILED', own, ERRORS],
  [500, 'SOMETHING_NEW_BROKE', own, `${ERRORS}: class 500 is the server's own`],
  [-503, 'Timeout', own, `${ERRORS}: -503`],
  [-500, 'No workers running', own, `${ERRORS}: negative codes are the server's own`],
  [
    400,
    'CONNECTION_NOT_INITED',
    {
      ...own,
      kinds: ['network', 'unknown', 'restart_required', 'protocol_changed', 'client_outdated'],
      responses: ['retries alone', 'tries other versions'],
      person: ['none', 'wait', 'upgrade'],
    },
    `${ERRORS}: to be announced again`,
  ],
  [400, 'API_ID_INVALID', setting, `${ERRORS}: the number of the application is wrong`],
  [400, 'CONNECTION_API_ID_INVALID', setting, `${ERRORS}: the number of the application is wrong`],
  [400, 'API_ID_PUBLISHED_FLOOD', setting, `${ERRORS}: the number of the application was published: another is needed`],
  [400, 'SOMETHING_NEW_INVALID', strange, `${ERRORS}: class 400, nothing says that the login is gone`],
  [403, 'SOMETHING_NEW_FORBIDDEN', strange, `${ERRORS}: class 403, nothing says that the login is gone`],
  [
    404,
    'METHOD_NOT_FOUND',
    { ...strange, kinds: ['protocol_changed', 'client_outdated', 'unknown', 'network'] },
    `${ERRORS}: class 404, a method that there is not`,
  ],
  [
    406,
    'SOMETHING_NEW_TO_SHOW',
    strange,
    `${ERRORS}: class 406 is shown to people; nothing says that the login is gone`,
  ],
  [
    303,
    'NETWORK_MIGRATE_2',
    { ...strange, kinds: ['network', 'unknown', 'restart_required', 'protocol_changed'] },
    `${ERRORS}: the place to ask is another`,
  ],
];

/** All words, or some. */
export const wordsAtConnect = (only?: ReadonlySet<string>): readonly TelegramFault[] =>
  words
    .filter(([, word]) => only === undefined || only.has(word))
    .map(([code, word, label, source]) => ({
      id: `connect-${word.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
      phase: 'connecting',
      label,
      source,
      inject: (stage) => stage.answerAll(code, word),
    }));

/** Told to a line that is well, which asks because something is pushed. */
export const wordsWhileConnected: readonly TelegramFault[] = (
  [
    'SESSION_REVOKED',
    'AUTH_KEY_UNREGISTERED',
    'USER_DEACTIVATED_BAN',
    'AUTH_KEY_DUPLICATED',
    'FLOOD_WAIT_600',
    'RPC_CALL_FAIL',
  ] as const
).flatMap((wanted) =>
  words
    .filter(([, word]) => word === wanted)
    .map(
      ([code, word, label, source]): TelegramFault => ({
        id: `live-${word.toLowerCase().replaceAll('_', '-')}`,
        phase: 'connected',
        // A line that is told to wait with one question need not fall.
        label: label.responses.includes('stops')
          ? label
          : { ...label, responses: [...label.responses, 'carries on', 'retries alone'], after: 'connected' },
        source,
        isSilent: true,
        inject: (stage) => {
          stage.answerAll(code, word);
          stage.poke();
        },
      }),
    ),
);
