import type { Address } from '../../src/connector-api/index.ts';
import type { Random } from '../../src/core/random.ts';

/** What WhatsApp Web's ids begin with (Baileys `generateMessageIDV2`); phones use other beginnings. */
const WEB_CLIENT_PREFIX = '3EB0';
const ID_RANDOM_BYTES = 9; // 18 hexadecimal digits, as WhatsApp Web writes them today

/** A message id in the shape that WhatsApp Web uses, e.g. `3EB0C767D26A1D2E5A3F19`. */
export function createMessageId(random: Random): string {
  return WEB_CLIENT_PREFIX + Buffer.from(random.bytes(ID_RANDOM_BYTES)).toString('hex').toUpperCase();
}

const RECOVERED = '+recovered';

/** The daemon's name for a message that was read only after an `unsupported` one had taken its place. */
export const recoveredId = (networkId: string): string => networkId + RECOVERED;

/** The id that the network knows, for whatever the daemon calls the message. */
export const nativeId = (networkId: string): string =>
  networkId.endsWith(RECOVERED) ? networkId.slice(0, -RECOVERED.length) : networkId;

/** What a WhatsApp address names. `other` covers newsletters, bots and whatever comes next. */
export type JidKind = 'phone' | 'hidden' | 'group' | 'broadcast' | 'newsletter' | 'other';

export interface Jid {
  readonly kind: JidKind;
  /** Without device and agent: `4915112345678`, `100000000000001`, `120363041234567890`. */
  readonly user: string;
  readonly device: number;
}

/** Servers of Baileys `jidDecode`; `hosted` ones are accounts run by a business provider. */
const KIND_BY_SERVER: ReadonlyMap<string, JidKind> = new Map([
  ['s.whatsapp.net', 'phone'],
  ['c.us', 'phone'],
  ['hosted', 'phone'],
  ['lid', 'hidden'],
  ['hosted.lid', 'hidden'],
  ['g.us', 'group'],
  ['broadcast', 'broadcast'],
  ['newsletter', 'newsletter'],
]);

/** Takes `user[_agent][:device]@server` apart; undefined when it is no such thing. */
export function parseJid(text: string | null | undefined): Jid | undefined {
  const match = /^([^@:_]*)(?:_\d+)?(?::(\d+))?@(.+)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, user = '', device = '0', server = ''] = match;
  return { kind: KIND_BY_SERVER.get(server) ?? 'other', user, device: Number(device) };
}

/** The public address of a person or group; undefined for what has none (broadcasts, newsletters). */
export function addressOfJid(text: string | null | undefined): Address | undefined {
  const jid = parseJid(text);
  if (jid === undefined || jid.user === '') return undefined;
  switch (jid.kind) {
    case 'phone':
      return `+${jid.user}`;
    case 'hidden':
      return `lid:${jid.user}`;
    case 'group':
      return `group:${jid.user}`;
    case 'broadcast':
    case 'newsletter':
    case 'other':
      break;
  }
  return undefined;
}

/** The network's form of an address, without a device; undefined when it is none of ours. */
export function jidOfAddress(address: Address): string | undefined {
  if (/^\+\d+$/.test(address)) return `${address.slice(1)}@s.whatsapp.net`;
  if (/^lid:\d+$/.test(address)) return `${address.slice('lid:'.length)}@lid`;
  if (/^group:[\d-]+$/.test(address)) return `${address.slice('group:'.length)}@g.us`;
  return undefined;
}

/** The same user or group without the device, e.g. `49151…:12@s.whatsapp.net` → `49151…@s.whatsapp.net`. */
export function bareJid(text: string | null | undefined): string | undefined {
  const address = addressOfJid(text);
  return address === undefined ? undefined : jidOfAddress(address);
}
