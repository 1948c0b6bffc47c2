import { z } from 'zod';
import type { Address, SessionVault } from '../../src/connector-api/index.ts';
import { readAddress } from './ids.ts';

/** From a message id of private chats and basic groups to its chat; ids of supergroups are counted in each. */
const CHATS = 'telegram.message-chats';
/** Ids of the account's messages that a chat has not read yet. */
const UNREAD = 'telegram.unread-sent';
const IDS_PER_RECORD = 64;
/** 64,000 messages: who takes back a message does it within days. */
const MOST_RECORDS = 1_000;
/** New records between two sweeps, each of which reads all of them. */
const RECORDS_PER_SWEEP = 100;
/** Of one chat. A guest who reads after so many has read the older ones as well, which only the newest shows then. */
const MOST_UNREAD = 200;

const chats = z.record(z.string(), z.string());
const unread = z.array(z.number());

/**
 * What Telegram leaves out of its updates: a deletion names no chat, and a reading names no messages. In the vault; written inside the
 * transaction that takes or settles the message.
 */
export class MessageBook {
  readonly #vault: SessionVault;
  #newRecords = 0;

  constructor(deps: { vault: SessionVault }) {
    this.#vault = deps.vault;
  }

  /** A message of somebody else. `chat` is the canonical address. */
  note(chat: Address, messageId: number): void {
    if (readAddress(chat)?.type === 'channel') return;
    const name = recordOf(messageId);
    const known = this.#chats(name);
    if (known[messageId] === chat) return;
    this.#vault.transaction(() => {
      this.#vault.secrets.set(CHATS, String(name), encode({ ...known, [messageId]: chat }));
      if (Object.keys(known).length === 0) this.#sweep(name);
    });
  }

  /** A message of the account, from whichever of its devices: to be called when its id is known. */
  noteSent(chat: Address, messageId: number): void {
    const ids = this.#unread(chat);
    if (ids.includes(messageId)) return;
    this.#vault.transaction(() => {
      this.note(chat, messageId);
      const kept = [...ids, messageId].sort((a, b) => a - b).slice(-MOST_UNREAD);
      this.#vault.secrets.set(UNREAD, chat, encode(kept));
    });
  }

  /** Where a message of a private chat or basic group was said. */
  chatOf(messageId: number): Address | undefined {
    return this.#chats(recordOf(messageId))[messageId];
  }

  /** The account's messages up to `maxId` that nobody had read yet; they are read from now on. */
  takeRead(chat: Address, maxId: number): readonly number[] {
    const ids = this.#unread(chat);
    const read = ids.filter((id) => id <= maxId);
    const rest = ids.filter((id) => id > maxId);
    if (rest.length > 0 && read.length > 0) this.#vault.secrets.set(UNREAD, chat, encode(rest));
    else if (read.length > 0) this.#vault.secrets.delete(UNREAD, chat);
    return read;
  }

  #chats(name: number): Readonly<Record<string, Address>> {
    const bytes = this.#vault.secrets.get(CHATS, String(name));
    return bytes === undefined ? {} : chats.parse(decode(bytes));
  }

  #unread(chat: Address): readonly number[] {
    const bytes = this.#vault.secrets.get(UNREAD, chat);
    return bytes === undefined ? [] : unread.parse(decode(bytes));
  }

  /** A new record has come: now and then the oldest ones go, also at the first of each life. */
  #sweep(newest: number): void {
    this.#newRecords += 1;
    if (this.#newRecords % RECORDS_PER_SWEEP !== 1) return;
    for (const [name] of this.#vault.secrets.entries(CHATS)) {
      if (Number(name) <= newest - MOST_RECORDS) this.#vault.secrets.delete(CHATS, name);
    }
  }
}

const recordOf = (messageId: number): number => Math.floor(messageId / IDS_PER_RECORD);
const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value), 'utf8');
const decode = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString('utf8'));
