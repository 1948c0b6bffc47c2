import type { Address, Chat } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import type { AddressParts } from './ids.ts';
import { nameAddress, readAddress } from './ids.ts';
import type { JournalEntry } from './journal-entry.ts';
import { toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import type { PeerBook } from './peer-book.ts';
import type { Peer } from './peers.ts';
import { addressOf, readPeer } from './peers.ts';
import type { TlObject } from './tl.ts';
import { isObject, listAt, objectAt } from './tl-fields.ts';

const LOOKUP_TIMEOUT_MS = 15_000;

/** Whom a call is for. */
export interface Recipient {
  readonly peer: Peer;
  /** The canonical address, under which everything about the chat is kept. */
  readonly address: Address;
  readonly input: TlObject;
}

const UNKNOWN = { certainty: 'not_sent', retryable: false } as const;

/**
 * Finds the peer that a chat's addresses name: in the book, else by asking Telegram for the name or number. Numbers are never imported
 * as contacts, which shows the guest the account's own number and has cost accounts that did it often.
 */
export class Recipients {
  readonly #line: Caller;
  readonly #peers: PeerBook;
  readonly #keep: (entry: JournalEntry, learn: () => void) => void;

  constructor(deps: {
    line: Caller;
    peers: PeerBook;
    /** Stores who was found and the event that tells it, in one transaction. */
    keep: (entry: JournalEntry, learn: () => void) => void;
  }) {
    this.#line = deps.line;
    this.#peers = deps.peers;
    this.#keep = deps.keep;
  }

  /** Without asking anybody; undefined where nothing is known that could be written to. */
  known(chat: Chat): Recipient | undefined {
    for (const address of chat.addresses) {
      const peer = this.#peers.find(address);
      const input = peer === undefined ? undefined : this.#peers.inputPeer(peer);
      if (peer !== undefined && input !== undefined) return { peer, address: addressOf(peer), input };
    }
    return undefined;
  }

  /** The same, for what needs no message to be sent: rejects with `recipient_unknown`. */
  require(chat: Chat): Recipient {
    const found = this.known(chat);
    if (found === undefined) throw new SendError('recipient_unknown', UNKNOWN);
    return found;
  }

  /** Asks Telegram where nothing is known. Rejects with a SendError, `not_sent`. */
  async find(chat: Chat, signal: AbortSignal): Promise<Recipient> {
    const known = this.known(chat);
    if (known !== undefined) return known;
    let refusal: SendError | undefined;
    for (const parts of chat.addresses.map(readAddress)) {
      const call = parts === undefined ? undefined : lookupOf(parts);
      if (parts === undefined || call === undefined) continue;
      try {
        return await this.#ask(call, parts, signal);
      } catch (error) {
        refusal = toSendError(error, call._);
        if (refusal.code !== 'recipient_unknown') throw refusal;
      }
    }
    const detail =
      'Telegram lets nobody write to a bare id: the guest has to write first, or be named by @name or number.';
    throw refusal ?? new SendError('recipient_unknown', { ...UNKNOWN, detail });
  }

  async #ask(call: TlObject, asked: AddressParts, signal: AbortSignal): Promise<Recipient> {
    const answer = await this.#line.invoke(call, { timeoutMs: LOOKUP_TIMEOUT_MS, signal });
    const peer = isObject(answer) ? readPeer(objectAt(answer, 'peer')) : undefined;
    if (!isObject(answer) || peer?.type !== 'user') {
      throw new SendError('recipient_unknown', { ...UNKNOWN, detail: 'The name belongs to no person.' });
    }
    const own = addressOf(peer);
    const alias = asked.type === 'phone' ? asked.phone : asked.type === 'name' ? nameAddress(asked.name) : own;
    // Whoever is found under a number does not show it to the account, as a rule: both names are told to be one person.
    this.#keep({ events: [{ type: 'identity', person: { addresses: [own, alias] } }], files: [] }, () => {
      this.#peers.learn(listAt(answer, 'users'), listAt(answer, 'chats'));
      if (asked.type === 'phone') this.#peers.change(peer, { phone: asked.phone });
    });
    const input = this.#peers.inputPeer(peer);
    if (input === undefined) throw new SendError('recipient_unknown', UNKNOWN);
    return { peer, address: own, input };
  }
}

function lookupOf(parts: AddressParts): TlObject | undefined {
  switch (parts.type) {
    case 'name':
      return { _: 'contacts.resolveUsername', username: parts.name };
    case 'phone':
      return { _: 'contacts.resolvePhone', phone: parts.phone.slice(1) };
    case 'user':
    case 'chat':
    case 'channel':
      return undefined;
  }
}
