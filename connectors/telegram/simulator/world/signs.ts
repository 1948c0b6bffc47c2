import type { TlObject } from '../../tl.ts';
import type { Exchange } from './exchange.ts';
import type { Actor, ExchangeParts } from './exchange-parts.ts';
import { idOf, isChannelKey, isUserKey, toPeer, userKey } from './peers.ts';
import { pollOf, pollResults } from './render-message.ts';
import { statusOf } from './render-people.ts';
import type { AccountRecord, Copy, PeerKey, PollRecord } from './state.ts';

/** What passes: who types, who is there, how a poll stands. */
export class Signs {
  readonly #parts: ExchangeParts;
  readonly #exchange: Exchange;

  constructor(deps: { readonly parts: ExchangeParts; readonly exchange: Exchange }) {
    this.#parts = deps.parts;
    this.#exchange = deps.exchange;
  }

  typing(actor: Actor, peer: PeerKey, action: TlObject): void {
    const by = actor.account.id;
    const on = action._ !== 'sendMessageCancelAction';
    for (const holder of this.#exchange.holders(actor.account, peer)) {
      if (holder.account.id === by) continue;
      this.#parts.pushes.brief(holder.account, typingUpdate(peer, by, action));
      this.#parts.watchers.tell(holder.account.id, { type: 'typing', peer: holder.peer, by, on });
    }
  }

  /** Known to contacts and to those who have a private chat with the account. */
  status(account: AccountRecord, isOnline: boolean): void {
    account.isOnline = isOnline;
    account.lastOnlineAt = this.#exchange.now();
    const update = { _: 'updateUserStatus', userId: account.id, status: statusOf(account) };
    const peers = new Set([...account.box.copies.values()].map(({ peer }) => peer).filter((peer) => isUserKey(peer)));
    for (const contact of account.contacts) peers.add(userKey(contact));
    for (const peer of peers) {
      const other = this.#parts.state.accounts.get(idOf(peer));
      if (other === undefined || other.id === account.id) continue;
      this.#parts.pushes.brief(other, update);
      this.#parts.watchers.tell(other.id, { type: 'status', by: account.id, isOnline });
    }
  }

  /** No options take the vote back. Answers what the voter is told. */
  vote(actor: Actor, copy: Copy, poll: PollRecord, chosen: readonly number[]): TlObject {
    const voter = actor.account.id;
    if (chosen.length === 0) poll.votes.delete(voter);
    else poll.votes.set(voter, chosen);
    const own = this.#exchange.tellHolders(actor, copy, (account, peer, msgId) =>
      this.results(account, poll, { peer, msgId }),
    );
    const post = this.#parts.messages.post(copy.uid);
    const creator = this.#parts.peers.account(poll.creator);
    const options = chosen.map((index) => poll.options[index]).filter((option) => option !== undefined);
    if (creator.id !== voter && poll.isPublic && this.#parts.rules.votes === 'each') {
      creator.votes.qts += 1;
      const update = {
        _: 'updateMessagePollVote',
        pollId: poll.id,
        peer: toPeer(userKey(voter)),
        options: options.map(({ option }) => option),
        positions: [...chosen],
        qts: creator.votes.qts,
      };
      creator.votes.log.push({ qts: update.qts, update });
      this.#parts.pushes.toAccount(creator, [update]);
    }
    for (const { account, peer } of this.#exchange.holders(actor.account, copy.peer)) {
      if (account.id === voter) continue;
      const texts = options.map(({ text }) => text);
      this.#parts.watchers.tell(account.id, { type: 'vote', peer, post, by: voter, options: texts });
    }
    return own;
  }

  results(
    viewer: AccountRecord,
    poll: PollRecord,
    place: { readonly peer: TlObject; readonly msgId: number },
  ): TlObject {
    return {
      _: 'updateMessagePoll',
      ...place,
      pollId: poll.id,
      poll: pollOf(poll, viewer),
      results: pollResults(poll, viewer),
    };
  }
}

function typingUpdate(peer: PeerKey, by: bigint, action: TlObject): TlObject {
  if (isUserKey(peer)) return { _: 'updateUserTyping', userId: by, action };
  const fromId = toPeer(userKey(by));
  if (isChannelKey(peer)) return { _: 'updateChannelUserTyping', channelId: idOf(peer), fromId, action };
  return { _: 'updateChatUserTyping', chatId: idOf(peer), fromId, action };
}
