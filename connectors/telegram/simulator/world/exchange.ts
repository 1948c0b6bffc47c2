import type { TlObject } from '../../tl.ts';
import { RpcError } from '../rpc.ts';
import type { Actor, Draft, ExchangeParts, Sent } from './exchange-parts.ts';
import { channelKey, idOf, isChannelKey, isUserKey, toPeer, userKey } from './peers.ts';
import { updateOf } from './render-update.ts';
import type { Fact } from './sequence.ts';
import { addCopy, copyOf, record, removeCopies } from './sequence.ts';
import type { AccountRecord, Copy, LogEntry, PeerKey, Post, Sequence } from './state.ts';

/** Carries messages and changes of messages to everybody who has them. */
export class Exchange {
  readonly #parts: ExchangeParts;

  constructor(parts: ExchangeParts) {
    this.#parts = parts;
  }

  /** Says something; permissions are checked before. */
  send(actor: Actor, peer: PeerKey, draft: Draft): Sent {
    const { state } = this.#parts;
    state.serial.post += 1;
    const { text, entities = [], ...rest } = draft;
    const base = {
      uid: state.serial.post,
      author: actor.account.id,
      date: this.now(),
      reactions: new Map(),
    };
    const post: Post = { ...base, text, entities, ...rest };
    state.posts.set(post.uid, post);
    return isChannelKey(peer) ? this.#post(actor, peer, post) : this.#mail(actor, peer, post);
  }

  edit(actor: Actor, copy: Copy, change: { readonly text: string; readonly entities: readonly TlObject[] }): TlObject {
    const post = this.#parts.messages.post(copy.uid);
    post.text = change.text;
    post.entities = change.entities;
    post.editDate = this.now();
    return this.#tellEdit(actor, copy, post);
  }

  /** An empty emoji takes the reaction back. */
  react(actor: Actor, copy: Copy, emoji: string): TlObject {
    const post = this.#parts.messages.post(copy.uid);
    if (emoji === '') post.reactions.delete(actor.account.id);
    else post.reactions.set(actor.account.id, { emoji, date: this.now() });
    for (const { account, peer } of this.holders(actor.account, copy.peer)) {
      if (account.id === actor.account.id) continue;
      this.#parts.watchers.tell(account.id, { type: 'reaction', peer, post, by: actor.account.id, emoji });
    }
    if (this.#parts.rules.reactionsAs === 'edit') return this.#tellEdit(actor, copy, post, false);
    return this.tellHolders(actor, copy, (account, peer, id) => ({
      _: 'updateMessageReactions',
      peer,
      msgId: id,
      reactions: this.#parts.messages.reactions(post, account),
    }));
  }

  /** Takes copies away, for the actor or for everybody. Answers the pts of the actor, or of the channel. */
  erase(actor: Actor, copies: readonly Copy[], options: { readonly forAll: boolean }): { pts: number; count: number } {
    const own = this.#eraseFrom(actor.account, copies, actor.keyId);
    if (options.forAll) {
      const losses = new Map<AccountRecord, Copy[]>();
      for (const copy of copies) {
        if (isChannelKey(copy.peer)) continue;
        for (const { account, peer } of this.holders(actor.account, copy.peer)) {
          const theirs = account.id === actor.account.id ? undefined : copyOf(account.box, copy.uid);
          if (theirs === undefined) continue;
          losses.set(account, [...(losses.get(account) ?? []), theirs]);
          this.#parts.watchers.tell(account.id, { type: 'deleted', peer, post: this.#parts.messages.post(copy.uid) });
        }
      }
      for (const [account, lost] of losses) this.#eraseFrom(account, lost);
    }
    return own;
  }

  eraseInChannel(actor: Actor, channelId: bigint, copies: readonly Copy[]): { pts: number; count: number } {
    const channel = this.#parts.peers.channel(channelId);
    const ids = copies.map(({ id }) => id);
    const posts = copies.map(({ uid }) => this.#parts.messages.post(uid));
    removeCopies(channel.sequence, ids);
    const update = { _: 'updateDeleteChannelMessages', channelId: channelId, messages: ids };
    const entry = this.#recordIn(channel.sequence, channelKey(channelId), {
      type: 'update',
      update,
      count: ids.length,
    });
    for (const { account, peer } of this.holders(actor.account, channelKey(channelId))) {
      this.#push(account, channel.sequence, entry, actor.keyId);
      if (account.id === actor.account.id) continue;
      for (const post of posts) this.#parts.watchers.tell(account.id, { type: 'deleted', peer, post });
    }
    return { pts: entry.pts, count: entry.count };
  }

  /** Everybody who has the messages of a chat, with the name that the chat has for them. */
  holders(actor: AccountRecord, peer: PeerKey): readonly { readonly account: AccountRecord; readonly peer: PeerKey }[] {
    const { peers } = this.#parts;
    const id = idOf(peer);
    if (isUserKey(peer)) {
      if (id === actor.id) return [{ account: actor, peer }];
      return [
        { account: actor, peer },
        { account: peers.account(id), peer: userKey(actor.id) },
      ];
    }
    const { members } = isChannelKey(peer) ? peers.channel(id) : peers.group(id);
    return [...members].map((member) => ({ account: peers.account(member), peer }));
  }

