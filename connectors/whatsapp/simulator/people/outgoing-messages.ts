import { randomBytes } from 'node:crypto';
import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { z } from 'zod';
import type { KeyBundle, Network, Resident } from '../resident.ts';
import { type Addressing, isGroup, toLid, toStyle, toUserJid, withDevice } from './addresses.ts';
import { BoundedMap } from './bounded-map.ts';
import { base64Schema, toBase64 } from './bytes.ts';
import { describeContent } from './content-attributes.ts';
import type { Sealed, Sealer } from './sealer.ts';

const KEPT_SENT_MESSAGES = 500; // what a phone can seal again when a device could not read it
const LONGEST_PADDING_BYTES = 16; // the last byte tells how many were added

export const outgoingSchema = z.object({
  sent: z.array(z.tuple([z.string(), z.object({ chat: z.string(), content: base64Schema })])),
  senderKeyHolders: z.record(z.string(), z.array(z.string())),
});
export type OutgoingState = z.input<typeof outgoingSchema>;

export interface SendOptions {
  readonly id: string;
  /** How recipients are addressed, and so how the message looks to them. */
  readonly addressing: Addressing;
}

/** Seals what one device sends for every device that may read it, and seals it again when one asks. */
export class OutgoingMessages {
  readonly #network: Network;
  readonly #self: Resident;
  readonly #sealer: Sealer;
  readonly #sent = new BoundedMap<{ chat: string; content: Uint8Array }>(KEPT_SENT_MESSAGES);
  readonly #senderKeyHolders = new Map<string, Set<string>>();

  constructor(deps: { network: Network; self: Resident; sealer: Sealer; state?: OutgoingState | undefined }) {
    this.#network = deps.network;
    this.#self = deps.self;
    this.#sealer = deps.sealer;
    if (deps.state === undefined) return;
    const state = outgoingSchema.parse(deps.state);
    for (const [id, message] of state.sent) this.#sent.set(id, message);
    for (const [group, holders] of Object.entries(state.senderKeyHolders))
      this.#senderKeyHolders.set(group, new Set(holders));
  }

