import type { BinaryNode, SocketConfig, WAMessage, WASocket } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { BellhopError } from '../../src/core/errors.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import type { Baileys } from './baileys.ts';

/**
 * What the session does with what came in. Called by the inbox worker only, never from the library's own events. Each
 * resolves once the daemon has stored what follows from it (that is: after `emit` resolved) or there is nothing to store;
 * a rejection means "again later, in the same place". May be called twice for the same thing after a kill, so the
 * daemon's de-duplication by network id is what makes it exactly once.
 */
export interface InboxHandlers {
  /**
   * A message as Baileys would have upserted it: decrypted, unwrapped from `deviceSentMessage`, keys cleaned.
   * `stanza.content` holds the original children without their ciphertext. Offline and live ones look alike.
   */
  onMessage(message: WAMessage, stanza: BinaryNode): Promise<void>;
  /** A message that could not be read in spite of every retry; only its envelope is known. Hand it over as `unsupported`. */
  onUnreadable(message: WAMessage, stanza: BinaryNode): Promise<void>;
  /**
   * The mapper threw on this five times. Must not map the content again: hand over key, time and `raw` as `unsupported`.
   * Absent message: not a message but a receipt, notification or call; nothing to hand over, it was only logged.
   */
  onPoison(message: WAMessage, stanza: BinaryNode): Promise<void>;
  onReceipt(stanza: BinaryNode): Promise<void>;
  onNotification(stanza: BinaryNode): Promise<void>;
  onCall(stanza: BinaryNode): Promise<void>;
}

/** Why a socket must be given up. The parts have already ended the socket; the session only tells the cause. */
export type DurableFailure =
  /** The vault could not be written; nothing was acknowledged, the server sends it again. */
  | { readonly type: 'store_failed'; readonly error: Error }
  /** Baileys no longer hands over the objects it got from the wire: durability cannot be promised. Do not reconnect. */
  | { readonly type: 'uncorrelated'; readonly error: BellhopError };

export interface DurableInboxDeps {
  readonly baileys: Baileys;
  readonly vault: SessionVault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly handlers: InboxHandlers;
}

/** One a session; lives as long as the session. The constructor does no I/O. */
export interface DurableInbox {
  /** Whether the vault holds credentials of a finished link. Synchronous. */
  isLinked(): boolean;
  /**
   * Hands over what an earlier life left. Resolves when each entry that was pending at the call was either settled or
   * tried once and put back for later. Called by `connect()` before the network is touched. Never rejects for a handler.
   */
  replay(signal: AbortSignal): Promise<void>;
  /** Starts the worker in the background (also when replay left something). Idempotent. */
  start(): void;
  /** Stops handing over; resolves when no handler is running. What is pending stays in the vault. */
  stop(): Promise<void>;
  /**
   * Parts for exactly one `makeWASocket` call. `purpose: 'login'` begins with fresh credentials and keeps nothing unless
   * the link completes; 'connect' uses those in the vault.
   */
  prepareSocket(options: {
    readonly purpose: 'connect' | 'login';
    readonly onFailure: (failure: DurableFailure) => void;
  }): DurableSocket;
  /** Forgets everything of the account: the whole vault. For logout, and for a login that failed or was cancelled. */
  forget(): void;
}

/** Use: `const sock = makeWASocket({ ...mine, ...durable.config }); durable.attach(sock);` in one tick. */
export interface DurableSocket {
  readonly config: Pick<SocketConfig, 'auth' | 'makeSignalRepository' | 'transactionOpts' | 'logger'>;
  /** Listens before Baileys does, and saves `creds.update` synchronously. Must be called in the tick of `makeWASocket`. */
  attach(sock: WASocket): void;
  /** Call when the socket has ended: stops asking for what is missing. Idempotent. */
  detach(): void;
}

/** Makes the durable underside of one session. No I/O. */
export function createDurableInbox(_deps: DurableInboxDeps): DurableInbox {
  throw new BellhopError('connector_missing', { detail: 'the durable inbox is not built yet' });
}
