import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ClientDuties } from './client-duties.ts';
import type { Account, Device, Directory } from './directory.ts';
import { jidLike, lidJidOf } from './directory.ts';
import type { Faults } from './faults.ts';
import type { Groups } from './groups.ts';
import { bareJid, isGroup, isLid, parseJid } from './jid.ts';
import type { Ledger } from './ledger.ts';
import type { PostOffice } from './post-office.ts';
import type { ViolationLog } from './violations.ts';
import { childOf, childrenOf, node } from './wire/stanza.ts';

/** The server's word on one message: the attributes that its ack carries besides the usual ones. */
export interface Verdict {
  readonly error?: string;
  /** Set when a device of the recipients was left out, so that the sender asks for its device list again. */
  readonly phash?: string;
}

/** Error codes of acks, as clients know them. */
const NOT_AUTHORISED = '401';
const UNKNOWN_RECIPIENT = '404';
const MALFORMED = '479';
const NO_NEW_CHATS = '463';

const CIPHER_TYPES: ReadonlySet<string> = new Set(['pkmsg', 'msg', 'skmsg']);
const CARRIED_CHILDREN = ['device-identity', 'meta', 'reporting'] as const;

/** Fans a message out to the devices it is sealed for, in the form each of them expects. */
export class MessageRouter {
  readonly #directory: Directory;
  readonly #groups: Groups;
  readonly #post: PostOffice;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #duties: ClientDuties;
  readonly #violations: ViolationLog;

  constructor(deps: {
    directory: Directory;
    groups: Groups;
    post: PostOffice;
    ledger: Ledger;
    faults: Faults;
    duties: ClientDuties;
    violations: ViolationLog;
  }) {
    this.#directory = deps.directory;
    this.#groups = deps.groups;
    this.#post = deps.post;
    this.#ledger = deps.ledger;
    this.#faults = deps.faults;
    this.#duties = deps.duties;
    this.#violations = deps.violations;
  }

  /** Takes a message from `sender`; `now` in seconds. */
  route(sender: Device, stanza: BinaryNode, now: number): Verdict {
    const { id, to, category, participant } = stanza.attrs;
    if (id === undefined || to === undefined || parseJid(to) === undefined) {
      return this.#refuse(sender, MALFORMED, 'malformed', 'message without id or recipient');
    }
    const problem = sender.kind === 'companion' ? findProblem(stanza) : undefined;
    if (problem !== undefined) return this.#refuse(sender, MALFORMED, 'malformed', problem);
    const head = { id, t: String(now), type: stanza.attrs['type'] ?? 'text', edit: stanza.attrs['edit'] };
    const notify = { notify: sender.account.pushName };
    if (to === 'status@broadcast') return {};
    if (category === 'peer') return this.#routePeer(sender, stanza, to, { ...head, category });
    const resealed = childrenOf(stanza, 'participants').length === 0 && !isSkmsg(stanza);
    if (resealed) return this.#routeToOne(sender, stanza, participant ?? to, { ...head, ...notify });
    if (this.#isLockedOut(sender, to)) return { error: NO_NEW_CHATS };
    if (!this.#ledger.accept(sender.account.lid, this.#chatKey(to), id)) return {};
    if (isGroup(to)) return this.#routeToGroup(sender, stanza, to, { ...head, ...notify });
    return this.#routeToUser(sender, stanza, to, { ...head, ...notify });
  }

  #routePeer(sender: Device, stanza: BinaryNode, to: string, head: Head): Verdict {
    const device = this.#directory.findDevice(to);
    const enc = childOf(stanza, 'enc');
    if (device === undefined || device.account !== sender.account || enc === undefined) {
      return this.#refuse(sender, MALFORMED, 'malformed', 'peer message that is not for an own device');
    }
    this.#post.deliver(device, node('message', { from: jidLike(sender, to), ...head }, [enc, ...carried(stanza)]));
    return {};
  }

  /** A copy sealed again for the one device that could not read the first. */
  #routeToOne(sender: Device, stanza: BinaryNode, target: string, head: Head): Verdict {
    const device = this.#directory.findDevice(target);
    const enc = childOf(stanza, 'enc');
    const to = stanza.attrs['to'] ?? target;
    if (device === undefined) return this.#refuse(sender, UNKNOWN_RECIPIENT, 'unknown_recipient', 'no such device');
    if (enc === undefined) return this.#refuse(sender, MALFORMED, 'malformed', 'message without content');
    this.#payResend(sender, device, head);
    const address = isGroup(to)
      ? groupAddress(sender, to)
      : this.#directAddress(sender, device, stanza.attrs['recipient'] ?? bareJid(to));
    this.#post.deliver(device, node('message', { ...address, ...head }, [enc, ...carried(stanza)]));
    return {};
  }

