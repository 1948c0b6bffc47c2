/** An address of the network, taken apart. */
export interface Jid {
  readonly user: string;
  /** 0 for a primary phone, and for addresses without a device. */
  readonly device: number;
  readonly server: string;
}

const LID_SERVER = 'lid';
const GROUP_SERVER = 'g.us';

/** Undefined for what is no `user[:device]@server`. */
export function parseJid(text: string | undefined): Jid | undefined {
  const match = /^([^@:]*?)(?::(\d+))?@([a-z.]+)$/.exec(text ?? '');
  if (match === null) return undefined;
  const [, user = '', device = '0', server = ''] = match;
  return { user, device: Number(device), server };
}

/** `user@server`, or `user:device@server` for a companion. */
export function formatJid(user: string, server: string, device = 0): string {
  return device === 0 ? `${user}@${server}` : `${user}:${String(device)}@${server}`;
}

/** `jid` without its device. */
export function bareJid(jid: string): string {
  const parsed = parseJid(jid);
  return parsed === undefined ? jid : formatJid(parsed.user, parsed.server);
}

/** `bare` with the given device. */
export function withDevice(bare: string, device: number): string {
  const parsed = parseJid(bare);
  return parsed === undefined ? bare : formatJid(parsed.user, parsed.server, device);
}

export function isLid(jid: string | undefined): boolean {
  return parseJid(jid)?.server === LID_SERVER;
}

export function isGroup(jid: string | undefined): boolean {
  return parseJid(jid)?.server === GROUP_SERVER;
}

/** True when both name the same user (or group), whatever the device. */
export function isSameUser(left: string | undefined, right: string | undefined): boolean {
  const one = parseJid(left);
  const other = parseJid(right);
  return one !== undefined && other !== undefined && one.user === other.user && one.server === other.server;
}
