import type { Label } from './fault.ts';
import { otherVersions, retries, retriesUnknown, stops, waits } from './fault.ts';
import type { WhatsAppFault } from './labels-whatsapp.ts';
import { banned, HOUR_MS, HOUR_S, LIBRARY, REFERENCE, unlinked, WHATSMEOW } from './labels-whatsapp.ts';

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

/** What WhatsApp answers to a login. */
export const whatsappLogins: readonly WhatsAppFault[] = [...failures, shapeless, ...temporaryBans, ...versions];
