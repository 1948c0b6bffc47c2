import type { ConnectorEvent, SessionContext } from '../../src/connector-api/index.ts';
import { phoneAddress } from './ids.ts';
import type { Inbox } from './inbox.ts';
import type { JournalEntry } from './journal-entry.ts';
import { CANARY, mapCanary } from './map-canary.ts';
import { isChange, mapChange } from './map-changes.ts';
import type { MapFacts } from './map-facts.ts';
import { chatPeerOf, isOutbound, mapFrame, mapMessage } from './map-message.ts';
import { optionsOf, readVotes } from './map-poll-votes.ts';
import { mapLive } from './map-presence.ts';
import type { MessageBook } from './message-book.ts';
import type { PeerBook } from './peer-book.ts';
import { fullName, namesOf } from './peer-record.ts';
import type { Peer } from './peers.ts';
import { addressOf, readPeer } from './peers.ts';
import { PollBook } from './poll-book.ts';
import type { TlObject } from './tl.ts';
import { longAt, numberAt, objectAt, textAt } from './tl-fields.ts';
import type { UpdateBatch } from './updates/update-applier.ts';

/** What is known of the account's own sends. Called inside the transaction that takes the update. */
export interface OwnSends {
  /** An `updateMessageID`. */
  settleByUpdate(update: TlObject): void;
  /** Whether a message of the account came from here, and not from another of its devices. `chat` is the canonical address. */
  isOwnSend(chat: string, message: TlObject): boolean;
}

/** Turns updates into journal entries, inside the transaction that takes them; what is only of this moment is told at once. */
export class Receiver {
  readonly #context: SessionContext<unknown>;
  readonly #inbox: Inbox;
  readonly #peers: PeerBook;
  readonly #messages: MessageBook;
  readonly #polls: PollBook;
  readonly #ownSends: OwnSends;
  readonly #selfId: bigint;
  #live: ConnectorEvent[] = [];

  constructor(deps: {
    context: SessionContext<unknown>;
    inbox: Inbox;
    peers: PeerBook;
    messages: MessageBook;
    ownSends: OwnSends;
    selfId: bigint;
  }) {
    this.#context = deps.context;
    this.#inbox = deps.inbox;
    this.#peers = deps.peers;
    this.#messages = deps.messages;
    this.#polls = new PollBook(deps.context);
    this.#ownSends = deps.ownSends;
    this.#selfId = deps.selfId;
  }

  /** `take` of an `UpdateSync`. */
  take(batch: UpdateBatch): void {
    const facts = this.#facts();
    for (const update of batch.updates) if (update._ === 'updateMessageID') this.#ownSends.settleByUpdate(update);
    for (const update of batch.updates) this.#takeOne(update, batch.via, facts);
    queueMicrotask(() => this.#tell());
  }

  #takeOne(update: TlObject, via: UpdateBatch['via'], facts: MapFacts): void {
    const message = update._.startsWith('updateNew') ? objectAt(update, 'message') : undefined;
    if (message !== undefined && !update._.startsWith('updateNewScheduled')) this.#takeMessage(message, via, facts);
    else if (isChange(update)) this.#takeChange(update, via, facts);
    else if (update._ === CANARY) this.#put(mapCanary(update, facts.now));
    else if (update._ === 'updateMessagePoll') this.#takeVotes(update, facts);
    else if (update._ === 'updateUserName' || update._ === 'updateUserPhone') this.#takeName(update, facts);
    else if (via === 'push') this.#live.push(...mapLive(update, facts)); // what was typed long ago is nobody's news
  }

