import type { Fault, Label } from './fault.ts';
import { forHours, named, otherVersions, retries, retriesUnknown, stops, survives, waits } from './fault.ts';
import { doorFaults } from './faults-door.ts';
import type { WhatsAppStage } from './stage-whatsapp.ts';

type WhatsAppFault = Fault<WhatsAppStage>;

const WHATSMEOW = 'whatsmeow types/events ConnectFailureReason and connectionevents.go';
const REFERENCE = 'reference of the protocol, 3. How a connection ends';
const LIBRARY = 'Baileys DisconnectReason';
const HTTP = 'RFC 9110: a status of an edge or a proxy, before WhatsApp has seen who asks';
const HOUR_S = 3_600;
const HOUR_MS = 3_600_000;

const banned = stops(['banned', 'logged_out'], 'open_app', 'relink');
const unlinked = stops(['logged_out'], 'relink');

/** `<failure reason>` at login: what the number means, whether a person is needed. */
const reasons: readonly (readonly [reason: number, label: Label, source: string])[] = [
  [
    400,
    retriesUnknown('unknown', 'network', 'protocol_changed'),
    `${WHATSMEOW}: Generic; nothing says that the link is gone`,
  ],
  [401, unlinked, `${WHATSMEOW}: LoggedOut`],
  [
    402,
    { ...waits(60_000, 'restricted'), backWithinMs: 2 * HOUR_MS },
    `${WHATSMEOW}: TempBanned, here without code and time: at least not at once`,
  ],
  [403, banned, `${WHATSMEOW}: MainDeviceGone, LOCKED in the web client: for bans and new phones`],
  [404, retriesUnknown('unknown', 'network', 'protocol_changed'), `not in ${WHATSMEOW}: unknown`],
  [406, banned, `${WHATSMEOW}: UnknownLogout, BANNED in the web client`],
  [408, retriesUnknown('network', 'unknown'), `${LIBRARY}: timedOut`],
  [
    411,
    stops(['logged_out', 'banned', 'unknown', 'client_outdated'], 'relink', 'open_app'),
    `${LIBRARY}: multideviceMismatch: the phone's WhatsApp has to be set up for linked devices`,
  ],
  [412, retriesUnknown('unknown', 'network', 'protocol_changed'), `not in ${WHATSMEOW}: unknown`],
  [
    413,
    retriesUnknown('unknown', 'network', 'restart_required'),
    `${WHATSMEOW}: CATExpired, refreshed and tried again; of another product`,
  ],
  [
    414,
    retriesUnknown('unknown', 'network', 'restart_required'),
    `${WHATSMEOW}: CATInvalid, refreshed and tried again; of another product`,
  ],
  [415, retriesUnknown('unknown', 'network', 'protocol_changed'), `${WHATSMEOW}: NotFound, not logged out by it`],
  [
    418,
    {
      ...retriesUnknown('unknown', 'network', 'client_outdated', 'protocol_changed'),
      responses: ['retries alone', 'tries other versions'],
    },
    `${WHATSMEOW}: ClientUnknown, not logged out by it`,
  ],
  [419, retriesUnknown('unknown', 'network', 'protocol_changed'), `not in ${WHATSMEOW}: unknown`],
  [421, retriesUnknown('unknown', 'network', 'protocol_changed'), `not in ${WHATSMEOW}: unknown`],
  [428, retriesUnknown('network', 'unknown'), `${LIBRARY}: connectionClosed`],
  [
    429,
    { ...retriesUnknown('network', 'restricted', 'unknown'), responses: ['retries alone', 'waits, then retries'] },
    'RFC 6585: too many requests; passes',
  ],
  [451, retriesUnknown('unknown', 'network', 'restricted'), 'RFC 7725; nothing says that the link is gone'],
  [
    463,
    { ...retriesUnknown('unknown', 'restricted', 'network'), responses: ['retries alone', 'waits, then retries'] },
    'known of messages only (reach-out time-lock): at login unknown; passes',
  ],
  [500, retries('network', 'unknown'), `${WHATSMEOW}: InternalServerError, reconnects by itself`],
  [501, retriesUnknown('network', 'unknown'), `${WHATSMEOW}: Experimental; not logged out by it`],
  [502, retriesUnknown('network', 'unknown'), `not in ${WHATSMEOW}; the class of the server's own failures`],
  [503, retries('network'), `${WHATSMEOW}: ServiceUnavailable, reconnects by itself`],
  [504, retriesUnknown('network', 'unknown'), `not in ${WHATSMEOW}; the class of the server's own failures`],
  [515, retries('restart_required', 'network'), `${LIBRARY}: restartRequired`],
  [599, retriesUnknown('unknown', 'network'), `not in ${WHATSMEOW}: unknown`],
  [777, retriesUnknown('unknown', 'network'), `not in ${WHATSMEOW}: unknown`],
  [1, retriesUnknown('unknown', 'network'), `not in ${WHATSMEOW}: unknown`],
];

