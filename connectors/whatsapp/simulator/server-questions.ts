import type { Clock, Timer } from '../../../src/core/clock.ts';
import type { Random } from '../../../src/core/random.ts';
import type { ClientDuties } from './client-duties.ts';
import type { CompanionDevice } from './directory.ts';
import { companionsOf, type Directory, lidJidOf } from './directory.ts';
import type { PostOffice } from './post-office.ts';
import { node, SERVER_JID } from './wire/stanza.ts';

/** Often enough for short tests; how often WhatsApp's servers ask is not known. */
const PING_EVERY_MS = 20_000;
const ID_BYTES = 6;

/** What the server asks of a client that is active: whether it is there, and to look after what has changed. */
export class ServerQuestions {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #directory: Directory;
  readonly #post: PostOffice;
  readonly #duties: ClientDuties;
  readonly #timers = new Map<CompanionDevice, Timer>();
  /** What each device has not cleaned yet, with the time of the change in epoch seconds. */
  readonly #dirty = new Map<CompanionDevice, Map<string, number>>();

  constructor(deps: { clock: Clock; random: Random; directory: Directory; post: PostOffice; duties: ClientDuties }) {
    this.#clock = deps.clock;
    this.#random = deps.random;
    this.#directory = deps.directory;
    this.#post = deps.post;
    this.#duties = deps.duties;
  }

  /** The client has turned active. */
  begin(device: CompanionDevice): void {
    this.#timers.get(device)?.cancel();
    for (const [type, at] of this.#dirty.get(device) ?? []) this.#tellDirty(device, type, at);
    this.#ping(device);
  }

  /** Its line is gone, and what was asked on it with it. */
  end(device: CompanionDevice): void {
    this.#timers.get(device)?.cancel();
    this.#timers.delete(device);
    this.#duties.remit(lidJidOf(device), 'answer');
  }

  /** An answer to a question under this id. */
  answered(device: CompanionDevice, id: string): void {
    this.#duties.pay(lidJidOf(device), 'answer', id);
  }

  /** The client has dealt with it. */
  cleaned(device: CompanionDevice, type: string): void {
    this.#dirty.get(device)?.delete(type);
    this.#duties.pay(lidJidOf(device), 'clean', type);
  }

  /** Tells an account's clients, now or at their next login, that something of theirs is out of date. */
  markDirty(userJid: string, type: string): void {
    const at = Math.floor(this.#clock.now() / 1000);
    for (const device of this.#companionsOf(userJid)) {
      const dirty = this.#dirty.get(device) ?? new Map<string, number>();
      this.#dirty.set(device, dirty.set(type, at));
      this.#tellDirty(device, type, at);
    }
  }

  /** Tells an account's clients that a list of shared settings has changed. */
  announceSettings(userJid: string, collection: string): void {
    for (const device of this.#companionsOf(userJid)) {
      this.#duties.owe(lidJidOf(device), 'app_state', collection);
      const news = node('collection', { name: collection, version: '1' });
      this.#post.deliver(
        device,
        node('notification', { from: SERVER_JID, type: 'server_sync', id: this.#nextId() }, [news]),
      );
    }
  }

  /** Somebody calls the account; its clients are told, as they ring. */
  ring(userJid: string, callerJid: string): void {
    const t = String(Math.floor(this.#clock.now() / 1000));
    for (const device of this.#companionsOf(userJid)) {
      const offer = node('offer', { 'call-id': this.#nextId(), 'call-creator': callerJid });
      this.#post.deliver(device, node('call', { from: callerJid, id: this.#nextId(), t }, [offer]));
    }
  }

  #tellDirty(device: CompanionDevice, type: string, at: number): void {
    if (!device.active || device.connection === undefined) return;
    this.#duties.owe(lidJidOf(device), 'clean', type);
    device.connection.send(node('ib', { from: SERVER_JID }, [node('dirty', { type, timestamp: String(at) })]));
  }

  #ping(device: CompanionDevice): void {
    const { connection } = device;
    if (connection === undefined || !connection.isOpen) return;
    const id = this.#nextId();
    const isSent = connection.send(
      node('iq', { from: SERVER_JID, type: 'get', xmlns: 'urn:xmpp:ping', id }, [node('ping')]),
    );
    if (isSent) this.#duties.owe(lidJidOf(device), 'answer', id);
    this.#timers.set(
      device,
      this.#clock.after(PING_EVERY_MS, () => this.#ping(device)),
    );
  }

  #companionsOf(userJid: string): readonly CompanionDevice[] {
    const account = this.#directory.find(userJid);
    return account === undefined ? [] : companionsOf(account);
  }

  #nextId(): string {
    return Buffer.from(this.#random.bytes(ID_BYTES)).toString('hex').toUpperCase();
  }
}
