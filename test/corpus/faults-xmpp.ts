import type { Fault, Label } from './fault.ts';
import { forHours, named, retries, retriesUnknown, stops } from './fault.ts';
import { doorFaults } from './faults-door.ts';
import type { XmppStage } from './stage-xmpp.ts';

type XmppFault = Fault<XmppStage>;

const STREAM = 'RFC 6120, 4.9.3';
const SASL = 'RFC 6120, 6.5';

const passes = retries('network', 'unknown', 'restart_required');
const strange: Label = {
  ...retriesUnknown('network', 'unknown', 'protocol_changed', 'restart_required'),
  responses: ['retries alone', 'waits, then retries', 'tries other versions'],
};
const setting: Label = {
  kinds: ['unknown', 'network', 'protocol_changed', 'logged_out', 'restricted'],
  responses: ['stops', 'retries alone'],
  person: ['start', 'relink', 'upgrade', 'none', 'wait', 'open_app'],
  after: 'not looked at',
};
const wrong = stops(['logged_out'], 'relink');

/** Once, on a stream that is well; the login that follows is taken. */
const streamErrors: readonly (readonly [condition: string, label: Label, section: string])[] = [
  ['system-shutdown', passes, '23: the server goes down'],
  ['reset', passes, '18: security features have changed: to be done anew'],
  ['resource-constraint', passes, '17: the server lacks resources'],
  ['connection-timeout', passes, '4: the server has not heard from us'],
  ['internal-server-error', passes, '8'],
  ['remote-connection-failed', passes, '15'],
  ['see-other-host', passes, '19: to connect again, elsewhere'],
  ['see-other-host 127.0.0.1:9', passes, '19: a host where nobody listens'],
  ['undefined-condition', strange, '21'],
  [
    'policy-violation',
    { ...strange, kinds: ['restricted', 'unknown', 'network', 'protocol_changed'] },
    '14: says nothing of the password',
  ],
  ['not-well-formed', strange, '13'],
  ['invalid-xml', strange, '11'],
  ['unsupported-stanza-type', strange, '24'],
  ['something-new', strange, 'not known'],
];

const saslFailures: readonly (readonly [condition: string, label: Label, section: string])[] = [
  ['not-authorized', wrong, '10: the password is not taken'],
  ['credentials-expired', wrong, '4'],
  ['account-disabled', { ...wrong, kinds: ['logged_out', 'banned'], person: ['relink', 'open_app'] }, '2'],
  ['temporary-auth-failure', passes, '11: to be tried later'],
  ['mechanism-too-weak', setting, '9: a matter of settings'],
  ['encryption-required', setting, '5: a matter of settings'],
  ['something-new', { ...setting, kinds: ['unknown', 'logged_out', 'network', 'protocol_changed'] }, 'not known'],
];

const passing: readonly XmppFault[] = [
  ...streamErrors.map(
    ([condition, label, section]): XmppFault => ({
      id: `xmpp-stream-${condition.replaceAll(/[^a-z-]+/g, '-')}`,
      phase: 'connected',
      label,
      source: `${STREAM}.${section}`,
      inject: ({ server }) => server.endStreams(condition),
    }),
  ),
  ...saslFailures.map(
    ([condition, label, section]): XmppFault => ({
      id: `xmpp-sasl-${condition}`,
      phase: 'connecting',
      label,
      source: `${SASL}.${section}`,
      inject: ({ server }) => {
        server.refuseLogins = condition;
      },
    }),
  ),
  {
    id: 'xmpp-conflict-with-one-who-stays',
    phase: 'connected',
    label: stops(['replaced'], 'open_app', 'start', 'relink'),
    source: `${STREAM}.3: another stream has this resource, each time`,
    inject: ({ server }) => {
      server.endAfterLogin = 'conflict';
      server.endStreams('conflict');
    },
  },
  {
    id: 'xmpp-account-deleted',
    phase: 'connected',
    label: { ...wrong, kinds: ['logged_out', 'unknown', 'network'] },
    source: `${STREAM}.12: Prosody ends the streams of a deleted account with not-authorized, logins fail`,
    inject: ({ server }) => {
      server.refuseLogins = 'not-authorized';
      server.endStreams('not-authorized');
    },
  },
  {
    id: 'xmpp-host-unknown',
    phase: 'connecting',
    label: setting,
    source: `${STREAM}.6: the server does not serve the domain of the account`,
    inject: ({ server }) => {
      server.refuseStreams = 'host-unknown';
    },
  },
  {
    id: 'xmpp-shutdown-at-the-door',
    phase: 'connecting',
    label: passes,
    source: `${STREAM}.23 to each stream that is opened`,
    inject: ({ server }) => {
      server.refuseStreams = 'system-shutdown';
    },
  },
  {
    id: 'xmpp-no-stream-management',
    phase: 'connecting',
    label: setting,
    source: 'XEP-0198: a server that does not offer it',
    isSilent: true,
    inject: ({ server }) => {
      server.offersManagement = false;
    },
  },
  {
    id: 'xmpp-mute',
    phase: 'connected',
    isSilent: true,
    label: retries('network'),
    source: 'XEP-0199: a server that answers no ping',
    inject: ({ server }) => {
      server.isMute = true;
    },
  },
  ...doorFaults<XmppStage>('xmpp', ['frozen-to-us']),
];

export const xmppFaults: readonly XmppFault[] = [
  ...passing,
  ...named(passing, 'xmpp-shutdown-at-the-door', 'xmpp-sasl-temporary-auth-failure').map((fault) => forHours(fault)),
];
