import type { Label } from './fault.ts';
import { retries, retriesUnknown, stops, waits } from './fault.ts';
import type { WhatsAppFault } from './labels-whatsapp.ts';
import { banned, HOUR_MS, HOUR_S, LIBRARY, REFERENCE, unlinked, WHATSMEOW } from './labels-whatsapp.ts';

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

/** What ends a session of WhatsApp that was well. */
export const whatsappStreams: readonly WhatsAppFault[] = [...streamErrors, ...conflicts];
