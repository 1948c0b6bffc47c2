import type { Connection } from './connection.ts';
import type { Directory } from './directory.ts';
import { lidJidOf } from './directory.ts';
import { isSameUser, parseJid } from './jid.ts';

/** Whom a lever is about: an account or device address of either style, or everyone. */
export type Target = string;

export const EVERYONE: Target = '*';

/** The open sockets, found by the account behind them. */
export class Lines {
  readonly #directory: Directory;
  readonly #open = new Set<Connection>();

  constructor(deps: { directory: Directory }) {
    this.#directory = deps.directory;
  }

  add(connection: Connection): void {
    this.#open.add(connection);
  }

  remove(connection: Connection): void {
    this.#open.delete(connection);
  }

  /** Everyone includes clients that wait to be linked. */
  of(target: Target): readonly Connection[] {
    return [...this.#open].filter((connection) => this.isMeant(target, connection.label));
  }

  /** True when `target` covers the device; `deviceJid` is LID style, or `-` for a client without an account. */
  isMeant(target: Target, deviceJid: string | undefined): boolean {
    if (target === EVERYONE) return true;
    const account = this.#directory.find(target);
    if (account === undefined || deviceJid === undefined || !isSameUser(account.lid, deviceJid)) return false;
    const device = parseJid(target)?.device ?? 0;
    return device === 0 || device === parseJid(deviceJid)?.device;
  }

  /** The companions a lever is about, LID style, also those that are not connected. */
  companions(target: Target): readonly string[] {
    return this.#directory
      .companions()
      .map((device) => lidJidOf(device))
      .filter((deviceJid) => this.isMeant(target, deviceJid));
  }
}