const failures: readonly WhatsAppFault[] = reasons.map(([reason, label, source]) => ({
  id: `wa-failure-${String(reason)}`,
  phase: 'connecting',
  label,
  source,
  inject: ({ faults, device }) => faults.refuseLogins(device, reason),
}));

const shapeless: WhatsAppFault = {
  id: 'wa-failure-without-number',
  phase: 'connecting',
  label: retriesUnknown('unknown', 'network', 'protocol_changed'),
  source: 'a failure that says nothing says nothing of the link',
  inject: ({ faults, device }) => faults.refuseLogins(device, Number.NaN),
};

/** The numbers name what was done; the time is in `expire`. */
const temporaryBans: readonly WhatsAppFault[] = [
  [101, 2 * HOUR_S],
  [102, 6 * HOUR_S],
  [103, 24 * HOUR_S],
  [104, HOUR_S],
  [105, 600],
  [106, 72 * HOUR_S],
  [999, HOUR_S],
].map(([code = 0, expireSeconds = 0]) => ({
  id: `wa-temporary-ban-${String(code)}`,
  phase: 'connecting',
  label: waits(expireSeconds * 1_000, 'restricted'),
  source: `${WHATSMEOW}: TempBanned with code and expire; the link stays`,
  inject: ({ faults, device }) => faults.tempBan(device, { code, expireSeconds }),
}));

/** Live: what ends a stream that was well. */
const streamEnds: readonly (readonly [what: string, label: Label, source: string])[] = [
  ['515', retries('restart_required', 'network'), `${LIBRARY}: restartRequired`],
  ['503', retries('network'), `${WHATSMEOW}: the server restarts; reconnects by itself`],
  ['500', retries('network', 'unknown'), `${LIBRARY} names it badSession, ${REFERENCE}: transient first`],
  [
    '516',
    retriesUnknown('unknown', 'network', 'restart_required'),
    'not known of a stream; the login that follows tells more',
  ],
  ['408', retries('network', 'unknown'), `${LIBRARY}: timedOut`],
  ['428', retries('network', 'unknown'), `${LIBRARY}: connectionClosed`],
  [
    '429',
    {
      ...retriesUnknown('network', 'restricted', 'unknown'),
      responses: ['retries alone', 'waits, then retries'],
    },
    'RFC 6585; passes',
  ],
  ['599', retriesUnknown('unknown', 'network'), 'not known; the login that follows tells more'],
  ['777', retriesUnknown('unknown', 'network'), 'not known; the login that follows tells more'],
  [
    'xml-not-well-formed',
    retries('network', 'unknown', 'protocol_changed', 'restart_required'),
    'a child of the error (RFC 6120, 4.9.3.13): what was said is not taken, the login is',
  ],
  [
    'ack',
    retries('network', 'unknown', 'protocol_changed', 'restart_required'),
    'a child of the error: an answer that the server misses; the login is taken',
  ],
  ['none', retries('network', 'unknown'), `${REFERENCE}: a stream error without a code`],
];
const streamErrors: readonly WhatsAppFault[] = streamEnds.map(([what, label, source]) => ({
  id: `wa-stream-${what}`,
  phase: 'connected',
  label,
  source,
  inject: (stage) => stage.endStream(what),
}));

