import type Database from 'better-sqlite3';
import type { Clock } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { CommitSummary } from '../../engine/ports/index.ts';
import { fromSqlite } from './sqlite-errors.ts';

const MAX_OPERATIONS_PER_COMMIT = 100; // a longer transaction helps no more (measured flat from 50 rows on) and holds up the loop
const MAX_GATHER_MS = 5; // far below what a person or another computer would mind
const MAX_COMMIT_WORK_MS = 20; // heavy operations leave the rest to the next turn, so that the API stays quick

/** What the operations of one commit touched; operations mark it, the listeners of the commit get it. */
export interface Touched {
  events: boolean;
  deliveries: boolean;
  readonly outbox: Set<string>;
  limits: boolean;
}

type Sql = 'begin' | 'commit' | 'rollback' | 'savepoint' | 'release' | 'undo';

interface Job {
  /** A power cut may undo it, because it would only be done again. */
  readonly lazy: boolean;
  attempt(): void;
  settle(): void;
  fail(error: unknown): void;
}

interface Refusal {
  readonly job: Job;
  readonly error: unknown;
}

/**
 * Runs write operations. Those of one event-loop turn, and of the next ones while each brings more, share one transaction and one
 * fsync; one that fails is undone alone, for which the others of its commit run a second time. A promise resolves only once its
 * commit is durable.
 */
export class WriteQueue {
  readonly #database: Database.Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #forget: () => void;
  readonly #listeners = new Set<(summary: CommitSummary) => void>();
  readonly #sql: Record<Sql, Database.Statement>;
  #pending: Job[] = [];
  #scheduled = false;
  #isLazy = false;
  #closed = false;
  touched: Touched = nothingTouched();

