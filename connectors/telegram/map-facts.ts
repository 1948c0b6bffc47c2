import type { Address, Chat, Person } from '../../src/connector-api/index.ts';
import type { Peer } from './peers.ts';

/** What the inbound maps look up. */
export interface MapFacts {
  /** The account's own number. */
  readonly selfId: bigint;
  /** Epoch ms; for what the network dates by nothing but its coming. */
  readonly now: number;
  person(peer: Peer): Person;
  chat(peer: Peer): Chat;
  /** A channel of posts, not a group that talks. */
  isBroadcast(peer: Peer): boolean;
  /** Where a message of a private chat or basic group was said. */
  chatOf(messageId: number): Address | undefined;
  /** The account's unread messages up to this one; they count as read from then on. */
  takeRead(chat: Address, maxId: number): readonly number[];
}