  /** To a person or a group; resolves when the network has taken it. */
  async send(to: string, message: proto.IMessage, options: SendOptions): Promise<void> {
    const chat = isGroup(to) ? to : toStyle(this.#network, toUserJid(to), options.addressing);
    this.#sent.set(options.id, { chat, content: proto.Message.encode(message).finish() });
    const stanza = isGroup(chat)
      ? await this.#buildGroupStanza(chat, message, options)
      : await this.#buildPrivateStanza(chat, message, options);
    await this.#network.submit(this.#self, stanza);
  }

  /** To one other device of the same account. */
  async sendToOwnDevice(deviceJid: string, message: proto.IMessage, id: string): Promise<void> {
    const enc = await this.#sealFor(deviceJid, message, {});
    await this.#network.submit(this.#self, {
      tag: 'message',
      attrs: { to: deviceJid, id, type: 'protocol', category: 'peer', push_priority: 'high' },
      content: [enc],
    });
  }

  /** Answers a retry receipt: a new session, the same id. Does nothing if the message is too old to be remembered. */
  async sendAgain(id: string, deviceJid: string, count: string, bundle: KeyBundle | undefined): Promise<void> {
    const sent = this.#sent.get(id);
    const lidDevice = toLid(this.#network, deviceJid);
    if (sent === undefined || lidDevice === undefined) return;
    // A session on top of the old one, which stays to read what is on its way in it: so do real phones.
    const fresh = bundle ?? this.#network.fetchBundle(lidDevice);
    if (fresh !== undefined) await this.#sealer.beginSession(lidDevice, fresh);
    const message = proto.Message.decode(sent.content);
    const { stanzaAttributes, encryptionAttributes } = describeContent(message);
    const attrs = { id, ...stanzaAttributes };
    const encAttrs = { ...encryptionAttributes, count };
    const own = toUserJid(lidDevice) === this.#self.lid;
    if (isGroup(sent.chat)) {
      const content: proto.IMessage = Object.assign(message, {
        senderKeyDistributionMessage: await this.#distribution(sent.chat),
      });
      const enc = await this.#sealFor(lidDevice, content, encAttrs);
      await this.#submit({ ...attrs, to: sent.chat, participant: deviceJid }, [enc]);
    } else {
      const content = own ? toOwnCopy(sent.chat, message) : message;
      const enc = await this.#sealFor(lidDevice, content, encAttrs);
      await this.#submit({ ...attrs, to: deviceJid, ...(own ? { recipient: sent.chat } : {}) }, [enc]);
    }
  }

  exportState(): OutgoingState {
    return {
      sent: this.#sent
        .entries()
        .map(([id, message]) => [id, { chat: message.chat, content: toBase64(message.content) }]),
      senderKeyHolders: Object.fromEntries(
        [...this.#senderKeyHolders].map(([group, holders]) => [group, [...holders]]),
      ),
    };
  }

  /** After the sessions were lost: nobody is taken to hold this device's sender keys. */
  forgetSenderKeyHolders(): void {
    this.#senderKeyHolders.clear();
  }

  async #buildPrivateStanza(chat: string, message: proto.IMessage, options: SendOptions): Promise<BinaryNode> {
    const recipients = this.#network.devicesOf(chat);
    if (recipients.length === 0) throw new Error('nobody on the network has this address');
    const { stanzaAttributes, encryptionAttributes } = describeContent(message);
    const participants: BinaryNode[] = [];
    for (const device of this.#withoutSelf([...recipients, ...this.#network.devicesOf(this.#self.lid)])) {
      const content = toUserJid(device) === this.#self.lid ? toOwnCopy(chat, message) : message;
      participants.push({
        tag: 'to',
        attrs: { jid: toStyle(this.#network, device, options.addressing) },
        content: [await this.#sealFor(device, content, encryptionAttributes)],
      });
    }
    return {
      tag: 'message',
      attrs: { to: chat, id: options.id, ...stanzaAttributes },
      content: [{ tag: 'participants', attrs: {}, content: participants }],
    };
  }

  async #buildGroupStanza(group: string, message: proto.IMessage, options: SendOptions): Promise<BinaryNode> {
    const devices = this.#withoutSelf(
      this.#network.groupMembers(group).flatMap((member) => this.#network.devicesOf(member)),
    );
    const holders = this.#holdersOf(group, devices);
    const senderKeyDistributionMessage = await this.#distribution(group);
    const { stanzaAttributes, encryptionAttributes } = describeContent(message);
    const participants: BinaryNode[] = [];
    for (const device of devices.filter((candidate) => !holders.has(candidate))) {
      const enc = await this.#sealFor(device, { senderKeyDistributionMessage }, {});
      participants.push({ tag: 'to', attrs: { jid: device }, content: [enc] });
      holders.add(device);
    }
    const sealed = await this.#sealer.sealForGroup(group, this.#ownDevice(), toPlaintext(message));
    return {
      tag: 'message',
      attrs: { to: group, id: options.id, ...stanzaAttributes },
      content: [
        ...(participants.length === 0 ? [] : [{ tag: 'participants', attrs: {}, content: participants }]),
        toEncNode(sealed, encryptionAttributes),
      ],
    };
  }

  #holdersOf(group: string, devices: readonly string[]): Set<string> {
    const holders = this.#senderKeyHolders.get(group) ?? new Set<string>();
    this.#senderKeyHolders.set(group, holders);
    if ([...holders].some((holder) => !devices.includes(holder))) {
      holders.clear();
      this.#sealer.forgetOwnSenderKey(group, this.#ownDevice());
    }
    return holders;
  }

  async #distribution(group: string): Promise<proto.Message.ISenderKeyDistributionMessage> {
    return {
      groupId: group,
      axolotlSenderKeyDistributionMessage: await this.#sealer.distributionFor(group, this.#ownDevice()),
    };
  }

  async #sealFor(
    deviceJid: string,
    message: proto.IMessage,
    encryptionAttributes: Record<string, string>,
  ): Promise<BinaryNode> {
    if (!this.#sealer.hasSession(deviceJid)) {
      const bundle = this.#network.fetchBundle(deviceJid);
      if (bundle === undefined) throw new Error('the network has no keys for this device');
      await this.#sealer.beginSession(deviceJid, bundle);
    }
    return toEncNode(await this.#sealer.seal(deviceJid, toPlaintext(message)), encryptionAttributes);
  }

  #submit(attrs: Record<string, string>, content: BinaryNode[]): Promise<void> {
    return this.#network.submit(this.#self, { tag: 'message', attrs, content });
  }

  #ownDevice(): string {
    return withDevice(this.#self.lid, this.#self.device);
  }

  #withoutSelf(devices: readonly string[]): readonly string[] {
    return [...new Set(devices)].filter((device) => device !== this.#ownDevice());
  }
}

function toOwnCopy(destinationJid: string, message: proto.IMessage): proto.IMessage {
  return {
    deviceSentMessage: { destinationJid, message },
    ...(message.messageContextInfo ? { messageContextInfo: message.messageContextInfo } : {}),
  };
}

function toPlaintext(message: proto.IMessage): Uint8Array {
  const bytes = proto.Message.encode(message).finish();
  const padding = 1 + ((randomBytes(1)[0] ?? 0) % LONGEST_PADDING_BYTES);
  return Buffer.concat([bytes, Buffer.alloc(padding, padding)]);
}

function toEncNode(sealed: Sealed, attributes: Record<string, string>): BinaryNode {
  return { tag: 'enc', attrs: { v: '2', type: sealed.type, ...attributes }, content: sealed.ciphertext };
}
