import { bareJid, parseJid, withDevice } from '../jid.ts';

export { isGroup, withDevice } from '../jid.ts';

/** Both ways in which the network addresses an account. */
export type Addressing = 'lid' | 'pn';

interface Directory {
  lidOf(pn: string): string | undefined;
  pnOf(lid: string): string | undefined;
}

export function deviceNumberOf(jid: string): number {
  return parseJid(jid)?.device ?? 0;
}

/** `jid` without a device part. */
export function toUserJid(jid: string): string {
  return bareJid(jid);
}

/** The same user or device by its hidden address; undefined if the network does not know it. */
export function toLid(directory: Directory, jid: string): string | undefined {
  const user = bareJid(jid);
  const lid = user.endsWith('@lid') ? user : directory.lidOf(user);
  return lid === undefined ? undefined : withDevice(lid, deviceNumberOf(jid));
}

/** The same user or device in the asked style; the hidden address when no number is known. */
export function toStyle(directory: Directory, jid: string, style: Addressing): string {
  const lid = toLid(directory, jid) ?? jid;
  if (style === 'lid') return lid;
  const pn = directory.pnOf(bareJid(lid));
  return pn === undefined ? lid : withDevice(pn, deviceNumberOf(jid));
}
