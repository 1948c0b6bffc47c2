import type { Label } from './fault.ts';
import { retries, retriesUnknown, retriesUnreached, survives } from './fault.ts';
import type { WhatsAppFault } from './labels-whatsapp.ts';
import { REFERENCE } from './labels-whatsapp.ts';

const HTTP = 'RFC 9110: a status of an edge or a proxy, before WhatsApp has seen who asks';

const upgrades: readonly WhatsAppFault[] = [
  301, 400, 401, 403, 404, 407, 408, 410, 429, 451, 500, 502, 503, 504, 511,
].map((status) => ({
  id: `wa-upgrade-${String(status)}`,
  phase: 'connecting',
  label:
    status === 429
      ? { ...retriesUnreached('network', 'restricted'), responses: ['retries alone', 'waits, then retries'] }
      : retriesUnreached('network', 'unknown'),
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
    label: { ...retriesUnreached('network'), after: 'not looked at' },
    source: 'RFC 8020: a name server may be wrong for a while',
    inject: (stage) => {
      stage.config = { ...stage.config, endpoint: 'wss://no-such-host.invalid/ws/chat' };
    },
  },
  {
    id: 'wa-tls-expected-plain-found',
    phase: 'connecting',
    label: { ...retriesUnreached('network'), after: 'not looked at' },
    source: 'RFC 8446: no server of that kind is there',
    inject: (stage) => {
      stage.config = { ...stage.config, endpoint: `wss://127.0.0.1:${String(stage.door.port)}/ws/chat` };
    },
  },
  {
    id: 'wa-tls-of-somebody-else',
    phase: 'connecting',
    label: { ...retriesUnreached('network'), after: 'not looked at' },
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

/** What befalls the line to WhatsApp, and what is at its ends. */
export const whatsappLines: readonly WhatsAppFault[] = [...upgrades, ...silences, ...certificates, ...wires];