  #takeMessage(message: TlObject, via: UpdateBatch['via'], facts: MapFacts): void {
    const peer = chatPeerOf(message);
    const id = numberAt(message, 'id');
    if (peer === undefined || id === undefined) return;
    const chat = addressOf(peer);
    const isOut = isOutbound(message, this.#selfId);
    if (isOut && message._ === 'message') this.#messages.noteSent(chat, id);
    else this.#messages.note(chat, id);
    this.#notePeople(message, peer, id);
    // Asked in any case: it also settles a send that is still open.
    if (isOut && (this.#ownSends.isOwnSend(chat, message) || via === 'answer')) return;
    const mapped = this.#guard(() => mapMessage(message, facts)) ?? mapFrame(message, facts);
    if (mapped.type === 'entry') this.#inbox.put(mapped.entry);
    else this.#context.log.debug('a message was left out', { reason: mapped.reason });
  }

  #notePeople(message: TlObject, peer: Peer, id: number): void {
    const author = readPeer(objectAt(message, 'fromId'));
    if (author !== undefined && peer.type !== 'user') this.#peers.noteSeen(author, peer, id);
    const media = objectAt(message, 'media');
    const poll = media === undefined ? undefined : objectAt(media, 'poll');
    const pollId = poll === undefined ? undefined : longAt(poll, 'id');
    if (poll === undefined || pollId === undefined) return;
    const asked = { chat: addressOf(peer), messageId: id, options: optionsOf(poll) };
    this.#polls.note(pollId, asked, this.#context.clock.now());
  }

  /** What our own call did is known to whoever called; the network's echo of it is no news. */
  #takeChange(update: TlObject, via: UpdateBatch['via'], facts: MapFacts): void {
    if (via === 'answer') return;
    for (const event of this.#guard(() => mapChange(update, facts)) ?? []) this.#put([event]);
  }

  #takeVotes(update: TlObject, facts: MapFacts): void {
    const pollId = longAt(update, 'pollId');
    const known = pollId === undefined ? undefined : this.#polls.get(pollId);
    const results = objectAt(update, 'results');
    if (pollId === undefined || known === undefined || results === undefined) return;
    const peer = this.#peers.find(known.chat);
    const votes = readVotes(results, known, this.#selfId);
    if (peer === undefined || votes.length === 0) return;
    this.#polls.noteVotes(pollId, known, votes, facts.now);
    const [chat, target] = [facts.chat(peer), { networkId: String(known.messageId) }];
    for (const { by, options } of votes) {
      const fromAccount = by.type === 'user' && by.id === this.#selfId;
      this.#put([{ type: 'poll_vote', chat, target, by: facts.person(by), fromAccount, options, at: facts.now }]);
    }
  }

  #takeName(update: TlObject, facts: MapFacts): void {
    const id = longAt(update, 'userId');
    if (id === undefined) return;
    const peer: Peer = { type: 'user', id };
    const phone = textAt(update, 'phone');
    const title = fullName(textAt(update, 'firstName'), textAt(update, 'lastName'));
    if (update._ === 'updateUserName')
      this.#peers.change(peer, { ...(title === undefined ? {} : { title }), names: namesOf(update) });
    else if (phone !== undefined) this.#peers.change(peer, { phone: phoneAddress(phone) });
    if (id !== this.#selfId) this.#put([{ type: 'identity', person: facts.person(peer) }]);
  }

  #put(events: JournalEntry['events']): void {
    this.#inbox.put({ events, files: [] });
  }

  /** A map that fails must not make the network bring the same update for ever. */
  #guard<T>(map: () => T): T | undefined {
    try {
      return map();
    } catch (error) {
      this.#context.log.error('an update could not be mapped', {
        error: error instanceof Error ? error.name : undefined,
      });
      return undefined;
    }
  }

  #facts(): MapFacts {
    const [peers, messages] = [this.#peers, this.#messages];
    return {
      selfId: this.#selfId,
      now: this.#context.clock.now(),
      person: (peer) => peers.person(peer),
      chat: (peer) => peers.chat(peer),
      isBroadcast: (peer) => peers.get(peer)?.isBroadcast === true,
      chatOf: (messageId) => messages.chatOf(messageId),
      takeRead: (chat, maxId) => messages.takeRead(chat, maxId),
    };
  }

  /** After the transaction: hands over what it kept, and what nobody keeps. */
  #tell(): void {
    this.#inbox.work();
    for (const event of this.#live.splice(0)) {
      this.#context.emit(event).catch(() => this.#context.log.debug('a live event was dropped'));
    }
  }
}