  sequence(account: AccountRecord, peer: PeerKey): Sequence {
    return isChannelKey(peer) ? this.#parts.peers.channel(idOf(peer)).sequence : account.box;
  }

  /** Tells each holder something of a message that moves no pts; answers what the actor is told. */
  tellHolders(
    actor: Actor,
    copy: Copy,
    write: (account: AccountRecord, peer: TlObject, id: number) => TlObject,
  ): TlObject {
    let own: TlObject | undefined;
    for (const { account, peer } of this.holders(actor.account, copy.peer)) {
      const theirs = copyOf(this.sequence(account, peer), copy.uid);
      if (theirs === undefined) continue;
      const update = write(account, toPeer(theirs.peer), theirs.id);
      if (account.id === actor.account.id) own = update;
      this.#parts.pushes.toAccount(account, [update], { except: actor.keyId });
    }
    if (own === undefined) throw new RpcError(400, 'MESSAGE_ID_INVALID');
    return own;
  }

  /** Writes into an account's own log and tells its clients. */
  recordFor(account: AccountRecord, fact: Fact, except?: string): LogEntry {
    const entry = record(account.box, fact);
    this.#push(account, account.box, entry, except);
    return entry;
  }

  now(): number {
    return Math.floor(this.#parts.clock.now() / 1000);
  }

  #mail(actor: Actor, peer: PeerKey, post: Post): Sent {
    let own: { copy: Copy; entry: LogEntry } | undefined;
    for (const holder of this.holders(actor.account, peer)) {
      const out = holder.account.id === post.author;
      const copy = addCopy(holder.account.box, post, { peer: holder.peer, out });
      const entry = this.recordFor(holder.account, { type: 'message', id: copy.id }, out ? actor.keyId : undefined);
      if (out) own = { copy, entry };
      else this.#parts.watchers.tell(holder.account.id, { type: 'message', peer: holder.peer, post });
    }
    if (own === undefined) throw new RpcError(403, 'CHAT_WRITE_FORBIDDEN');
    return { post, copy: own.copy, update: this.#update(actor.account, actor.account.box, own.entry) };
  }

  #post(actor: Actor, peer: PeerKey, post: Post): Sent {
    const { sequence } = this.#parts.peers.channel(idOf(peer));
    const copy = addCopy(sequence, post, { peer, out: false });
    const entry = this.#recordIn(sequence, peer, { type: 'message', id: copy.id });
    for (const { account } of this.holders(actor.account, peer)) {
      this.#push(account, sequence, entry, actor.keyId);
      if (account.id !== post.author) this.#parts.watchers.tell(account.id, { type: 'message', peer, post });
    }
    return { post, copy, update: this.#update(actor.account, sequence, entry) };
  }

  #tellEdit(actor: Actor, copy: Copy, post: Post, isShown = true): TlObject {
    let own: TlObject | undefined;
    const { peer: chat, id } = copy;
    const sequence = this.sequence(actor.account, chat);
    const shared = isChannelKey(chat) ? this.#recordIn(sequence, chat, { type: 'edit', id }) : undefined;
    for (const { account, peer } of this.holders(actor.account, copy.peer)) {
      const theirs = copyOf(this.sequence(account, peer), post.uid);
      if (theirs === undefined) continue;
      const entry = shared ?? record(account.box, { type: 'edit', id: theirs.id });
      this.#push(account, this.sequence(account, peer), entry, actor.keyId);
      if (account.id === actor.account.id) own = this.#update(account, this.sequence(account, peer), entry);
      else if (isShown) this.#parts.watchers.tell(account.id, { type: 'edited', peer, post });
    }
    if (own === undefined) throw new RpcError(400, 'MESSAGE_ID_INVALID');
    return own;
  }

  #eraseFrom(account: AccountRecord, copies: readonly Copy[], except?: string): { pts: number; count: number } {
    const ids = copies.filter(({ peer }) => !isChannelKey(peer)).map(({ id }) => id);
    if (ids.length === 0) return { pts: account.box.pts, count: 0 };
    removeCopies(account.box, ids);
    const update = { _: 'updateDeleteMessages', messages: ids };
    const entry = this.recordFor(account, { type: 'update', update, count: ids.length }, except);
    return { pts: entry.pts, count: entry.count };
  }

  #recordIn(sequence: Sequence, peer: PeerKey, fact: Fact): LogEntry {
    this.#parts.peers.channel(idOf(peer)).changedAt = this.now();
    return record(sequence, fact);
  }

  #update(viewer: AccountRecord, sequence: Sequence, entry: LogEntry): TlObject {
    const update = updateOf(entry, { sequence, viewer, messages: this.#parts.messages });
    if (update === undefined) throw new Error('a new entry without its message');
    return update;
  }

  #push(account: AccountRecord, sequence: Sequence, entry: LogEntry, except?: string): void {
    if (this.#parts.pushes.keysOf(account.id).length === 0) return;
    const min = this.#parts.rules.minUsers && sequence !== account.box;
    this.#parts.pushes.toAccount(account, [this.#update(account, sequence, entry)], { except, min });
  }
}
