import type { Address, Chat, Person, SessionVault } from '../../src/connector-api/index.ts';
import { nameAddress, readAddress } from './ids.ts';
import type { PeerRecord } from './peer-record.ts';
import { addressesOf, decodeRecord, describePeer, encodeRecord } from './peer-record.ts';
import type { Peer } from './peers.ts';
import { addressOf } from './peers.ts';
import type { TlObject } from './tl.ts';

const PEERS = 'telegram.peers';
/** From `@name` and `+phone` to the address of a peer. */
const NAMES = 'telegram.peer-names';
/** Records in memory, some 300 bytes each; the others are read from the vault when somebody writes. */
const CACHED_PEERS = 1_000;

/**
 * Whom the account has met: access hashes, without which nobody can be addressed, names and titles. In the vault, so that a guest
 * of last year can be answered; memory holds the latest. Written inside the transaction that takes the updates which brought them.
 */
export class PeerBook {
  readonly #vault: SessionVault;
  /** `null` = looked for and not there. In order of use. */
  readonly #cache = new Map<Address, Kept | null>();

  constructor(deps: { vault: SessionVault }) {
    this.#vault = deps.vault;
  }

  /** Takes the `users` and `chats` that came with an answer or update. */
  learn(users: readonly TlObject[], chats: readonly TlObject[]): void {
    if (users.length + chats.length === 0) return;
    this.#vault.transaction(() => [...users, ...chats].forEach((object) => this.#learnOne(object)), { lazy: true });
  }

  /** A new name or number of a person that came without the rest. */
  change(peer: Peer, facts: Pick<PeerRecord, 'title' | 'names' | 'phone'>): void {
    this.#save(peer, { ...this.get(peer), ...facts });
  }

  /** Somebody of whom no access hash is known said this: their message names them as well. */
  noteSeen(peer: Peer, chat: Peer, messageId: number): void {
    const known = this.get(peer);
    if (known === undefined || known.accessHash !== undefined || peer.type !== 'user') return;
    this.#save(peer, { ...known, seenIn: { chat: addressOf(chat), messageId } });
  }

  get(peer: Peer): PeerRecord | undefined {
    return this.#kept(peer)?.record;
  }

  /** Who has this `@name` or `+phone`, as far as was heard; names change hands, so the network has the last word. */
  find(address: Address): Peer | undefined {
    const direct = readAddress(address);
    if (direct === undefined) return undefined;
    if ('id' in direct) return direct;
    const bytes = this.#vault.secrets.get(NAMES, direct.type === 'name' ? nameAddress(direct.name) : direct.phone);
    const found = bytes === undefined ? undefined : readAddress(Buffer.from(bytes).toString('utf8'));
    return found !== undefined && 'id' in found ? found : undefined;
  }

  person(peer: Peer): Person {
    const record = this.get(peer);
    const displayName = record?.title === undefined ? {} : { displayName: record.title };
    return { addresses: addressesOf(peer, record), ...displayName };
  }

  chat(peer: Peer): Chat {
    const record = this.get(peer);
    if (peer.type === 'user') return { kind: 'direct', addresses: addressesOf(peer, record) };
    const title = record?.title === undefined ? {} : { title: record.title };
    return { kind: 'group', addresses: [addressOf(peer)], ...title };
  }

  /** `InputPeer`; undefined where the access hash is not known. */
  inputPeer(peer: Peer): TlObject | undefined {
    if (peer.type === 'chat') return { _: 'inputPeerChat', chatId: peer.id };
    const record = this.get(peer);
    const accessHash = record?.accessHash === undefined ? undefined : BigInt(record.accessHash);
    if (accessHash !== undefined) {
      return peer.type === 'user'
        ? { _: 'inputPeerUser', userId: peer.id, accessHash }
        : { _: 'inputPeerChannel', channelId: peer.id, accessHash };
    }
    return this.#fromMessage('inputPeerUserFromMessage', peer, record);
  }

  /** `InputUser`; undefined where the access hash is not known. */
  inputUser(id: bigint): TlObject | undefined {
    const peer: Peer = { type: 'user', id };
    const record = this.get(peer);
    if (record?.accessHash !== undefined) return { _: 'inputUser', userId: id, accessHash: BigInt(record.accessHash) };
    return this.#fromMessage('inputUserFromMessage', peer, record);
  }

  /** `InputChannel`; undefined where the access hash is not known. */
  inputChannel(id: bigint): TlObject | undefined {
    const record = this.get({ type: 'channel', id });
    if (record?.accessHash === undefined) return undefined;
    return { _: 'inputChannel', channelId: id, accessHash: BigInt(record.accessHash) };
  }

  /** After a transaction that was undone: memory may hold what the vault does not. */
  forget(): void {
    this.#cache.clear();
  }

  #learnOne(object: TlObject): void {
    const described = describePeer(object);
    if (described === undefined) return;
    const { peer, isMin, record } = described;
    const known = this.get(peer);
    if (!isMin) this.#save(peer, { ...lasting(known), ...record });
    else if (known?.accessHash === undefined) this.#save(peer, { ...known, ...record });
  }

  #kept(peer: Peer): Kept | undefined {
    const name = addressOf(peer);
    const cached = this.#cache.get(name);
    if (cached !== undefined) {
      this.#remember(name, cached);
      return cached ?? undefined;
    }
    const bytes = this.#vault.secrets.get(PEERS, name);
    const text = bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
    const kept = text === undefined ? null : { record: decodeRecord(text), text };
    this.#remember(name, kept);
    return kept ?? undefined;
  }

  #fromMessage(constructor: string, peer: Peer, record: PeerRecord | undefined): TlObject | undefined {
    const seenIn = record?.seenIn;
    const chat = seenIn === undefined ? undefined : this.find(seenIn.chat);
    if (peer.type !== 'user' || seenIn === undefined || chat === undefined || chat.type === 'user') return undefined;
    const where = this.inputPeer(chat);
    return where && { _: constructor, peer: where, msgId: seenIn.messageId, userId: peer.id };
  }

  #save(peer: Peer, next: PeerRecord): void {
    const text = encodeRecord(next);
    if (text === this.#kept(peer)?.text) return;
    const name = addressOf(peer);
    this.#vault.transaction(() => {
      this.#vault.secrets.set(PEERS, name, Buffer.from(text, 'utf8'));
      for (const alias of addressesOf(peer, next).slice(1)) {
        if (peer.type === 'user') this.#vault.secrets.set(NAMES, alias, Buffer.from(name, 'utf8'));
      }
    });
    // Not remembered: where the transaction around this is undone, the vault is right and memory would not be.
    this.#cache.delete(name);
  }

  #remember(name: Address, kept: Kept | null): void {
    this.#cache.delete(name);
    this.#cache.set(name, kept);
    if (this.#cache.size <= CACHED_PEERS) return;
    const [oldest] = this.#cache.keys();
    if (oldest !== undefined) this.#cache.delete(oldest);
  }
}

/** A record and the text of it that the vault holds. */
interface Kept {
  readonly record: PeerRecord;
  readonly text: string;
}

/** What a newer description does not take back by leaving it out. */
function lasting(known: PeerRecord | undefined): PeerRecord {
  return {
    ...(known?.accessHash === undefined ? {} : { accessHash: known.accessHash }),
    ...(known?.seenIn === undefined ? {} : { seenIn: known.seenIn }),
  };
}
