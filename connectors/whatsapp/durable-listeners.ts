import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import type { Clock, Timer } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { AuthStore } from './auth-state.ts';
import type { Baileys } from './baileys.ts';
import type { FailureSwitch } from './durable-failure.ts';
import type { PeerMessages } from './inbox-peer.ts';
import type { InboxWorker } from './inbox-worker.ts';
import type { Journal } from './journal.ts';
import type { RawKind } from './journal-entry.ts';
import { MissingRetries } from './journal-retries.ts';
import { LibraryWork } from './library-work.ts';
import type { SignedPreKeys } from './signed-pre-keys.ts';
import { childrenOf, ciphertextsOf } from './stanza-parts.ts';

/** Receipts that concern Baileys alone: it answers them before it acknowledges them. */
const LIBRARY_RECEIPTS: ReadonlySet<string | undefined> = new Set(['retry', 'peer_msg', 'hist_sync']);
/** Notifications that Baileys works on before it acknowledges them, or that tell a connector nothing. */
const LIBRARY_NOTIFICATIONS: ReadonlySet<string | undefined> = new Set([
  'encrypt',
  'link_code_companion_reg',
  'mediaretry',
  'mex',
  'newsletter',
  'privacy_token',
  'server_sync',
]);
/** There is nothing to ask for: the sender did not mean it for companions (`unavailable` types of the live web client). */
const NEVER_FOR_US: ReadonlySet<string | undefined> = new Set([
  'view_once',
  'view_once_unavailable_fanout',
  'bot_unavailable_fanout',
  'hosted_unavailable_fanout',
]);
/** Pruning waits until the server has sent everything it held: a message settled long ago may be among it. */
const PRUNE_AFTER_MS = 10 * 60 * 1000;

/**
 * Baileys works on stanzas marked like this (the server's queue) one after the other, and on all others at once: a word said live
 * would overtake what the server still had for the same chat. Marked too, it takes its place in the line; the mark says nothing else.
 */
const IN_LINE = { name: 'offline', value: 'live' } as const;

/** Stands before Baileys on the line of one socket: what it would only remember in memory is written down first. */
export class DurableListeners {
  /** Which stanza a ciphertext came in, by the object that Baileys will pass to the repository. */
  readonly stanzas = new WeakMap<Uint8Array, BinaryNode>();
  readonly work: LibraryWork;
  readonly #deps: {
    readonly baileys: Baileys;
    readonly journal: Journal;
    readonly auth: AuthStore;
    readonly peers: PeerMessages;
    readonly worker: InboxWorker;
    readonly signedPreKeys: SignedPreKeys;
    readonly failure: FailureSwitch;
    readonly clock: Clock;
    readonly log: Logger;
  };
  #retries: MissingRetries | undefined;
  #pruning: Timer | undefined;
  #isAttached = false;

  constructor(deps: {
    baileys: Baileys;
    journal: Journal;
    auth: AuthStore;
    peers: PeerMessages;
    worker: InboxWorker;
    signedPreKeys: SignedPreKeys;
    failure: FailureSwitch;
    clock: Clock;
    log: Logger;
  }) {
    this.#deps = deps;
    this.work = new LibraryWork(deps);
  }

  attach(sock: WASocket): void {
    const { failure, auth } = this.#deps;
    this.#isAttached = true;
    // Closes the line in the same tick; the closing handshake goes on by itself.
    failure.arm(() => void sock.end(new Error('session vault failed')).catch(() => undefined));
    sock.ws.prependListener('CB:message', (stanza: BinaryNode) => this.#guard(() => this.#onMessage(stanza)));
    sock.ws.prependListener('CB:receipt', (stanza: BinaryNode) => this.#keep('receipt', stanza, LIBRARY_RECEIPTS));
    sock.ws.prependListener('CB:notification', (stanza: BinaryNode) =>
      this.#keep('notification', stanza, LIBRARY_NOTIFICATIONS),
    );
    sock.ws.prependListener('CB:call', (stanza: BinaryNode) => this.#keep('call', stanza, NOTHING));
    sock.ws.on('CB:ack,class:receipt', ({ attrs }: BinaryNode) =>
      this.#guard(() => this.#deps.peers.onReceiptTaken(attrs['id'])),
    );
    sock.ev.on('creds.update', () => this.#guard(() => auth.save()));
    sock.ev.on('connection.update', ({ connection }) => {
      if (connection === 'open') this.#onOpen(sock);
    });
  }

  /** Idempotent. */
  detach(): void {
    if (!this.#isAttached) return;
    this.#isAttached = false;
    this.#retries?.stop();
    this.#deps.signedPreKeys.stop();
    this.#pruning?.cancel();
    this.#deps.peers.setOpenSocket(undefined);
  }

  #onOpen(sock: WASocket): void {
    if (!this.#isAttached) return;
    const { baileys, journal, peers, worker, clock, log } = this.#deps;
    peers.setOpenSocket(sock);
    worker.reconsider();
    this.#retries = new MissingRetries({ baileys, journal, clock, log, sock });
    this.#retries.start();
    this.#deps.signedPreKeys.start(sock);
    this.#schedulePruning();
  }

  #schedulePruning(): void {
    this.#pruning = this.#deps.clock.after(PRUNE_AFTER_MS, () => {
      this.#guard(() => this.#deps.journal.prune());
      this.#deps.worker.reconsider();
      if (this.#isAttached) this.#schedulePruning();
    });
  }

  #onMessage(stanza: BinaryNode): void {
    stanza.attrs[IN_LINE.name] ??= IN_LINE.value;
    const ciphertexts = ciphertextsOf(stanza);
    for (const ciphertext of ciphertexts) this.stanzas.set(ciphertext, stanza);
    this.work.arrived(stanza);
    if (ciphertexts.length > 0) return; // kept with its plaintext, when it is decrypted
    const children = childrenOf(stanza);
    const unavailable = children.find(({ tag }) => tag === 'unavailable');
    const isReadable = children.some(({ tag }) => tag === 'plaintext');
    if (isReadable || NEVER_FOR_US.has(unavailable?.attrs['type'])) this.#deps.journal.addPlain(stanza);
    else this.#deps.journal.addMissing(stanza);
  }

  #keep(kind: RawKind, stanza: BinaryNode, leftToLibrary: ReadonlySet<string | undefined>): void {
    if (leftToLibrary.has(stanza.attrs['type'])) return;
    this.#guard(() => this.#deps.journal.addRaw(kind, stanza));
  }

  /** A write that fails ends the socket before Baileys gets to see the stanza, so that it is not acknowledged. */
  #guard(write: () => void): void {
    const { failure, journal } = this.#deps;
    if (failure.failed) return;
    try {
      write();
    } catch (error) {
      failure.trip({ type: 'store_failed', error: error instanceof Error ? error : new Error(String(error)) });
      return;
    }
    journal.announce();
  }
}

const NOTHING: ReadonlySet<string | undefined> = new Set();