const conflicts: readonly WhatsAppFault[] = [
  {
    id: 'wa-replaced-by-one-who-stays',
    phase: 'connected',
    label: stops(['replaced'], 'open_app', 'start', 'relink'),
    source: `${REFERENCE}: 440, another program has these credentials and comes back each time: do not fight it`,
    inject: (stage) => stage.replaceAlways(),
  },
  {
    id: 'wa-replaced-once',
    phase: 'connected',
    label: {
      kinds: ['replaced'],
      responses: ['waits, then retries', 'retries alone', 'stops'],
      person: ['none', 'wait', 'open_app', 'start', 'relink'],
      after: 'not looked at',
    },
    source: `${REFERENCE}: 440; once may be our own earlier connection, which the server noticed late`,
    inject: ({ faults, device }) => faults.replace(device),
  },
  {
    id: 'wa-failure-440',
    phase: 'connecting',
    label: stops(['replaced'], 'open_app', 'start', 'relink'),
    source: `${LIBRARY}: connectionReplaced, at each login`,
    inject: ({ faults, device }) => faults.refuseLogins(device, 440),
  },
  {
    id: 'wa-unlinked-by-the-phone',
    phase: 'connected',
    spoils: 'account',
    label: unlinked,
    source: `${REFERENCE}: 401 with conflict device_removed`,
    inject: ({ phone, device }) => phone.removeCompanion(device),
  },
  {
    id: 'wa-unlinked-while-away',
    phase: 'connecting',
    spoils: 'account',
    label: unlinked,
    source: `${WHATSMEOW}: 401 at login`,
    inject: ({ phone, device }) => phone.removeCompanion(device),
  },
  {
    id: 'wa-stream-401-and-logins-refused',
    phase: 'connected',
    label: unlinked,
    source: `${WHATSMEOW}: a bare 401 of a stream is not known, 401 at the login after it is the end of the link`,
    inject: (stage) => {
      stage.faults.refuseLogins(stage.device, 401);
      stage.endStream('401');
    },
  },
  {
    id: 'wa-conflict-of-another-type',
    phase: 'connected',
    label: {
      ...retriesUnknown('unknown', 'replaced', 'network'),
      responses: ['retries alone', 'waits, then retries'],
    },
    source: 'a conflict of a type that nobody knows: the login after it tells more',
    inject: (stage) => stage.endStream('conflict-unknown'),
  },
  {
    id: 'wa-ban-live',
    phase: 'connected',
    label: banned,
    source: `${WHATSMEOW}: 403 on the stream and at each login`,
    inject: ({ faults, device }) => faults.ban(device),
  },
  {
    id: 'wa-503-then-403',
    phase: 'connected',
    label: { ...banned, kinds: ['network', 'banned', 'logged_out'] },
    source: `${REFERENCE}: in the wild a ban begins with 503, then 403`,
    inject: (stage) => {
      stage.faults.refuseLogins(stage.device, 403);
      stage.endStream('503');
    },
  },
  {
    id: 'wa-temporary-ban-live',
    phase: 'connected',
    label: waits(HOUR_MS, 'restricted'),
    source: `${WHATSMEOW}: TempBanned; the link stays`,
    inject: ({ faults, device }) => faults.tempBan(device, { code: 101, expireSeconds: HOUR_S }),
  },
  {
    id: 'wa-outage',
    phase: 'connected',
    label: retries('network'),
    source: `${WHATSMEOW}: 503 on the stream and at each login`,
    inject: ({ faults, device }) => faults.outage(device),
  },
  {
    id: 'wa-orderly-end',
    phase: 'connected',
    label: retries('network'),
    source: `${REFERENCE}: 428`,
    inject: ({ faults, device }) => faults.endStream(device),
  },
  {
    id: 'wa-downgrade-webclient',
    phase: 'connected',
    label: {
      kinds: ['logged_out', 'unknown', 'banned', 'client_outdated', 'network'],
      responses: ['stops', 'retries alone', 'carries on'],
      person: ['relink', 'open_app', 'none', 'wait', 'upgrade'],
      after: 'not looked at',
    },
    source: `${LIBRARY}: 411, seen of phones with an old WhatsApp only`,
    inject: (stage) => stage.say('ib', 'downgrade_webclient'),
  },
];

