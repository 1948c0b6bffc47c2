import type { Address, Chat, Person } from './address.ts';
import type { TextEntity } from './content.ts';
import type { DisconnectCause } from './disconnect.ts';
import type { LimitScope, SendErrorCode } from './errors.ts';
import type { InboundMessage, MessageReference, Receipt } from './messages.ts';

/**
 * All that a session tells the daemon. Plain data: each survives `structuredClone`.
 * Durable kinds are stored before `emit` resolves; live kinds (`typing`, `presence`) may be dropped.
 */
export type ConnectorEvent =
  | { readonly type: 'message'; readonly message: InboundMessage }
  | { readonly type: 'receipt'; readonly receipt: Receipt }
  /** A message that `send` had reported as accepted was refused afterwards. */
  | {
      readonly type: 'send_failed';
      readonly chat: Chat;
      readonly networkId: string;
      readonly code: SendErrorCode;
      readonly nativeCode?: string;
      readonly at: number;
    }
  | {
      readonly type: 'reaction';
      readonly chat: Chat;
      readonly target: MessageReference;
      readonly by: Person;
      readonly fromAccount: boolean;
      readonly emoji: string;
      readonly at: number;
    }
  /** All that this person has chosen now, as places in the poll's `options` from 0; empty = the vote was taken back. */
  | {
      readonly type: 'poll_vote';
      readonly chat: Chat;
      readonly target: MessageReference;
      readonly by: Person;
      readonly fromAccount: boolean;
      readonly options: readonly number[];
      readonly at: number;
    }
  | {
      readonly type: 'edited';
      readonly chat: Chat;
      readonly target: MessageReference;
      readonly body: string;
      /** Of the new body; absent = it has none. */
      readonly entities?: readonly TextEntity[];
      readonly at: number;
    }
  | { readonly type: 'deleted'; readonly chat: Chat; readonly target: MessageReference; readonly at: number }
  /** Staff read the chat on the account's own phone, up to this message. */
  | { readonly type: 'chat_read'; readonly chat: Chat; readonly upTo: MessageReference; readonly at: number }
  /** These addresses turned out to be one person. */
  | { readonly type: 'identity'; readonly person: Person }
  | { readonly type: 'chat_updated'; readonly chat: Chat }
  | { readonly type: 'typing'; readonly chat: Chat; readonly by: Address; readonly on: boolean }
  | { readonly type: 'presence'; readonly by: Address; readonly online: boolean; readonly lastSeenAt?: number }
  /**
   * A canary came back the way of a guest's message, see CanarySession. `missed`: so many things the network had for us and had not
   * sent; the check has brought them.
   */
  | { readonly type: 'canary'; readonly token: string; readonly at: number; readonly missed?: number }
  /**
   * What the network says by itself, without that a message met it, of what the account may do: with each connection, and whenever it
   * tells. Under each `origin` (a-z and _, the connector's name for that kind of notice, e.g. `quota`) the latest stands, over restarts
   * too, until its end. `warned`: a limit is near, and the daemon sends less. `open`: neither. Nothing is said of what is not known.
   */
  | {
      readonly type: 'limit';
      readonly scope: Exclude<LimitScope, 'chat'>;
      readonly origin: string;
      readonly state: 'open' | 'warned' | 'closed';
      /** How long it still lasts; ms. Absent = the network gave no end. */
      readonly endsInMs?: number;
      /** To so many guests who never wrote the account may still write until then. */
      readonly left?: number;
      /** The network's raw word. */
      readonly nativeCode?: string;
    }
  /** The connection that `connect()` had opened is gone. Exactly one for each `connect()` that resolved. */
  | { readonly type: 'disconnected'; readonly cause: DisconnectCause };

export type ConnectorEventType = ConnectorEvent['type'];
