import { createHash } from 'node:crypto';
import type { BinaryNode, proto } from '@whiskeysockets/baileys';
import { z } from 'zod';
import type { KeyBundle, Network, Resident } from '../resident.ts';
import { type Addressing, isGroup, toLid, toStyle, toUserJid } from './addresses.ts';
import { DeviceKeys, deviceKeysSchema } from './device-keys.ts';
import type { DeviceListener, ReceivedMessage, SeenChatState } from './device-listener.ts';
import { IncomingMessages, incomingSchema } from './incoming-messages.ts';
import { readRetryBundle } from './key-bundle-stanza.ts';
import { OutgoingMessages, outgoingSchema } from './outgoing-messages.ts';
import { Sealer } from './sealer.ts';
import { childOf, childrenOf, listItems, receiptIds } from './stanza.ts';

const ID_ENTROPY_BYTES = 16;
const ID_HEX_DIGITS = 30; // with its prefix the length of ids made by Android phones

export const deviceSchema = z.object({
  keys: deviceKeysSchema,
  incoming: incomingSchema,
  outgoing: outgoingSchema,
  messagesMade: z.number(),
});
/** A device with all its sessions as plain JSON. */
export type DeviceState = z.input<typeof deviceSchema>;

export interface DeviceOptions {
  readonly network: Network;
  readonly pn: string;
  readonly lid: string;
  readonly pushName?: string;
  readonly hidesNumber?: boolean;
  /** How this device addresses others in private chats. */
  readonly addressing: Addressing;
  readonly listener: DeviceListener;
  readonly state?: DeviceState | undefined;
}

/** A primary phone on the simulated network: real keys, real sessions, no screen. A guest or a hotel's phone holds it. */
export class Device implements Resident {
  readonly pn: string;
  readonly lid: string;
  readonly device = 0;
  readonly pushName: string;
  readonly keys: DeviceKeys;
  readonly #network: Network;
  readonly #addressing: Addressing;
  readonly #listener: DeviceListener;
  readonly #sealer: Sealer;
  readonly #incoming: IncomingMessages;
  readonly #outgoing: OutgoingMessages;
  readonly #working = new Set<Promise<void>>();
  #messagesMade = 0;
  #hidesNumber: boolean;
  #resident: Resident = this;

