import type { WAMessage } from '@whiskeysockets/baileys';
import type { Clock } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { InboxHandlers } from './inbox-handlers.ts';
import { isMapperFault } from './inbox-handlers.ts';
import type { PeerMessages } from './inbox-peer.ts';
import type { Journal, JournalEntry } from './journal.ts';
import { isComplete } from './journal.ts';
import type { EntryBody } from './journal-entry.ts';
import type { MessageReplay } from './replay-message.ts';
import { messageIdentity } from './stanza-parts.ts';

/** Failures of the mapper after which the content is handed over unmapped: a bug does not go away by trying. */
const POISON_AFTER = 5;

/** `parked`: nothing can be done until the entry changes or a socket opens; others of the chat go first. */
export type Outcome = 'settled' | 'failed' | 'parked';

export interface Delivery {
  /** Never rejects. */
  handOver(key: string): Promise<Outcome>;
}

type MessageBody = Extract<EntryBody, { kind: 'message' | 'copy' | 'unreadable' }>;

/** Hands one journal entry to the session and settles it. */
export class InboxDelivery implements Delivery {
  readonly #journal: Journal;
  readonly #replay: MessageReplay;
  readonly #peers: PeerMessages;
  readonly #handlers: InboxHandlers;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #faults = new Map<string, number>();
  /** Entries that are being read or rebuilt, with the time at which that began; oldest first. */
  readonly #reading = new Map<string, number>();

  constructor(deps: {
    journal: Journal;
    replay: MessageReplay;
    peers: PeerMessages;
    handlers: InboxHandlers;
    clock: Clock;
    log: Logger;
  }) {
    this.#journal = deps.journal;
    this.#replay = deps.replay;
    this.#peers = deps.peers;
    this.#handlers = deps.handlers;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  async handOver(key: string): Promise<Outcome> {
    this.#reading.set(key, this.#clock.monotonic());
    try {
      const outcome = await this.#deliver(key);
      if (outcome !== 'parked') this.#faults.delete(key);
      return outcome;
    } catch (error) {
      const isFault = isMapperFault(error);
      if (isFault) this.#faults.set(key, (this.#faults.get(key) ?? 0) + 1);
      this.#log.warn('inbox entry put back', { isFault, error: nameOf(error) });
      return 'failed';
    } finally {
      this.#reading.delete(key);
    }
  }

  /** How long the oldest entry has been read or rebuilt; ms. What a handler takes does not count. */
  oldestMs(): number {
    for (const since of this.#reading.values()) return Math.max(0, this.#clock.monotonic() - since);
    return 0;
  }

  async #deliver(key: string): Promise<Outcome> {
    const entry = this.#read(key);
    if (entry === undefined) return 'settled';
    const { body } = entry;
    switch (body.kind) {
      case 'message':
        if (!isComplete(body)) return 'parked';
        return this.#message(entry, body);
      case 'copy':
      case 'unreadable':
        return this.#message(entry, body);
      case 'receipt':
      case 'notification':
      case 'call':
        await this.#raw(key, body);
        break;
      case 'done':
        break;
    }
    this.#journal.settle(key);
    return 'settled';
  }

  async #message(entry: JournalEntry, body: MessageBody): Promise<Outcome> {
    if (this.#isPoison(entry.key)) {
      this.#log.error('message could not be mapped, handed over as it is');
      const salvaged = await this.#bestEffort(body);
      this.#reading.delete(entry.key);
      await this.#handlers.onPoison(salvaged, body.stanza);
      this.#journal.settle(entry.key);
      return 'settled';
    }
    const message = await this.#replay.rebuild(body);
    this.#reading.delete(entry.key);
    if (this.#peers.concerns(message, body.stanza)) return this.#peers.act(entry, message);
    if (body.kind === 'unreadable') await this.#handlers.onUnreadable(message, body.stanza);
    else {
      const wasUnreadable = this.#journal.missing.wasGivenUp(messageIdentity(body.stanza));
      await this.#handlers.onMessage(message, body.stanza, { wasUnreadable });
    }
    this.#journal.settle(entry.key);
    return 'settled';
  }

  async #raw(key: string, body: Extract<EntryBody, { kind: 'receipt' | 'notification' | 'call' }>): Promise<void> {
    if (this.#isPoison(key)) {
      this.#log.error('receipt or notification could not be mapped, left out', { kind: body.kind });
      return;
    }
    this.#reading.delete(key);
    if (body.kind === 'receipt') await this.#handlers.onReceipt(body.stanza);
    else if (body.kind === 'notification') await this.#handlers.onNotification(body.stanza);
    else await this.#handlers.onCall(body.stanza);
  }

  async #bestEffort(body: MessageBody): Promise<WAMessage> {
    try {
      return await this.#replay.rebuild(body);
    } catch {
      return this.#replay.envelope(body.stanza);
    }
  }

  #isPoison(key: string): boolean {
    return (this.#faults.get(key) ?? 0) >= POISON_AFTER;
  }

  #read(key: string): JournalEntry | undefined {
    try {
      return this.#journal.read(key);
    } catch (error) {
      if (!isMapperFault(error)) throw error; // the vault, not the entry
      this.#log.error('journal entry of another version left aside', { error: nameOf(error) });
      this.#journal.settleDamaged(key);
      return undefined;
    }
  }
}

// The message of an error may quote what it could not read.
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
