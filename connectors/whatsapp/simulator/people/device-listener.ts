import type { proto } from '@whiskeysockets/baileys';

/** A message as a person's phone has it once it is readable. User addresses are LID style without a device. */
export interface ReceivedMessage {
  /** The group, or the other person. */
  readonly chat: string;
  readonly author: string;
  /** Written on another device of the same account. */
  readonly fromMe: boolean;
  readonly id: string;
  readonly sentAtSeconds: number;
  readonly pushName?: string;
  readonly message: proto.IMessage;
  /** Where a receipt for it goes: the stanza's own addresses. */
  readonly receiptTo: { readonly to: string; readonly participant?: string };
}

/** A message between the devices of one account, e.g. a companion asking its phone for something. */
export interface PeerMessage {
  readonly fromDevice: string;
  readonly id: string;
  readonly message: proto.IMessage;
}

export interface ReceivedReceipt {
  readonly chat: string;
  readonly by: string;
  readonly ids: readonly string[];
  /** As on the wire; absent there means delivered. */
  readonly type: string;
  readonly atSeconds: number;
}

export interface SeenChatState {
  readonly chat: string;
  readonly by: string;
  readonly state: 'composing' | 'recording' | 'paused' | 'available' | 'unavailable';
}

/**
 * What a device tells the person who holds it. Called from within {@link Device.receive}, one at a time; the network
 * waits for the promise, so a listener must not wait for another delivery to the same device.
 */
export interface DeviceListener {
  onMessage(message: ReceivedMessage): Promise<void>;
  onPeerMessage(message: PeerMessage): Promise<void>;
  /** A copy of a message that is on the screen already; a phone shows it once. */
  onRepeatedMessage(message: { chat: string; id: string }): void;
  /** All requests to send it again were in vain. */
  onUnreadableMessage(message: { chat: string; author: string; id: string }): void;
  onReceipt(receipt: ReceivedReceipt): Promise<void>;
  onChatState(state: SeenChatState): void;
}
