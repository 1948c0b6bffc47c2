import { type BinaryNode, proto, unpadRandomMax16 } from '@whiskeysockets/baileys';
import { z } from 'zod';
import type { Network, Resident } from '../resident.ts';
import { deviceNumberOf, isGroup, toLid, toUserJid } from './addresses.ts';
import { BoundedMap } from './bounded-map.ts';
import { findProofProblem } from './companion-proof.ts';
import type { DeviceKeys } from './device-keys.ts';
import type { DeviceListener, ReceivedMessage } from './device-listener.ts';
import { toKeysNode, toRegistrationNode } from './key-bundle-stanza.ts';
import type { EncryptionType, Sealed, Sealer } from './sealer.ts';
import { bytesOf, childOf, childrenOf } from './stanza.ts';

const REMEMBERED_MESSAGES = 5_000; // ids on the screen; a redelivery comes within minutes
const MOST_RETRIES = 5; // as clients do before they show that a message cannot be read
const KEYS_FROM_RETRY = 2; // the first request hopes for a session that the sender has already

export const incomingSchema = z.object({ shown: z.array(z.string()) });
export type IncomingState = z.input<typeof incomingSchema>;

interface Envelope {
  readonly stanza: BinaryNode;
  readonly id: string;
  readonly chat: string;
  readonly authorDevice: string;
  readonly fromMe: boolean;
  readonly peer: boolean;
}

/** Opens what is sealed for one device, shows each message once and asks again for what it cannot read. */
export class IncomingMessages {
  readonly #network: Network;
  readonly #self: Resident;
  readonly #keys: DeviceKeys;
  readonly #sealer: Sealer;
  readonly #listener: DeviceListener;
  readonly #shown = new BoundedMap<true>(REMEMBERED_MESSAGES);
  readonly #retries = new BoundedMap<number>(REMEMBERED_MESSAGES);

  constructor(deps: {
    network: Network;
    self: Resident;
    keys: DeviceKeys;
    sealer: Sealer;
    listener: DeviceListener;
    state?: IncomingState | undefined;
  }) {
    this.#network = deps.network;
    this.#self = deps.self;
    this.#keys = deps.keys;
    this.#sealer = deps.sealer;
    this.#listener = deps.listener;
    for (const key of deps.state === undefined ? [] : incomingSchema.parse(deps.state).shown)
      this.#shown.set(key, true);
  }

  async receive(stanza: BinaryNode): Promise<void> {
    const envelope = this.#readEnvelope(stanza);
    const key = `${envelope.chat} ${envelope.authorDevice} ${envelope.id}`;
    const message = await this.#open(envelope);
    if (this.#shown.has(key)) {
      this.#listener.onRepeatedMessage({ chat: envelope.chat, id: envelope.id });
      await this.#sendDeliveryReceipt(envelope);
      return;
    }
    if (message === undefined) {
      await this.#askAgain(envelope, key);
      return;
    }
    this.#shown.set(key, true);
    await this.#sendDeliveryReceipt(envelope);
    if (envelope.peer) {
      await this.#listener.onPeerMessage({ fromDevice: envelope.authorDevice, id: envelope.id, message });
      return;
    }
    await this.#listener.onMessage(toReceived(envelope, message));
  }

  exportState(): IncomingState {
    return { shown: this.#shown.entries().map(([key]) => key) };
  }

  #readEnvelope(stanza: BinaryNode): Envelope {
    const { id, from, participant, recipient, category } = stanza.attrs;
    if (id === undefined || from === undefined) throw new Error('a message without id or sender');
    const authorDevice = toLid(this.#network, participant ?? from);
    if (authorDevice === undefined) throw new Error('a message from nobody on the network');
    const fromMe = toUserJid(authorDevice) === this.#self.lid;
    const other = recipient ?? from;
    const chat = isGroup(from) ? from : (toLid(this.#network, toUserJid(other)) ?? other);
    return { stanza, id, chat, authorDevice, fromMe, peer: category === 'peer' };
  }

  /** All parts merged, or undefined if one could not be read. Sender keys are learned on the way. */
  async #open(envelope: Envelope): Promise<proto.IMessage | undefined> {
    let merged: proto.IMessage | undefined;
    for (const enc of childrenOf(envelope.stanza, 'enc')) {
      const part = await this.#openPart(envelope, enc);
      if (part === undefined) return undefined;
      const distribution = part.senderKeyDistributionMessage;
      if (distribution?.axolotlSenderKeyDistributionMessage && distribution.groupId) {
        await this.#sealer.learnSenderKey(
          distribution.groupId,
          envelope.authorDevice,
          distribution.axolotlSenderKeyDistributionMessage,
        );
      }
      merged = { ...merged, ...withoutDefaults(part) };
    }
    return merged;
  }

  async #openPart(envelope: Envelope, enc: BinaryNode): Promise<proto.IMessage | undefined> {
    const ciphertext = bytesOf(enc);
    const type = toEncryptionType(enc.attrs['type']);
    if (ciphertext === undefined || type === undefined) return undefined;
    try {
      const padded =
        type === 'skmsg'
          ? await this.#sealer.openFromGroup(envelope.chat, envelope.authorDevice, ciphertext)
          : await this.#openFromDevice(envelope, { type, ciphertext });
      const message = proto.Message.decode(unpadRandomMax16(padded));
      return message.deviceSentMessage?.message ?? message;
    } catch {
      return undefined;
    }
  }