  constructor(options: DeviceOptions) {
    const { network, listener, state } = options;
    this.pn = options.pn;
    this.lid = options.lid;
    this.pushName = options.pushName ?? '';
    this.#hidesNumber = options.hidesNumber ?? false;
    this.#network = network;
    this.#addressing = options.addressing;
    this.#listener = listener;
    this.#messagesMade = state?.messagesMade ?? 0;
    this.keys = new DeviceKeys(state?.keys);
    this.#sealer = new Sealer({ keys: this.keys });
    const parts = { network, self: this, sealer: this.#sealer };
    this.#incoming = new IncomingMessages({ ...parts, keys: this.keys, listener, state: state?.incoming });
    this.#outgoing = new OutgoingMessages({ ...parts, state: state?.outgoing });
  }

  /** The network tells others no number for this account. */
  get hidesNumber(): boolean {
    return this.#hidesNumber;
  }

  /** Makes the device known to the network and online; stanzas go to `resident`, if somebody stands in front of this device. */
  start(resident: Resident = this): void {
    this.#resident = resident;
    this.#network.attach(resident, { bundle: (): KeyBundle => this.keys.bundle() });
  }

  /** From now on the network tells others the number, as after a person has shared it. */
  showNumber(): void {
    this.#hidesNumber = false;
    this.start(this.#resident);
  }

  setOnline(online: boolean): void {
    this.#network.setOnline(this, online);
  }

  /** Resolves when the device is between two pieces of work: the moment at which its state may be exported. */
  async settle(): Promise<void> {
    while (this.#working.size > 0) await Promise.allSettled(this.#working);
  }

  get isWorking(): boolean {
    return this.#working.size > 0;
  }

  /** Seals and sends; resolves with the message's id when the network has taken it. */
  async send(chat: string, message: proto.IMessage): Promise<string> {
    const id = this.#nextMessageId();
    await this.#track(this.#outgoing.send(chat, message, { id, addressing: this.#addressing }));
    return id;
  }

  /** A message of the account to one of its own devices (`category=peer`). */
  async sendToOwnDevice(deviceJid: string, message: proto.IMessage): Promise<void> {
    await this.#track(this.#outgoing.sendToOwnDevice(deviceJid, message, this.#nextMessageId()));
  }

  /** One receipt for messages of one chat and author. */
  async sendReceipt(messages: readonly ReceivedMessage[], type: 'read' | 'read-self' | 'played'): Promise<void> {
    const [first, ...others] = messages;
    if (first === undefined) return;
    await this.#network.submit(this, {
      tag: 'receipt',
      attrs: { ...first.receiptTo, id: first.id, type, t: String(this.#nowSeconds()) },
      ...listItems(others.map((message) => message.id)),
    });
  }

  async sendChatState(chat: string, state: 'composing' | 'recording' | 'paused'): Promise<void> {
    const to = isGroup(chat) ? chat : toStyle(this.#network, chat, this.#addressing);
    const content = state === 'recording' ? { tag: 'composing', attrs: { media: 'audio' } } : { tag: state, attrs: {} };
    await this.#network.submit(this, { tag: 'chatstate', attrs: { to }, content: [content] });
  }

  async sendPresence(type: 'available' | 'unavailable'): Promise<void> {
    await this.#network.submit(this, { tag: 'presence', attrs: { type, name: this.pushName } });
  }

  /** The device loses every session and sender key, as after a restore: others' next messages cannot be read at first. */
  loseSessions(): void {
    this.keys.deleteAllSessions();
    this.#outgoing.forgetSenderKeyHolders();
  }

  forgetSession(deviceJid: string): void {
    this.#sealer.forgetSession(deviceJid);
  }

  async receive(stanza: BinaryNode): Promise<void> {
    switch (stanza.tag) {
      case 'message':
        await this.#track(this.#incoming.receive(stanza));
        return;
      case 'receipt':
        await this.#track(this.#receiveReceipt(stanza));
        return;
      case 'chatstate':
      case 'presence':
        this.#receiveChatState(stanza);
        return;
      default: // notifications of groups and devices: the network is asked each time, nothing is cached
        return;
    }
  }

  exportState(): DeviceState {
    return {
      keys: this.keys.exportState(),
      incoming: this.#incoming.exportState(),
      outgoing: this.#outgoing.exportState(),
      messagesMade: this.#messagesMade,
    };
  }

  async #track(work: Promise<void>): Promise<void> {
    this.#working.add(work);
    try {
      await work;
    } finally {
      this.#working.delete(work);
    }
  }

  async #receiveReceipt(receipt: BinaryNode): Promise<void> {
    const { from, participant, recipient, id, t, type } = receipt.attrs;
    const by = participant ?? from;
    if (from === undefined || by === undefined || id === undefined) throw new Error('a receipt without id or sender');
    if (type === 'retry') {
      const count = childOf(receipt, 'retry')?.attrs['count'] ?? '1';
      await this.#outgoing.sendAgain(id, by, count, readRetryBundle(receipt));
      return;
    }
    await this.#listener.onReceipt({
      chat: this.#toChat(recipient ?? from),
      by: this.#toChat(by),
      ids: receiptIds(receipt),
      type: type ?? 'delivered',
      atSeconds: Number(t ?? this.#nowSeconds()),
    });
  }

  #receiveChatState(stanza: BinaryNode): void {
    const { from, participant, type } = stanza.attrs;
    if (from === undefined) return;
    const state = readChatState(stanza, type);
    if (state === undefined) return;
    this.#listener.onChatState({ chat: this.#toChat(from), by: this.#toChat(participant ?? from), state });
  }

  #toChat(jid: string): string {
    if (isGroup(jid)) return jid;
    return toLid(this.#network, toUserJid(jid)) ?? toUserJid(jid);
  }

  #nextMessageId(): string {
    this.#messagesMade += 1;
    const hash = createHash('sha256')
      .update(`${this.lid} ${this.#messagesMade} ${this.#network.clock.now()}`)
      .update(this.#network.random.bytes(ID_ENTROPY_BYTES))
      .digest('hex');
    return `AC${hash.slice(0, ID_HEX_DIGITS).toUpperCase()}`;
  }

  #nowSeconds(): number {
    return Math.floor(this.#network.clock.now() / 1_000);
  }
}

function readChatState(stanza: BinaryNode, type: string | undefined): SeenChatState['state'] | undefined {
  if (stanza.tag === 'presence') return type === 'unavailable' ? 'unavailable' : 'available';
  const [child] = childrenOf(stanza);
  if (child?.tag === 'composing') return child.attrs['media'] === 'audio' ? 'recording' : 'composing';
  return child?.tag === 'paused' ? 'paused' : undefined;
}
