import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ClientDuties } from './client-duties.ts';
import type { Device, Directory } from './directory.ts';
import { jidLike, lidJidOf } from './directory.ts';
import type { Faults } from './faults.ts';
import { bareJid, isGroup } from './jid.ts';
import type { Ledger } from './ledger.ts';
import type { PostOffice } from './post-office.ts';
import type { ViolationLog } from './violations.ts';
import { childOf, childrenOf, node } from './wire/stanza.ts';

/** Carries receipts from the device that has a message to the devices that want to know. */
export class ReceiptRouter {
  readonly #directory: Directory;
  readonly #post: PostOffice;
  readonly #ledger: Ledger;
  readonly #faults: Faults;
  readonly #duties: ClientDuties;
  readonly #violations: ViolationLog;

  constructor(deps: {
    directory: Directory;
    post: PostOffice;
    ledger: Ledger;
    faults: Faults;
    duties: ClientDuties;
    violations: ViolationLog;
  }) {
    this.#directory = deps.directory;
    this.#post = deps.post;
    this.#ledger = deps.ledger;
    this.#faults = deps.faults;
    this.#duties = deps.duties;
    this.#violations = deps.violations;
  }

  /** Takes a receipt from `reader`; `now` in seconds. */
  route(reader: Device, stanza: BinaryNode, now: number): void {
    const t = String(now);
    switch (stanza.attrs['type']) {
      case undefined:
      case 'inactive': // delivered to a client that nobody looks at: two ticks all the same
        this.#toAuthor(reader, stanza, { t });
        return;
      case 'read':
      case 'played':
        this.#toAuthor(reader, stanza, { t, type: stanza.attrs['type'] });
        this.#toOwnDevices(reader, stanza, { t, type: stanza.attrs['type'] === 'read' ? 'read-self' : 'played-self' });
        return;
      case 'read-self':
      case 'played-self':
        this.#toOwnDevices(reader, stanza, { t, type: stanza.attrs['type'] });
        return;
      case 'retry':
        this.#askAgain(reader, stanza, t);
        return;
      case 'sender':
      case 'peer_msg':
      case 'hist_sync':
        this.#toOwnSender(reader, stanza, { t, type: stanza.attrs['type'] });
        return;
      default:
        this.#violations.record('malformed', lidJidOf(reader), `receipt of unknown type ${stanza.attrs['type']}`);
    }
  }

  /** The message ids a receipt names. */
  static idsOf(stanza: BinaryNode): string[] {
    const more = childrenOf(childOf(stanza, 'list'), 'item').map((item) => item.attrs['id']);
    return [stanza.attrs['id'], ...more].filter((id) => id !== undefined);
  }

  #toAuthor(reader: Device, stanza: BinaryNode, attrs: Attrs): void {
    const { to, participant } = stanza.attrs;
    const author = this.#directory.find(isGroup(to) ? participant : to);
    if (author === undefined || author === reader.account) return;
    const address = this.#address(reader, to);
    for (const device of author.devices.values()) {
      this.#post.deliver(device, node('receipt', { ...address, id: stanza.attrs['id'], ...attrs }, listOf(stanza)));
    }
  }

  #toOwnDevices(reader: Device, stanza: BinaryNode, attrs: Attrs): void {
    const { to, participant } = stanza.attrs;
    for (const device of reader.account.devices.values()) {
      if (device === reader) continue;
      const address = isGroup(to)
        ? { from: to, participant: lidJidOf(reader), recipient: participant }
        : { from: jidLike(reader, to), recipient: to };
      this.#post.deliver(device, node('receipt', { ...address, id: stanza.attrs['id'], ...attrs }, listOf(stanza)));
    }
  }

  /** An own device tells the one that wrote the message (or, in peer messages, the phone) that it has its copy. */
  #toOwnSender(reader: Device, stanza: BinaryNode, attrs: Attrs): void {
    const { to, recipient, id } = stanza.attrs;
    const author = this.#directory.findDevice(to) ?? reader.account.devices.get(0);
    if (author === undefined || author.account !== reader.account || author === reader) return;
    this.#post.deliver(author, node('receipt', { from: jidLike(reader, to ?? recipient), recipient, id, ...attrs }));
  }

  #askAgain(reader: Device, stanza: BinaryNode, t: string): void {
    const { to, participant, recipient, id } = stanza.attrs;
    const author = this.#directory.findDevice(isGroup(to) ? participant : to);
    if (author === undefined || to === undefined || id === undefined || childOf(stanza, 'retry') === undefined) {
      this.#violations.record('malformed', lidJidOf(reader), 'retry receipt without a sender to ask');
      return;
    }
    if (!this.#faults.wasSpoilt(lidJidOf(reader), id)) {
      this.#violations.record('undecryptable', lidJidOf(reader), `asked ${lidJidOf(author)} to send again`);
    }
    if (author.kind === 'companion') this.#duties.owe(lidJidOf(author), 'resend', `${id} for ${lidJidOf(reader)}`);
    const chat = isGroup(to) ? bareJid(to) : (this.#directory.find(recipient ?? '')?.lid ?? reader.account.lid);
    this.#ledger.expectResend(author.account.lid, chat, id);
    const content = Array.isArray(stanza.content) ? stanza.content : [];
    const address = { ...this.#address(reader, to), recipient };
    this.#post.deliver(author, node('receipt', { ...address, id, t, type: 'retry' }, content));
  }

  #address(reader: Device, to: string | undefined): Attrs {
    if (!isGroup(to)) return { from: jidLike(reader, to) };
    const shown = reader.account.hidesNumber ? undefined : reader.account.pn;
    return { from: to, participant: lidJidOf(reader), participant_pn: shown };
  }
}

type Attrs = Readonly<Record<string, string | undefined>>;

function listOf(stanza: BinaryNode): BinaryNode[] | undefined {
  const list = childOf(stanza, 'list');
  return list === undefined ? undefined : [list];
}
