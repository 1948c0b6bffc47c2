import type { SessionVault } from '../../../src/connector-api/index.ts';
import type { Clock } from '../../../src/core/clock.ts';
import type { Logger } from '../../../src/core/logger.ts';
import type { Random } from '../../../src/core/random.ts';
import type { MtprotoClient, RpcFailure } from '../mtproto/client.ts';
import type { PeerBook } from '../peer-book.ts';
import type { UpdateBatch } from './update-applier.ts';

/** What an `UpdateSync` is handed. */
export interface UpdateSyncDeps {
  readonly client: MtprotoClient;
  readonly vault: SessionVault;
  readonly peers: PeerBook;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
  /** The account's own number. */
  readonly selfId: bigint;
  /**
   * Takes updates in order, each once. Called inside the transaction that moves the place, so that what it writes into the vault is
   * there if and only if the update is not brought again; must not be async.
   */
  readonly take: (batch: UpdateBatch) => void;
  /** The server does not know the account any longer (401, 406): the session ends. Nothing is asked after it. */
  readonly onRefused: (failure: RpcFailure) => void;
}
