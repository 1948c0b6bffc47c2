import type { Label } from './fault.ts';
import { otherVersions, retries, retriesUnknown, survives } from './fault.ts';
import type { TelegramFault } from './labels-telegram.ts';
import { closed, ERRORS, lost, setting } from './labels-telegram.ts';

const TRANSPORTS = 'core.telegram.org/mtproto/mtproto-transports#transport-errors';
const SERVICE = 'core.telegram.org/mtproto/service_messages_about_messages';
const REFERENCE = 'reference of the protocol, 5. How a client announces itself';

const transport = (code: number, label: Label, source = TRANSPORTS): readonly TelegramFault[] => [
  {
    id: `transport${String(code)}-connecting`,
    phase: 'connecting',
    label,
    source,
    inject: ({ network }) => network.faults.refusePackets(code),
  },
];

/** What befalls the line to Telegram, and what is at its ends. */
export const telegramLines: readonly TelegramFault[] = [
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
