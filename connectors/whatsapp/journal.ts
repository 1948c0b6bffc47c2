import type { BinaryNode } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { EntryBody, EntryKind, RawKind } from './journal-entry.ts';
import { decodeEntry, encodeEntry } from './journal-entry.ts';
import { MissingMessages } from './journal-missing.ts';
import {
  childrenOf,
  ciphertextsOf,
  hashesOf,
  laneOf,
  messageIdentity,
  sha256,
  stanzaIdentity,
  withHashes,
} from './stanza-parts.ts';

/**
 * How long a message that was handed over can still be told from a new one. A copy comes a second time when its receipt was
 * lost; the server sends it at the next login, and pruning waits until after that.
 */
const KEEP_DONE_MS = 7 * 24 * 60 * 60 * 1000;

/** An empty `proto.Message` with one byte of padding: what Baileys gets for a message that was handed over long ago. */
const EMPTY_PLAINTEXT = Uint8Array.of(1);

/** Enough of a pending entry to plan its work. */
export interface PendingEntry {
  readonly key: string;
  readonly kind: EntryKind | 'damaged';
  readonly lane: string;
}

export interface JournalEntry {
  readonly key: string;
  readonly putAt: number;
  readonly body: EntryBody;
}

/**
 * Everything the network handed over, in the vault's spool. All writes are synchronous and join the caller's vault
 * transaction; after the commit the writer calls `announce()`.
 */
export class Journal {
  readonly #vault: SessionVault;
  readonly #clock: Clock;
  readonly missing: MissingMessages;
  readonly #listeners = new Set<(keys: readonly string[]) => void>();
  #touched: string[] = [];

  constructor(deps: { vault: SessionVault; clock: Clock }) {
    this.#vault = deps.vault;
    this.#clock = deps.clock;
    this.missing = new MissingMessages(deps);
  }