const versions: readonly WhatsAppFault[] = [
  {
    id: 'wa-newest-version-refused',
    phase: 'connecting',
    label: otherVersions('client_outdated'),
    source: `${WHATSMEOW}: ClientOutdated; ${REFERENCE}, 4: another version in the login is all that it takes`,
    inject: ({ faults, versions: [, second] }) => faults.acceptVersions({ newest: second }),
  },
  {
    id: 'wa-only-the-oldest-accepted',
    phase: 'connecting',
    label: otherVersions('client_outdated'),
    source: `${REFERENCE}, 4: too new is refused as well`,
    inject: ({ faults, versions: [, , third] }) => faults.acceptVersions({ newest: third }),
  },
  {
    id: 'wa-only-the-second-accepted',
    phase: 'connected',
    label: otherVersions('client_outdated', 'network'),
    source: `${REFERENCE}, 4; live sessions are cut, the login tells why`,
    inject: ({ faults, device, versions: [, second] }) => {
      faults.acceptVersions({ oldest: second, newest: second });
      faults.cut(device);
    },
  },
  {
    id: 'wa-all-versions-refused',
    phase: 'connecting',
    label: { ...otherVersions('client_outdated'), person: ['none', 'wait', 'upgrade'] },
    source: `${REFERENCE}, 4: never judge the session lost because of 405`,
    inject: ({ faults }) => faults.acceptVersions({ oldest: [9, 0, 0] }),
  },
  {
    id: 'wa-failure-405',
    phase: 'connecting',
    label: otherVersions('client_outdated'),
    source: `${WHATSMEOW}: ClientOutdated`,
    inject: ({ faults, device }) => faults.refuseLogins(device, 405),
  },
  {
    id: 'wa-failure-409',
    phase: 'connecting',
    label: otherVersions('client_outdated'),
    source: `${WHATSMEOW}: BadUserAgent, of which the version is a part`,
    inject: ({ faults, device }) => faults.refuseLogins(device, 409),
  },
];

const upgrades: readonly WhatsAppFault[] = [
  301, 400, 401, 403, 404, 407, 408, 410, 429, 451, 500, 502, 503, 504, 511,
].map((status) => ({
  id: `wa-upgrade-${String(status)}`,
  phase: 'connecting',
  label:
    status === 429
      ? { ...retries('network', 'restricted'), responses: ['retries alone', 'waits, then retries'] }
      : retries('network', 'unknown'),
  source: HTTP,
  inject: ({ faults }) => faults.refuseUpgrade(status),
}));

const silences: readonly WhatsAppFault[] = [
  ...(['both', 'to_client', 'from_client'] as const).map(
    (direction): WhatsAppFault => ({
      id: `wa-silent-${direction}`,
      phase: 'connected',
      isSilent: true,
      label: retries('network'),
      source: `${REFERENCE}: a dead line is told by nobody`,
      inject: ({ faults, device }) => faults.silence(device, direction),
    }),
  ),
  {
    id: 'wa-withheld',
    phase: 'connected',
    isSilent: true,
    label: retries('network', 'unknown', 'restart_required'),
    source: 'the server answers, and brings nothing: guests write to nobody; a new connection is all that may help',
    inject: ({ faults, device }) => faults.withhold(device),
  },
  ...(['upgrade', 'handshake'] as const).map(
    (at): WhatsAppFault => ({
      id: `wa-stalled-at-${at}`,
      phase: 'connecting',
      isSilent: true,
      label: retries('network'),
      source: `${REFERENCE}, 1.2: hangs for ever without a watchdog`,
      inject: ({ faults }) => faults.stall(at),
    }),
  ),
];

const untrusted: Label = {
  kinds: ['network', 'protocol_changed', 'unknown'],
  responses: ['retries alone', 'tries other versions'],
  person: ['none', 'wait', 'upgrade'],
  after: 'connected',
};

