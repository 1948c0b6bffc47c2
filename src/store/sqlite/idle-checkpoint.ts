import type Database from 'better-sqlite3';
import type { Clock, Timer } from '../../core/clock.ts';
import type { Logger } from '../../core/logger.ts';

const IDLE_MS = 1000; // long enough that a burst of requests is over, short enough that the log stays small

/**
 * Writes the log back into the file once commits have paused, so that no commit of a busy time has to do it. A passive checkpoint
 * waits for nobody; it blocks the loop for as long as its pages take to write.
 */
export class IdleCheckpoint {
  readonly #database: Database.Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  #timer: Timer | null = null;
  #lastCommitAt = 0;

  constructor(deps: { database: Database.Database; clock: Clock; log: Logger }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Called after each commit. */
  noteCommit(): void {
    this.#lastCommitAt = this.#clock.monotonic();
    this.#timer ??= this.#clock.after(IDLE_MS, () => this.#look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
  }

  #look(): void {
    const idleMs = this.#clock.monotonic() - this.#lastCommitAt;
    this.#timer = idleMs < IDLE_MS ? this.#clock.after(IDLE_MS - idleMs, () => this.#look()) : null;
    if (this.#timer !== null) return;
    try {
      this.#database.pragma('wal_checkpoint(PASSIVE)');
    } catch (error) {
      // The log keeps what was not written back; the next pause tries again.
      this.#log.warn('writing the log of the store back failed', error instanceof Error ? { error } : {});
    }
  }
}
