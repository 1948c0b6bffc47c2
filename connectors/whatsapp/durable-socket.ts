import type { SocketConfig, WASocket } from '@whiskeysockets/baileys';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import { AuthStore } from './auth-state.ts';
import type { Baileys } from './baileys.ts';
import { makeBaileysLogger } from './baileys-log.ts';
import { CanaryBook } from './canary-book.ts';
import type { DurableFailure } from './durable-failure.ts';
import { FailureSwitch } from './durable-failure.ts';
import { DurableListeners } from './durable-listeners.ts';
import { makeDurableRepository } from './durable-repository.ts';
import { InboxDelivery } from './inbox-delivery.ts';
import type { InboxHandlers } from './inbox-handlers.ts';
import { PeerMessages } from './inbox-peer.ts';
import { InboxWorker } from './inbox-worker.ts';
import { Journal } from './journal.ts';
import type { LibraryWork } from './library-work.ts';
import { MessageReplay } from './replay-message.ts';
import { SignedPreKeys } from './signed-pre-keys.ts';

export type { DurableFailure } from './durable-failure.ts';
export type { InboxHandlers } from './inbox-handlers.ts';
export { UnmappableError } from './inbox-handlers.ts';

export interface DurableInboxDeps {
  readonly baileys: Baileys;
  readonly vault: SessionVault;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly handlers: InboxHandlers;
}

/** One a session; lives as long as the session. */
export interface DurableInbox {
  /** Whether the vault holds credentials of a finished link. Synchronous. */
  isLinked(): boolean;
  /**
   * Hands over what an earlier life left. Resolves when each entry that was pending at the call was either settled or
   * tried once and put back for later, or when `signal` aborts. Called by `connect()` before the network is touched.
   * Never rejects for a handler. Leaves the worker running.
   */
  replay(signal: AbortSignal): Promise<void>;
  /** Starts the worker in the background. Idempotent. */
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
  /** Requests to the account's own phone, whose answers come as journal entries and go to `onCanary`. */
  readonly canaries: CanaryBook;
  /**
   * Age of the oldest message that came from the wire and has not reached a handler; ms, 0 for none. What a handler waits for, and what
   * waits behind it in its chat, does not count.
   */
  oldestPendingMs(): number;
  /** Forgets everything of the account: the whole vault. For logout, and for a login that failed or was cancelled. */
  forget(): void;
}

/** Use: `const sock = makeWASocket({ ...mine, ...durable.config }); durable.attach(sock);` in one tick. */
export interface DurableSocket {
  readonly config: Pick<SocketConfig, 'auth' | 'makeSignalRepository' | 'transactionOpts' | 'logger'>;
  /** Listens before Baileys does, and saves `creds.update` synchronously. Must be called in the tick of `makeWASocket`. */
  attach(sock: WASocket): void;
  /**
   * Call when the socket has ended, or in the tick in which it is ended: from here on it cannot write to the vault, and
   * nothing that is missing is asked for. Idempotent.
   */
  detach(): void;
}

/** A commit that fails is reported at once: the library's own ten tries of 3 s would hold up every message. */
const TRANSACTION_OPTIONS = { maxCommitRetries: 1, delayBetweenTriesMs: 0 };

/** Makes the durable underside of one session. No I/O. */
export function createDurableInbox(deps: DurableInboxDeps): DurableInbox {
  const { baileys, vault, clock, random, log } = deps;
  const journal = new Journal({ vault, clock });
  const auth = new AuthStore({ baileys, vault });
  const replay = new MessageReplay({ baileys, credentials: () => auth.load() });
  const canaries = new CanaryBook();
  const peers = new PeerMessages({ baileys, vault, auth, journal, canaries, handlers: deps.handlers, clock, log });
  const delivery = new InboxDelivery({ journal, replay, peers, handlers: deps.handlers, clock, log });
  const worker = new InboxWorker({ journal, delivery, clock, random, log });
  let work: LibraryWork | undefined; // of the socket that is open

  return {
    isLinked: () => auth.isLinked(),
    replay: (signal) => worker.replay(signal),
    start: () => worker.start(),
    stop: () => worker.stop(),
    canaries,
    oldestPendingMs: () => Math.max(work?.oldestMs() ?? 0, delivery.oldestMs()),
    forget: () => auth.forget(),
    prepareSocket: ({ purpose, onFailure }) => {
      const failure = new FailureSwitch({ onFailure });
      const creds = auth.begin({ fresh: purpose === 'login' });
      const vaultKeys = auth.keys({ journal, failure });
      const signedPreKeys = new SignedPreKeys({ baileys, vault, auth, clock, log });
      const listeners = new DurableListeners({
        baileys,
        journal,
        auth,
        peers,
        worker,
        signedPreKeys,
        failure,
        clock,
        log,
      });
      work = listeners.work;
      return {
        config: {
          auth: { creds, keys: vaultKeys },
          makeSignalRepository: makeDurableRepository({
            baileys,
            journal,
            vaultKeys,
            transactionOptions: TRANSACTION_OPTIONS,
            stanzas: listeners.stanzas,
            work: listeners.work,
            signedPreKeys,
            failure,
            log,
          }),
          transactionOpts: TRANSACTION_OPTIONS,
          logger: makeBaileysLogger(log),
        },
        attach: (sock) => listeners.attach(sock),
        detach: () => {
          failure.close();
          if (work === listeners.work) work = undefined;
          listeners.detach();
          auth.end(creds);
        },
      };
    },
  };
}