const certificates: readonly WhatsAppFault[] = (
  ['altered_leaf', 'altered_intermediate', 'other_root', 'replayed'] as const
).map((variant) => ({
  id: `wa-certificates-${variant}`,
  phase: 'connecting',
  label: untrusted,
  source: 'Noise certificates: not the network, or a network with new keys; nothing is known of the link',
  inject: ({ faults }) => faults.showCertificates(variant),
}));

const wires: readonly WhatsAppFault[] = [
  {
    id: 'wa-garbled-frame',
    phase: 'connected',
    isSilent: true,
    label: { ...untrusted, kinds: ['network', 'protocol_changed', 'unknown', 'restart_required'] },
    source: 'Noise: a frame that cannot be opened ends the line; a new one has new keys',
    inject: async (stage) => {
      stage.door.garble();
      await stage.guestSays();
    },
  },
  {
    id: 'wa-garbled-message',
    phase: 'connected',
    label: survives('network', 'unknown', 'restart_required'),
    source: 'one message that cannot be read is asked for again; the line is well',
    inject: async ({ faults, device, guestSays }) => {
      faults.garbleNext(device);
      await guestSays();
    },
  },
  {
    id: 'wa-garbled-handshake',
    phase: 'connecting',
    label: untrusted,
    source: 'Noise: the handshake fails for both',
    inject: ({ door }) => door.become({ do: 'flip', at: 300 }),
  },
  {
    id: 'wa-name-that-nobody-has',
    phase: 'connecting',
    label: { ...retries('network'), after: 'not looked at' },
    source: 'RFC 8020: a name server may be wrong for a while',
    inject: (stage) => {
      stage.config = { ...stage.config, endpoint: 'wss://no-such-host.invalid/ws/chat' };
    },
  },
  {
    id: 'wa-tls-expected-plain-found',
    phase: 'connecting',
    label: { ...untrusted, after: 'not looked at' },
    source: 'RFC 8446: no server of that kind is there',
    inject: (stage) => {
      stage.config = { ...stage.config, endpoint: `wss://127.0.0.1:${String(stage.door.port)}/ws/chat` };
    },
  },
  {
    id: 'wa-tls-of-somebody-else',
    phase: 'connecting',
    label: { ...untrusted, after: 'not looked at' },
    source: 'RFC 5280: a certificate that nobody vouches for, as of an inspecting proxy',
    inject: (stage) => {
      stage.config = { ...stage.config, endpoint: `wss://${stage.strangerHost}/ws/chat` };
    },
  },
  {
    id: 'wa-passive-mode-refused',
    phase: 'connecting',
    label: survives('network', 'unknown', 'restart_required'),
    source: 'the line stays passive and brings nothing: to be asked for again',
    isSilent: true,
    inject: ({ faults, device }) => faults.refuseNextActive(device),
  },
  {
    id: 'wa-vault-refuses-live',
    phase: 'connected',
    label: {
      ...retriesUnknown('network', 'unknown', 'restart_required'),
      person: ['none', 'wait', 'open_app', 'upgrade'],
    },
    source: 'what cannot be kept must not be acknowledged; the disk may have room again, the link is well',
    inject: async (stage) => {
      stage.vault.beforeCommit = () => {
        throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
      };
      await stage.guestSays();
    },
  },
  {
    id: 'wa-store-refuses-messages',
    phase: 'connected',
    label: survives('network', 'unknown', 'restart_required'),
    source: 'the daemon cannot store: messages wait in the vault, the line is well',
    inject: async (stage) => {
      stage.refuseToStore = true;
      await stage.guestSays();
    },
  },
];

const passing: readonly WhatsAppFault[] = [
  ...failures,
  shapeless,
  ...temporaryBans,
  ...streamErrors,
  ...conflicts,
  ...versions,
  ...upgrades,
  ...silences,
  ...certificates,
  ...wires,
  ...doorFaults<WhatsAppStage>('wa'),
];

export const whatsappFaults: readonly WhatsAppFault[] = [
  ...passing,
  ...named(
    passing,
    'wa-failure-503',
    'wa-failure-777',
    'wa-all-versions-refused',
    'wa-upgrade-403',
    'wa-nobody-listens',
    'wa-certificates-other_root',
  ).map((fault) => forHours(fault)),
];