  #routeToUser(sender: Device, stanza: BinaryNode, to: string, head: Head): Verdict {
    const recipient = this.#directory.find(to);
    if (recipient === undefined) {
      return this.#refuse(sender, UNKNOWN_RECIPIENT, 'unknown_recipient', 'no such user');
    }
    const sealed = this.#sealedParts(sender, stanza);
    for (const [device, encs] of sealed) {
      if (device.account !== recipient && device.account !== sender.account) {
        this.#violations.record('malformed', lidJidOf(sender), 'sealed for a device that is no party to the chat');
        continue;
      }
      const address = this.#directAddress(sender, device, to);
      this.#post.deliver(device, node('message', { ...address, ...head }, [...encs, ...carried(stanza)]));
    }
    return this.#missing(sender, [recipient, sender.account], sealed);
  }

  #routeToGroup(sender: Device, stanza: BinaryNode, to: string, head: Head): Verdict {
    const group = this.#groups.find(to);
    if (group === undefined) return this.#refuse(sender, UNKNOWN_RECIPIENT, 'unknown_recipient', 'no such group');
    if (!group.members.has(sender.account.lid)) {
      return this.#refuse(sender, NOT_AUTHORISED, 'unknown_recipient', 'not a member of the group');
    }
    const sealed = this.#sealedParts(sender, stanza);
    const shared = childrenOf(stanza, 'enc');
    for (const lid of group.members.keys()) {
      for (const device of this.#directory.find(lid)?.devices.values() ?? []) {
        if (device === sender) continue; // a device is never sent its own part
        const encs = [...(sealed.get(device) ?? []), ...shared];
        this.#post.deliver(
          device,
          node('message', { ...groupAddress(sender, to), ...head }, [...encs, ...carried(stanza)]),
        );
      }
    }
    return {};
  }

  #sealedParts(sender: Device, stanza: BinaryNode): Map<Device, BinaryNode[]> {
    const sealed = new Map<Device, BinaryNode[]>();
    for (const part of childrenOf(childOf(stanza, 'participants'), 'to')) {
      const device = this.#directory.findDevice(part.attrs['jid']);
      if (device === undefined) {
        this.#violations.record('unknown_recipient', lidJidOf(sender), 'sealed for a device that does not exist');
      } else if (device !== sender) {
        sealed.set(device, childrenOf(part, 'enc'));
        this.#payResend(sender, device, stanza.attrs);
      }
    }
    return sealed;
  }

  /** How a direct message is addressed for one device: the style of the chat, and the other style as a hint beside it. */
  #directAddress(sender: Device, device: Device, to: string): Head {
    const from = jidLike(sender, to);
    const lidStyle = isLid(from);
    if (device.account === sender.account) {
      const peer = this.#directory.find(to);
      const hint = lidStyle ? { peer_recipient_pn: shownPn(peer) } : { peer_recipient_lid: peer?.lid };
      return { from, recipient: to, ...hint };
    }
    const other = lidStyle ? { sender_pn: shownPn(sender.account) } : { sender_lid: lidJidOf(sender) };
    return { from, ...other, addressing_mode: lidStyle ? 'lid' : 'pn' };
  }

  #missing(sender: Device, accounts: readonly Account[], sealed: ReadonlyMap<Device, unknown>): Verdict {
    const left = accounts
      .flatMap((account) => [...account.devices.values()])
      .filter((device) => device !== sender && !sealed.has(device));
    if (left.length === 0) return {};
    // A companion that was linked a moment ago may be unknown to the sender; leaving out a primary phone is a mistake.
    if (left.some((device) => device.number === 0)) {
      this.#violations.record('missing_device', lidJidOf(sender), 'a primary phone was left out');
    }
    return { phash: `2:${String(sealed.size)}` };
  }

  #isLockedOut(sender: Device, to: string): boolean {
    if (isGroup(to) || !this.#faults.newChats.areClosed(lidJidOf(sender))) return false;
    return !this.#ledger.haveSpoken(sender.account.lid, this.#chatKey(to));
  }

  /** Whether the copy went to one device or, as some clients do it, to all once more. */
  #payResend(sender: Device, device: Device, { id }: Head): void {
    this.#duties.pay(lidJidOf(sender), 'resend', `${id ?? ''} for ${lidJidOf(device)}`);
  }

  #chatKey(to: string): string {
    return this.#directory.find(to)?.lid ?? bareJid(to);
  }

  #refuse(sender: Device, error: string, kind: 'malformed' | 'unknown_recipient', detail: string): Verdict {
    this.#violations.record(kind, lidJidOf(sender), detail);
    return { error };
  }
}

type Head = Readonly<Record<string, string | undefined>>;

function groupAddress(sender: Device, group: string): Head {
  return {
    from: group,
    participant: lidJidOf(sender),
    participant_pn: shownPn(sender.account),
    addressing_mode: 'lid',
  };
}

function shownPn(account: Account | undefined): string | undefined {
  return account === undefined || account.hidesNumber ? undefined : account.pn;
}

function isSkmsg(stanza: BinaryNode): boolean {
  return childrenOf(stanza, 'enc').some((enc) => enc.attrs['type'] === 'skmsg');
}

/** What a real server would not take, or no recipient could open. */
function findProblem(stanza: BinaryNode): string | undefined {
  const sealed = childrenOf(childOf(stanza, 'participants'), 'to').flatMap((part) => childrenOf(part, 'enc'));
  const encs = [...sealed, ...childrenOf(stanza, 'enc')];
  if (encs.length === 0) return 'message without content';
  if (encs.some((enc) => enc.attrs['v'] !== '2')) return 'cipher text of an unknown version';
  if (encs.some((enc) => !CIPHER_TYPES.has(enc.attrs['type'] ?? ''))) return 'cipher text of an unknown type';
  const needsIdentity = encs.some((enc) => enc.attrs['type'] === 'pkmsg');
  if (needsIdentity && childOf(stanza, 'device-identity') === undefined) return 'pkmsg without device identity';
  return undefined;
}

function carried(stanza: BinaryNode): BinaryNode[] {
  return CARRIED_CHILDREN.flatMap((tag) => childrenOf(stanza, tag));
}
