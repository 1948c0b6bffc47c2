import type { Address, Chat, Person } from './address.ts';
import type { InboundContent, OutboundContent } from './content.ts';

/** Points at a message by the network's own id. */
export interface MessageReference {
  readonly networkId: string;
  /** Who said it; absent = the account itself. */
  readonly sender?: Address;
}

/** A message as the network delivered it, or as staff sent it from the account's own phone (`outbound`). */
export interface InboundMessage {
  /**
   * The network's id, unique within the chat. The daemon stores each (chat, networkId) once, however often it comes. The echo of a
   * send under way is not emitted under an id that the daemon does not know yet: see `SendResult`.
   */
  readonly networkId: string;
  readonly chat: Chat;
  /** The author; for `outbound` the account itself. */
  readonly sender: Person;
  readonly direction: 'inbound' | 'outbound';
  readonly content: InboundContent;
  readonly replyTo?: MessageReference;
  /** Opaque; messages of one album in one chat share it. Each keeps its own network id. */
  readonly albumId?: string;
  /** Somebody else's words, passed on. Absent = no. */
  readonly forwarded?: boolean;
  /** When the network says it was sent; epoch ms. */
  readonly sentAt: number;
  /** What the model has no place for, as JSON text; stored, never dropped. */
  readonly raw?: string;
}

/**
 * A message to send. The network id was chosen by the manifest and stored before; a second attempt carries the same one, until a
 * `SendResult` has given the message another.
 */
export interface OutboundMessage {
  readonly networkId: string;
  readonly chat: Chat;
  readonly content: OutboundContent;
  readonly replyTo?: MessageReference & { readonly body?: string };
  /** 1 for the first attempt. Above 1 an earlier attempt may have reached the network. */
  readonly attempt: number;
}

/** The network has the message (its acknowledgement, not merely written bytes). */
export interface SendResult {
  /**
   * Mostly the id that was chosen. Where the network gives ids of its own (Telegram: a random id goes out, a message id comes back)
   * it is the network's, and the message has no other from then on: receipts, replies, edits, reactions and `channelMessageId` carry it.
   * Until `send` has resolved the daemon does not know it. So the connector keeps which send has got which id (in the vault, for a
   * daemon that was killed before it stored the outcome and asks again under the chosen id), and does not emit the echo of a send
   * under way. Receipts may come before: the daemon keeps them for the message. Should an echo have come first all the same, the
   * daemon settles on this message, withdraws the echo's row (`message.deleted`) and logs it.
   */
  readonly networkId: string;
  /** The network's time of acceptance where it gives one; epoch ms. */
  readonly acceptedAt: number;
}

export type ReceiptStatus = 'sent' | 'delivered' | 'read';

/** How far messages of the account have come. Statuses only move forward; the daemon ignores a step back. */
export interface Receipt {
  readonly chat: Chat;
  readonly networkIds: readonly [string, ...string[]];
  readonly status: ReceiptStatus;
  /** Who received or read it (groups); absent in direct chats. */
  readonly by?: Address;
  readonly at: number;
}
