import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Random } from '../../../src/core/random.ts';
import type { Account, CompanionDevice } from './directory.ts';
import { companionsOf } from './directory.ts';
import { isLid, withDevice } from './jid.ts';
import type { PostOffice } from './post-office.ts';
import { node } from './wire/stanza.ts';

/** Tells clients that keep a list of an account's devices when that list changes. */
export class DeviceNews {
  readonly #random: Random;
  readonly #post: PostOffice;
  /** Who asked for an account's devices, and under which address. */
  readonly #readers = new Map<Account, Map<CompanionDevice, string>>();

  constructor(deps: { random: Random; post: PostOffice }) {
    this.#random = deps.random;
    this.#post = deps.post;
  }

  /** `reader` has just been told the devices of `account`, which it knows as `jid`. */
  subscribe(reader: CompanionDevice, account: Account, jid: string): void {
    const readers = this.#readers.get(account) ?? new Map<CompanionDevice, string>();
    readers.set(reader, jid);
    this.#readers.set(account, readers);
  }

  /** A companion was linked or unlinked. */
  publish(change: 'add' | 'remove', device: CompanionDevice): void {
    const { account, number } = device;
    for (const [reader, from] of this.#readersOf(account)) {
      if (reader === device) continue;
      const entry = node('device', { jid: withDevice(from, number), 'key-index': String(number) });
      this.#notify(reader, from, 'devices', node(change, {}, [entry]));
    }
  }

  /** The account's primary phone has a new identity: whoever sealed for it must begin again. */
  publishIdentity(account: Account): void {
    for (const [reader, from] of this.#readersOf(account)) this.#notify(reader, from, 'encrypt', node('identity'));
  }

  /** With the address under which each knows the account; own companions always. */
  #readersOf(account: Account): ReadonlyMap<CompanionDevice, string> {
    const readers = new Map<CompanionDevice, string>();
    for (const companion of companionsOf(account)) readers.set(companion, account.pn);
    for (const [reader, jid] of this.#readers.get(account) ?? []) {
      const isLinked = reader.account.devices.get(reader.number) === reader;
      if (isLinked) readers.set(reader, isLid(jid) ? account.lid : account.pn);
    }
    return readers;
  }

  #notify(reader: CompanionDevice, from: string, type: string, news: BinaryNode): void {
    const id = Buffer.from(this.#random.bytes(8)).toString('hex').toUpperCase();
    this.#post.deliver(reader, node('notification', { from, type, id }, [news]));
  }
}
