import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Account, Device, Directory } from './directory.ts';
import { jidLike, lidJidOf } from './directory.ts';
import type { Groups } from './groups.ts';
import { isGroup } from './jid.ts';
import type { PostOffice } from './post-office.ts';
import type { ViolationLog } from './violations.ts';
import { childrenOf, node } from './wire/stanza.ts';

/** Who types, who is there: passed on to whoever is there to see it, never queued. */
export class PresenceRouter {
  readonly #directory: Directory;
  readonly #groups: Groups;
  readonly #post: PostOffice;
  readonly #violations: ViolationLog;
  readonly #available = new Set<Device>();
  /** Who watches whom, and under which address. */
  readonly #watchers = new Map<Account, Map<Device, string>>();

  constructor(deps: { directory: Directory; groups: Groups; post: PostOffice; violations: ViolationLog }) {
    this.#directory = deps.directory;
    this.#groups = deps.groups;
    this.#post = deps.post;
    this.#violations = deps.violations;
  }

  routeChatState(sender: Device, stanza: BinaryNode): void {
    const { to } = stanza.attrs;
    const state = childrenOf(stanza)[0];
    if (to === undefined || state === undefined) {
      this.#violations.record('malformed', lidJidOf(sender), 'chat state without recipient or state');
      return;
    }
    if (isGroup(to)) {
      for (const lid of this.#groups.find(to)?.members.keys() ?? []) {
        if (lid !== sender.account.lid) {
          this.#hint(
            this.#directory.find(lid),
            node('chatstate', { from: to, participant: lidJidOf(sender) }, [state]),
          );
        }
      }
      return;
    }
    this.#hint(this.#directory.find(to), node('chatstate', { from: jidLike(sender, to) }, [state]));
  }

  routePresence(sender: Device, stanza: BinaryNode): void {
    const { type, to, name } = stanza.attrs;
    if (name !== undefined) sender.account.pushName = name;
    switch (type) {
      case 'subscribe':
        this.#subscribe(sender, to);
        return;
      case 'unavailable':
        this.leave(sender);
        return;
      case 'available':
        this.#available.add(sender);
        this.#announce(sender.account);
        return;
      case undefined: // only tells the name
        return;
      default:
        this.#violations.record('malformed', lidJidOf(sender), `presence of unknown type ${type}`);
    }
  }

  /** The device is no longer there to be seen. */
  leave(device: Device): void {
    if (this.#available.delete(device)) this.#announce(device.account);
  }

  #subscribe(watcher: Device, to: string | undefined): void {
    const account = this.#directory.find(to);
    if (account === undefined || to === undefined) return; // groups and strangers have no presence; no harm done
    const watchers = this.#watchers.get(account) ?? new Map<Device, string>();
    watchers.set(watcher, to);
    this.#watchers.set(account, watchers);
    this.#post.hint(watcher, this.#presenceOf(account, to));
  }

  #announce(account: Account): void {
    for (const [watcher, address] of this.#watchers.get(account) ?? []) {
      this.#post.hint(watcher, this.#presenceOf(account, address));
    }
  }

  #presenceOf(account: Account, address: string): BinaryNode {
    const isThere = [...account.devices.values()].some((device) => this.#available.has(device));
    return node('presence', {
      from: address,
      type: isThere ? undefined : 'unavailable',
      last: isThere ? undefined : 'deny',
    });
  }

  #hint(account: Account | undefined, stanza: BinaryNode): void {
    for (const device of account?.devices.values() ?? []) this.#post.hint(device, stanza);
  }
}
