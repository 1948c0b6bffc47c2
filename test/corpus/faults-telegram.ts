import type { Fault, Label } from './fault.ts';
import { forHours, named, otherVersions, retries, retriesUnknown, stops, survives, waits } from './fault.ts';
import { doorFaults } from './faults-door.ts';
import type { TelegramStage } from './stage-telegram.ts';

type TelegramFault = Fault<TelegramStage>;

const ERRORS = 'core.telegram.org/api/errors';
const TDLIB = 'TDLib Session: each 401 but SESSION_PASSWORD_NEEDED is the end of the authorization';
const TRANSPORTS = 'core.telegram.org/mtproto/mtproto-transports#transport-errors';
const SERVICE = 'core.telegram.org/mtproto/service_messages_about_messages';
const REFERENCE = 'reference of the protocol, 5. How a client announces itself';

const lost = stops(['logged_out'], 'relink');
const closed = stops(['banned', 'logged_out'], 'open_app', 'relink');
/** Of this class, and of no known word. */
const lostUnknown = stops(['logged_out', 'unknown'], 'relink', 'open_app', 'upgrade', 'start');
const setting = stops(['unknown', 'restricted', 'protocol_changed', 'client_outdated', 'network'], 'start', 'upgrade');
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

const atConnect = (only?: ReadonlySet<string>): readonly TelegramFault[] =>
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
const live: readonly TelegramFault[] = (
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

const transport = (code: number, label: Label, source = TRANSPORTS): readonly TelegramFault[] => [
  {
    id: `transport${String(code)}-connecting`,
    phase: 'connecting',
    label,
    source,
    inject: ({ network }) => network.faults.refusePackets(code),
  },
];

const wire: readonly TelegramFault[] = [
  ...transport(-404, lost, `${TRANSPORTS}: the key cannot be found`),
  ...transport(-429, { ...retries('network', 'restricted'), responses: ['retries alone', 'waits, then retries'] }),
  ...transport(
    -444,
    {
      kinds: ['network', 'unknown', 'protocol_changed'],
      responses: ['retries alone', 'stops', 'tries other versions'],
      person: ['none', 'wait', 'upgrade', 'start'],
      after: 'not looked at',
    },
    `${TRANSPORTS}: a wrong data centre`,
  ),
  ...transport(-1, retriesUnknown('network', 'unknown', 'protocol_changed'), `not in ${TRANSPORTS}: unknown`),
  ...transport(
    -503,
    retriesUnknown('network', 'unknown', 'protocol_changed'),
    `not in ${TRANSPORTS}; of the class of the server's own failures`,
  ),
  {
    id: 'transport-429-live',
    phase: 'connected',
    label: { ...retries('network', 'restricted'), responses: ['retries alone', 'waits, then retries', 'carries on'] },
    source: TRANSPORTS,
    inject: ({ network }) => network.faults.transportError(-429),
  },
  {
    id: 'key-forgotten-live',
    phase: 'connected',
    spoils: 'account',
    label: lost,
    source: `${TRANSPORTS}: -404 on a line that is well`,
    inject: ({ network, account }) => network.world.parts.authorizations.forget(account),
  },
  {
    id: 'account-banned-live',
    phase: 'connected',
    spoils: 'account',
    isSilent: true,
    label: closed,
    source: `${ERRORS}: USER_DEACTIVATED_BAN`,
    inject: (stage) => {
      stage.account.standing = 'banned';
      stage.poke();
    },
  },
  {
    id: 'clock-behind',
    phase: 'connecting',
    spoils: 'network',
    label: survives('network', 'unknown', 'restart_required'),
    source: `${SERVICE}: 16 and 17 are mended by the client, which takes the server's time`,
    inject: (stage) => stage.serverIsAhead(600_000),
  },
  {
    id: 'clock-ahead',
    phase: 'connecting',
    spoils: 'network',
    label: survives('network', 'unknown', 'restart_required'),
    source: `${SERVICE}: 16 and 17 are mended by the client, which takes the server's time`,
    inject: (stage) => stage.serverIsBehind(600_000),
  },
  {
    id: 'salts-expired-live',
    phase: 'connected',
    spoils: 'network',
    label: survives('network', 'unknown', 'restart_required'),
    source: `${SERVICE}: bad_server_salt, repeated with the one that it names`,
    inject: (stage) => {
      stage.serverIsAhead(2 * 3_600_000);
      stage.poke();
    },
  },
  {
    id: 'no-api-id',
    phase: 'connecting',
    label: { ...setting, after: 'not looked at' },
    source: 'the configuration lost the number of the application: nothing but a person can put it back',
    inject: (stage) => stage.loseApiId(),
  },
  {
    id: 'unreadable-push',
    phase: 'connected',
    label: {
      ...survives('network', 'unknown', 'protocol_changed', 'restart_required'),
      responses: ['carries on', 'retries alone', 'tries other versions'],
      person: ['none', 'wait', 'upgrade'],
    },
    source: 'a constructor of a newer layer: one update that cannot be read; what it was is asked for',
    inject: ({ network, keyId }) => network.faults.pushUnreadable(keyId),
  },
  {
    id: 'unreadable-answers',
    phase: 'connecting',
    label: {
      ...otherVersions('protocol_changed', 'client_outdated'),
      responses: ['tries other versions'],
    },
    source: `${REFERENCE}: fall back when a library cannot read the answers`,
    inject: ({ network }) => {
      network.faults.unreadableAnswer('updates.getState', { times: Infinity });
      network.faults.unreadableAnswer('users.getUsers', { times: Infinity });
      network.faults.unreadableAnswer('updates.getDifference', { times: Infinity });
    },
  },
  {
    id: 'layer-refused',
    phase: 'connecting',
    label: otherVersions('client_outdated'),
    source: `${REFERENCE}: CONNECTION_LAYER_INVALID, another library has another layer`,
    inject: (stage) => stage.refuseOwnLayer(),
  },
  {
    id: 'all-layers-refused',
    phase: 'connecting',
    label: otherVersions('client_outdated'),
    source: `${REFERENCE}: nothing says that the login is gone`,
    inject: ({ network }) => {
      network.server.rules.minLayer = Infinity;
    },
  },
  {
    id: 'update-app-to-login',
    phase: 'connecting',
    label: otherVersions('client_outdated'),
    source: `${ERRORS}: 406 UPDATE_APP_TO_LOGIN`,
    inject: (stage) => stage.answerAll(406, 'UPDATE_APP_TO_LOGIN'),
  },
  {
    id: 'one-answer-lost',
    phase: 'connecting',
    isSilent: true,
    label: survives('network', 'unknown'),
    source: 'an answer that never comes has to have a deadline',
    inject: ({ network }) => {
      network.faults.swallowAnswer('updates.getState');
      network.faults.swallowAnswer('users.getUsers');
      network.faults.swallowAnswer('updates.getDifference');
    },
  },
  {
    id: 'silence-of-the-server',
    phase: 'connected',
    isSilent: true,
    label: retries('network'),
    source: 'the socket is open and nothing is answered',
    inject: ({ network }) => network.faults.silence(),
  },
  {
    id: 'updates-dropped',
    phase: 'connected',
    isSilent: true,
    label: survives('network', 'unknown', 'restart_required'),
    source: 'core.telegram.org/api/updates: pushes may be lost, differences bring them',
    inject: async (stage) => {
      stage.network.stream.policy = () => 'drop';
      await stage.guestSays();
    },
  },
  {
    id: 'cut-ten-times',
    phase: 'connected',
    label: retries('network'),
    source: 'a line that flaps: it must come back each time, with growing waits',
    inject: (stage) => stage.flap(),
  },
  {
    id: 'vault-refuses-live',
    phase: 'connected',
    isSilent: true,
    label: { ...retriesUnknown('network', 'unknown', 'restart_required'), responses: ['retries alone', 'carries on'] },
    source: 'what cannot be kept must not be acknowledged; the disk may have room again',
    inject: async (stage) => {
      stage.vault.beforeCommit = () => {
        throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
      };
      await stage.guestSays();
    },
  },
  {
    id: 'server-gone',
    phase: 'connected',
    label: retries('network'),
    source: 'maintenance: the server ends its connections and listens no more for a while',
    inject: async ({ network, door }) => {
      await door.become({ do: 'closed' });
      network.faults.cut();
    },
  },
];

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
  ...renamed('mt', [...atConnect(), ...live, ...wire]),
  ...doorFaults<TelegramStage>('mt'),
];
export const gramjsFaults: readonly TelegramFault[] = [
  ...renamed('gj', [...atConnect(GRAMJS_WORDS), ...live, ...wire]),
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
