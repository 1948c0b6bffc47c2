import type { SignalAuthState, SignalKeyStore, SocketConfig } from '@whiskeysockets/baileys';
import type { Baileys } from './baileys.ts';
import type { InTurn } from './in-turn.ts';

type Repository = ReturnType<SocketConfig['makeSignalRepository']>;
export type Sealing = Pick<
  Repository,
  'encryptMessage' | 'encryptGroupMessage' | 'getSenderKeyDistributionMessage' | 'injectE2ESession'
>;

export interface SealingDeps {
  readonly baileys: Baileys;
  /** The vault itself, without the library's transactions around it. */
  readonly vaultKeys: SignalKeyStore;
  readonly transactionOptions: SocketConfig['transactionOpts'];
  /** Shared with whatever else moves a ratchet: two at once on one session would each store their own next step. */
  readonly turn: InTurn;
}

/**
 * The half of the Signal repository that seals. Stock Baileys wraps a whole send in one transaction, so that the moved ratchet (or a
 * session begun just now) is stored only after the bytes have left: a kill in between makes the next life use a message key twice,
 * or not know the session in which the guest answers, and every message of that guest has then to be asked for again. Here each step
 * is a transaction of its own, in the vault before the ciphertext is handed out.
 */
export function makeSealing(
  deps: SealingDeps,
  [auth, logger, pnToLid]: Parameters<SocketConfig['makeSignalRepository']>,
): Sealing {
  const { baileys, turn } = deps;
  const keys: SignalAuthState['keys'] = baileys.addTransactionCapability(
    deps.vaultKeys,
    logger,
    deps.transactionOptions,
  );
  const own = baileys.DEFAULT_CONNECTION_CONFIG.makeSignalRepository({ creds: auth.creds, keys }, logger, pnToLid);
  return {
    encryptMessage: (options) => turn.run(() => own.encryptMessage(options)),
    encryptGroupMessage: (options) => turn.run(() => own.encryptGroupMessage(options)),
    getSenderKeyDistributionMessage: (options) => turn.run(() => own.getSenderKeyDistributionMessage(options)),
    injectE2ESession: (options) => turn.run(() => own.injectE2ESession(options)),
  };
}
