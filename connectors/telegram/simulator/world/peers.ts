import { createHash } from 'node:crypto';
import type { TlObject } from '../../tl.ts';
import { RpcError } from '../rpc.ts';
import { intOf, longOf, objectOf } from './fields.ts';
import type { AccountRecord, ChannelRecord, GroupRecord, PeerKey, WorldState } from './state.ts';
import type { WorldViolations } from './violations.ts';

export const userKey = (id: bigint): PeerKey => `u${id}`;
export const groupKey = (id: bigint): PeerKey => `g${id}`;
export const channelKey = (id: bigint): PeerKey => `c${id}`;
export const idOf = (key: PeerKey): bigint => BigInt(key.slice(1));
export const isUserKey = (key: PeerKey): boolean => key.startsWith('u');
export const isChannelKey = (key: PeerKey): boolean => key.startsWith('c');

export function toPeer(key: PeerKey): TlObject {
  if (isUserKey(key)) return { _: 'peerUser', userId: idOf(key) };
  if (isChannelKey(key)) return { _: 'peerChannel', channelId: idOf(key) };
  return { _: 'peerChat', chatId: idOf(key) };
}

/** Who is who: access hashes, and what a client's `input…` means. */
export class Peers {
  readonly #state: WorldState;
  readonly #violations: WorldViolations;
  readonly #hashes = new Map<string, bigint>();

  constructor(deps: { readonly state: WorldState; readonly violations: WorldViolations }) {
    this.#state = deps.state;
    this.#violations = deps.violations;
  }

  /** Differs for each account that looks. `min`: the one that a `min` constructor carries, which opens nothing. */
  accessHash(viewer: bigint, key: PeerKey, min = false): bigint {
    const name = `${viewer} ${key} ${min ? 'min' : ''}`;
    const known = this.#hashes.get(name);
    if (known !== undefined) return known;
    const digest = createHash('sha256').update(`${this.#state.secret} ${name}`).digest();
    const hash = digest.readBigInt64BE(0);
    this.#hashes.set(name, hash);
    return hash;
  }

  account(id: bigint): AccountRecord {
    const account = this.#state.accounts.get(id);
    if (account === undefined) throw new RpcError(400, 'USER_ID_INVALID');
    return account;
  }

  group(id: bigint): GroupRecord {
    const group = this.#state.groups.get(id);
    if (group === undefined) throw new RpcError(400, 'CHAT_ID_INVALID');
    return group;
  }

  channel(id: bigint): ChannelRecord {
    const channel = this.#state.channels.get(id);
    if (channel === undefined) throw new RpcError(400, 'CHANNEL_INVALID');
    return channel;
  }

  /** An `InputPeer`. Rejects as the network does, and notes what a real client cannot have come by. */
  resolve(viewer: AccountRecord, input: TlObject): PeerKey {
    switch (input._) {
      case 'inputPeerSelf':
        return userKey(viewer.id);
      case 'inputPeerUser':
        return this.#user(viewer, longOf(input, 'userId'), longOf(input, 'accessHash'), 'PEER_ID_INVALID');
      case 'inputPeerUserFromMessage':
        return this.#userFromMessage(viewer, input, 'PEER_ID_INVALID');
      case 'inputPeerChat':
        return this.#group(viewer, longOf(input, 'chatId'));
      case 'inputPeerChannel':
        return channelKey(this.#channel(viewer, longOf(input, 'channelId'), longOf(input, 'accessHash')).id);
      default:
        this.#violations.record('unknown_peer', input._);
        throw new RpcError(400, 'PEER_ID_INVALID');
    }
  }

  resolveUser(viewer: AccountRecord, input: TlObject): AccountRecord {
    switch (input._) {
      case 'inputUserSelf':
        return viewer;
      case 'inputUser':
        return this.account(
          idOf(this.#user(viewer, longOf(input, 'userId'), longOf(input, 'accessHash'), 'USER_ID_INVALID')),
        );
      case 'inputUserFromMessage':
        return this.account(idOf(this.#userFromMessage(viewer, input, 'USER_ID_INVALID')));
      default:
        this.#violations.record('unknown_peer', input._);
        throw new RpcError(400, 'USER_ID_INVALID');
    }
  }

  resolveChannel(viewer: AccountRecord, input: TlObject): ChannelRecord {
    if (input._ === 'inputChannel') {
      return this.#channel(viewer, longOf(input, 'channelId'), longOf(input, 'accessHash'));
    }
    this.#violations.record('unknown_peer', input._);
    throw new RpcError(400, 'CHANNEL_INVALID');
  }

  #user(viewer: AccountRecord, id: bigint, hash: bigint, refusal: string): PeerKey {
    if (!this.#state.accounts.has(id)) {
      this.#violations.record('unknown_peer', 'a person that does not exist');
      throw new RpcError(400, refusal);
    }
    if (id !== viewer.id && hash !== this.accessHash(viewer.id, userKey(id))) {
      this.#violations.record('wrong_access_hash', 'of a person');
      throw new RpcError(400, refusal);
    }
    return userKey(id);
  }

  /** Where only a `min` user is known: somebody who is named in a message that the viewer has. */
  #userFromMessage(viewer: AccountRecord, input: TlObject, refusal: string): PeerKey {
    const peer = this.resolve(viewer, objectOf(input, 'peer'));
    const sequence = isChannelKey(peer) ? this.channel(idOf(peer)).sequence : viewer.box;
    const copy = sequence.copies.get(intOf(input, 'msgId'));
    const post = copy === undefined ? undefined : this.#state.posts.get(copy.uid);
    const id = longOf(input, 'userId');
    if (post !== undefined && (post.author === id || post.forward?.author === id)) return userKey(id);
    this.#violations.record('unknown_peer', 'a person that the message does not name');
    throw new RpcError(400, refusal);
  }

  #group(viewer: AccountRecord, id: bigint): PeerKey {
    const group = this.#state.groups.get(id);
    if (group === undefined) {
      this.#violations.record('unknown_peer', 'a group that does not exist');
      throw new RpcError(400, 'CHAT_ID_INVALID');
    }
    if (!group.members.has(viewer.id)) throw new RpcError(400, 'PEER_ID_INVALID');
    return groupKey(id);
  }

  #channel(viewer: AccountRecord, id: bigint, hash: bigint): ChannelRecord {
    const channel = this.#state.channels.get(id);
    if (channel === undefined || hash !== this.accessHash(viewer.id, channelKey(id))) {
      this.#violations.record(channel === undefined ? 'unknown_peer' : 'wrong_access_hash', 'of a channel');
      throw new RpcError(400, 'CHANNEL_INVALID');
    }
    if (!channel.members.has(viewer.id)) throw new RpcError(400, 'CHANNEL_PRIVATE');
    return channel;
  }
}