  /** Runs `listener` after each commit with the keys that were written; returns how to stop that. */
  onAdded(listener: (keys: readonly string[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** To be called after the commit of whatever was added. */
  announce(): void {
    const keys = this.#touched;
    this.#touched = [];
    if (keys.length > 0) for (const listener of this.#listeners) listener(keys);
  }

  /** The plaintext of a ciphertext that was decrypted before. A handed-over message answers with an empty one. */
  plaintextOf(stanza: BinaryNode, hash: string): Uint8Array | undefined {
    const body = this.read(messageKey(stanza))?.body;
    if (body?.kind === 'message') return body.parts.get(hash);
    return body?.kind === 'done' && hashesOf(body.stanza).includes(hash) ? EMPTY_PLAINTEXT : undefined;
  }

  /** Adds one decrypted part of a message; called inside the transaction that moves the ratchet. */
  addPart(stanza: BinaryNode, hash: string, plaintext: Uint8Array): void {
    const key = messageKey(stanza);
    const known = this.read(key)?.body;
    const parts = new Map(known?.kind === 'message' ? known.parts : []);
    parts.set(hash, plaintext);
    this.#putMessage(key, { kind: 'message', stanza: withHashes(stanza), parts });
  }

  /** A message that never was encrypted (channels), or has nothing to read: kept before its acknowledgement. */
  addPlain(stanza: BinaryNode): void {
    const key = messageKey(stanza);
    if (this.#vault.spool.get(key) !== undefined) return;
    this.#putMessage(key, { kind: 'message', stanza, parts: new Map() });
  }

  /** A receipt, notification or call, kept before its acknowledgement. One that is known already is not added again. */
  addRaw(kind: RawKind, stanza: BinaryNode): void {
    const key = `${kind}:${stanzaIdentity(stanza)}`;
    if (this.#vault.spool.get(key) === undefined) this.#put(key, { kind, stanza });
  }

  /** A message that could not be read; must not be forgotten although it gets acknowledged. */
  addMissing(stanza: BinaryNode): void {
    this.#vault.transaction(() => {
      const key = messageKey(stanza);
      const known = this.read(key)?.body;
      if (known?.kind === 'done') return;
      this.missing.record(stanza, known === undefined ? undefined : key);
    });
  }

  /** A copy from the account's own phone of a message that `stanza` had brought unreadable. */
  addCopy(stanza: BinaryNode, webMessageInfo: Uint8Array): void {
    const key = `copy:${messageIdentity(stanza)}`;
    if (this.#vault.spool.get(key) !== undefined) return;
    this.#put(key, { kind: 'copy', stanza: withHashes(stanza), webMessageInfo });
    this.#resolveMissing(stanza);
  }

  /** Every retry was in vain: the gap is handed over instead. */
  giveUp(stanza: BinaryNode): void {
    this.#vault.transaction(() => {
      const identity = messageIdentity(stanza);
      const partial = this.missing.get(identity)?.partialKey;
      if (partial !== undefined) this.#vault.spool.settle(partial);
      this.#put(`unreadable:${identity}`, { kind: 'unreadable', stanza: withHashes(stanza) });
      this.missing.markGivenUp(identity);
    });
    this.announce();
  }

  /** Pending entries, oldest first. */
  pending(limit: number): readonly PendingEntry[] {
    return this.#vault.spool.pending(limit).map(({ key, body }) => {
      try {
        const entry = decodeEntry(body);
        return { key, kind: entry.kind, lane: laneOf(entry.stanza) };
      } catch {
        return { key, kind: 'damaged', lane: key };
      }
    });
  }

  depth(): number {
    return this.#vault.spool.depth();
  }

  /** Throws when the bytes are not an entry. */
  read(key: string): JournalEntry | undefined {
    const entry = this.#vault.spool.get(key);
    return entry === undefined ? undefined : { key, putAt: entry.putAt, body: decodeEntry(entry.body) };
  }

  /**
   * The daemon has it. The words of a message leave the vault with this; peer messages hold none and stay whole. A power
   * cut may undo it: the entry is then handed over once more, and the daemon knows it.
   */
  settle(key: string): void {
    const settle = (): void => {
      const body = this.read(key)?.body;
      const isMessage = body?.kind === 'message' && body.stanza.attrs['category'] !== 'peer';
      const hasWords = isMessage || body?.kind === 'copy';
      if (hasWords) this.#vault.spool.settle(key, encodeEntry({ kind: 'done', stanza: withoutWords(body.stanza) }));
      else this.#vault.spool.settle(key);
    };
    this.#vault.transaction(settle, { lazy: true });
  }

  /** Forgets an entry altogether: it need not be told from a second delivery. */
  drop(key: string): void {
    this.#vault.transaction(() => this.#vault.spool.delete(key), { lazy: true });
  }

  /** Takes a damaged entry out of the way without reading it; it stays until it is pruned. */
  settleDamaged(key: string): void {
    this.#vault.spool.settle(key);
  }

  /** Forgets what was handed over days ago. To be called while connected, after the waiting messages came in. */
  prune(): void {
    const before = this.#clock.now() - KEEP_DONE_MS;
    this.#vault.transaction(() => {
      this.#vault.spool.prune(before);
      this.missing.prune(before);
    });
  }

  #putMessage(key: string, body: Extract<EntryBody, { kind: 'message' }>): void {
    this.#put(key, body);
    if (isComplete(body)) this.#resolveMissing(body.stanza, key);
  }

  #put(key: string, body: EntryBody): void {
    this.#vault.spool.put(key, encodeEntry(body));
    this.#touched.push(key);
  }

  #resolveMissing(stanza: BinaryNode, ownKey?: string): void {
    const partial = this.missing.resolve(messageIdentity(stanza))?.partialKey;
    if (partial !== undefined && partial !== ownKey) this.#vault.spool.settle(partial);
  }
}

/** Whether each part of the message has been decrypted. */
export function isComplete(body: Extract<EntryBody, { kind: 'message' }>): boolean {
  return hashesOf(body.stanza).every((hash) => body.parts.has(hash));
}

/** The same for a second delivery, another for a copy that was sealed again under the same id. */
export function messageKey(stanza: BinaryNode): string {
  return `message:${messageIdentity(stanza)}:${sha256(...ciphertextsOf(stanza))}`;
}

function withoutWords(stanza: BinaryNode): BinaryNode {
  return { ...stanza, content: childrenOf(stanza).filter(({ tag }) => tag === 'enc') };
}
