import type { SessionVault } from '../../../src/connector-api/index.ts';
import type { PeerBook } from '../peer-book.ts';
import type { PositionStore } from './position-store.ts';
import type { UpdateApplier, UpdateBatch } from './update-applier.ts';
import type { UpdateState } from './update-state.ts';

/** The one place where updates are taken: what they say and how far they reach become durable together, or neither does. */
export class UpdateLedger {
  readonly #vault: SessionVault;
  readonly #state: UpdateState;
  readonly #store: PositionStore;
  readonly #peers: PeerBook;
  readonly #applier: UpdateApplier;
  readonly #take: (batch: UpdateBatch) => void;
  readonly #since: number;

  constructor(deps: {
    vault: SessionVault;
    state: UpdateState;
    store: PositionStore;
    peers: PeerBook;
    applier: UpdateApplier;
    take: (batch: UpdateBatch) => void;
    /** When the account was first connected; epoch seconds of the server. */
    since: number;
  }) {
    this.#vault = deps.vault;
    this.#state = deps.state;
    this.#store = deps.store;
    this.#peers = deps.peers;
    this.#applier = deps.applier;
    this.#take = deps.take;
    this.#since = deps.since;
  }

  /**
   * Runs `work`, which moves state and applier, and takes what came of it. Throws what the vault throws; then nothing has changed, and
   * whoever called has to ask the network for what was lost. `lazy`: pushes, which a power cut only makes come again.
   */
  commit(work: () => void, options: { readonly lazy: boolean }): void {
    try {
      this.#vault.transaction(() => {
        work();
        for (const batch of this.#applier.flush()) this.#take(batch);
        this.#store.write(this.#state, this.#since);
      }, options);
      this.#state.commit();
    } catch (error) {
      this.#state.undo();
      this.#applier.forget();
      this.#peers.forget();
      throw error;
    }
  }

  /** Before the network is told a position that a power cut could still undo. */
  secure(): void {
    this.#vault.transaction(() => this.#store.writeCommon(this.#state.common, this.#since));
  }
}
