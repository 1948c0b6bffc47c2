import type { Exchange } from './exchange.ts';
import type { Actor, ExchangeParts } from './exchange-parts.ts';
import { idOf, isChannelKey, isUserKey, toPeer, userKey } from './peers.ts';
import { copyOf } from './sequence.ts';
import type { AccountRecord, ChannelRecord, Copy, PeerKey, Post, ReadMarks } from './state.ts';

/** How far chats are read, and who is told of it. */
export class Reading {
  readonly #parts: ExchangeParts;
  readonly #exchange: Exchange;

  constructor(deps: { readonly parts: ExchangeParts; readonly exchange: Exchange }) {
    this.#parts = deps.parts;
    this.#exchange = deps.exchange;
  }

  marks(account: AccountRecord, peer: PeerKey): ReadMarks {
    const marks = account.reads.get(peer) ?? { inbox: 0, outbox: 0 };
    account.reads.set(peer, marks);
    return marks;
  }

  /** Messages of others that the account has not read. */
  unread(account: AccountRecord, peer: PeerKey, upTo = Infinity): readonly Copy[] {
    const { inbox } = this.marks(account, peer);
    return this.#copies(account, peer).filter(
      (copy) => copy.id > inbox && copy.id <= upTo && !this.#isOwn(account, copy),
    );
  }

  /** A private chat or a basic group, up to and with `maxId`. Answers the account's pts and by how much it moved. */
  read(actor: Actor, peer: PeerKey, maxId: number): { readonly pts: number; readonly count: number } {
    const { account } = actor;
    const read = this.unread(account, peer, maxId);
    const marks = this.marks(account, peer);
    if (maxId > marks.inbox) marks.inbox = maxId;
    if (read.length === 0) return { pts: account.box.pts, count: 0 };
    const stillUnreadCount = this.unread(account, peer).length;
    const update = { _: 'updateReadHistoryInbox', peer: toPeer(peer), maxId: maxId, stillUnreadCount };
    const entry = this.#exchange.recordFor(account, { type: 'update', update }, actor.keyId);
    for (const [author, post] of this.#lastByAuthor(read)) {
      const theirPeer = isUserKey(peer) ? userKey(account.id) : peer;
      const theirs = copyOf(author.box, post.uid);
      const theirMarks = this.marks(author, theirPeer);
      if (theirs === undefined || theirs.id <= theirMarks.outbox) continue;
      theirMarks.outbox = theirs.id;
      const told = { _: 'updateReadHistoryOutbox', peer: toPeer(theirPeer), maxId: theirs.id };
      this.#exchange.recordFor(author, { type: 'update', update: told });
      this.#parts.watchers.tell(author.id, { type: 'read', peer: theirPeer, by: account.id, upTo: post });
    }
    return { pts: entry.pts, count: entry.count };
  }

  /** A supergroup: no pts moves, and authors are told in passing. */
  readChannel(actor: Actor, peer: PeerKey, channel: ChannelRecord, maxId: number): void {
    const { account } = actor;
    const read = this.unread(account, peer, maxId);
    const marks = this.marks(account, peer);
    if (maxId <= marks.inbox) return;
    marks.inbox = maxId;
    const facts = { channelId: channel.id, maxId: maxId };
    const stillUnreadCount = this.unread(account, peer).length;
    const inbox = { _: 'updateReadChannelInbox', ...facts, stillUnreadCount, pts: channel.sequence.pts };
    this.#parts.pushes.toAccount(account, [inbox], { except: actor.keyId });
    for (const [author, post] of this.#lastByAuthor(read)) {
      const id = channel.sequence.byUid.get(post.uid) ?? 0;
      const theirMarks = this.marks(author, peer);
      if (id <= theirMarks.outbox) continue;
      theirMarks.outbox = id;
      const outbox = { _: 'updateReadChannelOutbox', channelId: channel.id, maxId: id };
      this.#parts.pushes.toAccount(author, [outbox]);
      this.#parts.watchers.tell(author.id, { type: 'read', peer, by: account.id, upTo: post });
    }
  }

  #copies(account: AccountRecord, peer: PeerKey): readonly Copy[] {
    const { copies } = isChannelKey(peer) ? this.#parts.peers.channel(idOf(peer)).sequence : account.box;
    return [...copies.values()].filter((copy) => copy.peer === peer);
  }

  #isOwn(account: AccountRecord, copy: Copy): boolean {
    return copy.out || this.#parts.messages.post(copy.uid).author === account.id;
  }

  #lastByAuthor(copies: readonly Copy[]): ReadonlyMap<AccountRecord, Post> {
    const last = new Map<AccountRecord, Post>();
    for (const { uid } of copies) {
      const post = this.#parts.messages.post(uid);
      last.set(this.#parts.peers.account(post.author), post);
    }
    return last;
  }
}