  /** `forget` drops what was cached from the database; it is called whenever something was undone. */
  constructor(deps: { database: Database.Database; clock: Clock; log: Logger; forget: () => void }) {
    const { database } = deps;
    this.#database = database;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#forget = deps.forget;
    this.#sql = {
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      rollback: database.prepare('ROLLBACK'),
      savepoint: database.prepare('SAVEPOINT operation'),
      release: database.prepare('RELEASE operation'),
      undo: database.prepare('ROLLBACK TO operation'),
    };
  }

  /**
   * `work` runs in this turn or one of the next, within the shared transaction. It must be synchronous, and change nothing but the
   * database and what `forget` drops: when another operation of the commit fails, it is undone and runs once more. A commit of
   * nothing but `lazy` work leaves its fsync to the next one: it survives a kill, a power cut may undo it.
   */
  run<T>(work: () => T, options: { readonly lazy: boolean } = { lazy: false }): Promise<T> {
    if (this.#closed) return Promise.reject(closedError());
    return new Promise<T>((resolve, reject) => {
      let settle = (): void => undefined;
      this.#pending.push({
        lazy: options.lazy,
        attempt() {
          const value = work();
          settle = () => resolve(value);
        },
        settle: () => settle(),
        fail: reject,
      });
      this.#schedule();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  onCommit(listener: (summary: CommitSummary) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Commits what waits, then refuses more. */
  close(): void {
    this.#closed = true;
    while (this.#pending.length > 0) this.#flush();
    this.#listeners.clear();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#gather(1, this.#clock.monotonic() + MAX_GATHER_MS));
  }

  /**
   * Commits once a turn of the loop has brought nothing more: under load the requests of several turns share a commit, which costs
   * as much processor time by itself as several messages. Who is alone, the one that is `known` at first, waits for nobody.
   */
  #gather(known: number, until: number): void {
    const waiting = this.#pending.length;
    if (waiting > known && waiting < MAX_OPERATIONS_PER_COMMIT && this.#clock.monotonic() < until) {
      setImmediate(() => this.#gather(waiting, until));
      return;
    }
    this.#scheduled = false;
    this.#flush();
    if (this.#pending.length > 0) this.#schedule();
  }

  #flush(): void {
    if (this.#pending.length === 0) return;
    const batch: Job[] = [];
    const refused: Refusal[] = [];
    try {
      this.#chooseSync(this.#pending.every(({ lazy }) => lazy));
      this.#performAll(batch, refused);
      this.#sql.commit.run();
    } catch (error) {
      this.#pending.splice(0, batch.length + refused.length);
      this.#abandon(batch, error);
      for (const entry of refused) entry.job.fail(entry.error);
      return;
    }
    this.#pending.splice(0, batch.length + refused.length);
    for (const job of batch) job.settle();
    for (const entry of refused) entry.job.fail(entry.error);
    if (batch.length > 0) this.#announce(this.touched);
  }

  /** Before each commit and within its try: one that counts must never run on what a lazy one left behind. */
  #chooseSync(lazy: boolean): void {
    if (lazy === this.#isLazy) return;
    // Not a prepared statement: SQLite obeys this pragma when it is compiled, not when it is run.
    this.#database.pragma(lazy ? 'synchronous = NORMAL' : 'synchronous = FULL');
    this.#isLazy = lazy;
  }

  /**
   * Without savepoints first: nearly always every operation succeeds, and within a savepoint SQLite copies each page that it is
   * the first to change, which cost more than the operations. When one fails, all are undone and run again, each on its own.
   */
  #performAll(batch: Job[], refused: Refusal[]): void {
    this.#sql.begin.run();
    try {
      this.#perform(batch, (job) => job.attempt());
    } catch {
      if (this.#database.inTransaction) this.#sql.rollback.run();
      this.#forget();
      batch.length = 0;
      this.#sql.begin.run();
      this.#perform(batch, (job) => this.#attemptAlone(job, batch, refused));
    }
  }

  #perform(batch: Job[], attempt: (job: Job) => void): void {
    this.touched = nothingTouched();
    const end = this.#clock.monotonic() + MAX_COMMIT_WORK_MS;
    let taken = 0;
    for (const job of this.#pending) {
      if (taken === MAX_OPERATIONS_PER_COMMIT || (taken > 0 && this.#clock.monotonic() > end)) break;
      taken += 1;
      // In `batch` before it runs: if SQLite ends the whole transaction under it, it is refused with the others.
      batch.push(job);
      attempt(job);
    }
  }

  #attemptAlone(job: Job, batch: Job[], refused: Refusal[]): void {
    this.#sql.savepoint.run();
    try {
      job.attempt();
      this.#sql.release.run();
    } catch (error) {
      if (!this.#database.inTransaction) throw error;
      this.#sql.undo.run();
      this.#sql.release.run();
      this.#forget();
      batch.pop();
      refused.push({ job, error: fromSqlite(error) });
    }
  }

  #abandon(batch: readonly Job[], error: unknown): void {
    const reason = fromSqlite(error);
    try {
      if (this.#database.inTransaction) this.#sql.rollback.run();
    } catch (rollbackError) {
      this.#log.error('rolling back failed', { error: asError(rollbackError) });
    }
    this.#forget();
    // Nothing was begun: one job must be refused all the same, or the queue would spin on a store that cannot begin.
    const jobs = batch.length > 0 ? batch : this.#pending.splice(0, MAX_OPERATIONS_PER_COMMIT);
    this.#log.error('a commit failed; its operations were refused', {
      operations: jobs.length,
      error: asError(reason),
    });
    for (const job of jobs) job.fail(reason);
  }

  #announce(summary: CommitSummary): void {
    for (const listener of this.#listeners) {
      try {
        listener(summary);
      } catch (error) {
        this.#log.error('a listener of the store failed', { error: asError(error) });
      }
    }
  }
}

/** What every operation of a closed store rejects with. */
export function closedError(): BellhopError {
  return new BellhopError('shutting_down', { detail: 'The store is closed.' });
}

function nothingTouched(): Touched {
  return { events: false, deliveries: false, outbox: new Set(), limits: false };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