  async #openFromDevice(envelope: Envelope, sealed: Sealed): Promise<Uint8Array> {
    const { plaintext, beginner } = await this.#sealer.open(envelope.authorDevice, sealed);
    if (beginner !== undefined && deviceNumberOf(envelope.authorDevice) > 0) this.#checkProof(envelope, beginner);
    return plaintext;
  }

  /** A real phone would drop what fails here; this one shows it and says so, which makes for better test failures. */
  #checkProof(envelope: Envelope, identityKey: Uint8Array): void {
    const proof = bytesOf(childOf(envelope.stanza, 'device-identity'));
    const { violations } = this.#network;
    if (proof === undefined) {
      violations.record('malformed', envelope.authorDevice, 'a companion began a session without its device identity');
      return;
    }
    const problem = findProofProblem(proof, identityKey);
    if (problem !== undefined) violations.record('bad_signature', envelope.authorDevice, problem);
  }

  /** The network records the request: somebody sealed what cannot be read. */
  async #askAgain(envelope: Envelope, key: string): Promise<void> {
    const count = (this.#retries.get(key) ?? 0) + 1;
    this.#retries.set(key, count);
    if (count > MOST_RETRIES) {
      this.#listener.onUnreadableMessage({
        chat: envelope.chat,
        author: toUserJid(envelope.authorDevice),
        id: envelope.id,
      });
      return;
    }
    await this.#network.submit(this.#self, {
      tag: 'receipt',
      attrs: { ...receiptAddress(envelope), type: 'retry' },
      content: [
        {
          tag: 'retry',
          attrs: { count: String(count), id: envelope.id, t: envelope.stanza.attrs['t'] ?? '0', v: '1' },
        },
        toRegistrationNode(this.#keys.registrationId),
        ...(count < KEYS_FROM_RETRY ? [] : [toKeysNode(this.#keys.bundle())]),
      ],
    });
  }

  async #sendDeliveryReceipt(envelope: Envelope): Promise<void> {
    const type = envelope.peer ? 'peer_msg' : envelope.fromMe ? 'sender' : undefined;
    await this.#network.submit(this.#self, {
      tag: 'receipt',
      attrs: { ...receiptAddress(envelope), ...(type === undefined ? {} : { type }) },
    });
  }
}

function receiptAddress({ stanza, id }: Envelope): Record<string, string> {
  const { from, participant, recipient } = stanza.attrs;
  return {
    to: from ?? '',
    id,
    ...(participant === undefined ? {} : { participant }),
    ...(recipient === undefined ? {} : { recipient }),
  };
}

function toReceived(envelope: Envelope, message: proto.IMessage): ReceivedMessage {
  const { from, participant, notify, t } = envelope.stanza.attrs;
  return {
    chat: envelope.chat,
    author: toUserJid(envelope.authorDevice),
    fromMe: envelope.fromMe,
    id: envelope.id,
    sentAtSeconds: Number(t ?? 0),
    ...(notify === undefined ? {} : { pushName: notify }),
    message,
    receiptTo: { to: from ?? '', ...(participant === undefined ? {} : { participant }) },
  };
}

function toEncryptionType(type: string | undefined): EncryptionType | undefined {
  return type === 'msg' || type === 'pkmsg' || type === 'skmsg' ? type : undefined;
}

/** Decoded messages answer `null` for every absent field through their prototype; only own fields may overwrite. */
function withoutDefaults(message: proto.IMessage): proto.IMessage {
  return Object.fromEntries(Object.entries(message));
}
