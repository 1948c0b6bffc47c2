import type { Random } from '../../../src/core/random.ts';
import type { Account, CompanionDevice, Device } from './directory.ts';
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
    const readers = new Map<Device, string>(this.#readers.get(account) ?? []);
    for (const companion of companionsOf(account)) readers.set(companion, readers.get(companion) ?? account.pn);
    readers.delete(device);
    for (const [reader, jid] of readers) {
      const from = isLid(jid) ? account.lid : account.pn;
      const id = Buffer.from(this.#random.bytes(8)).toString('hex').toUpperCase();
      const entry = node('device', { jid: withDevice(from, number), 'key-index': String(number) });
      this.#post.deliver(reader, node('notification', { from, type: 'devices', id }, [node(change, {}, [entry])]));
    }
  }
}
