import Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import { guardVault } from './vault-errors.ts';

/** A vault never grows beyond this: a spool that nobody empties must not fill the disk of the whole daemon. */
export const DEFAULT_MAX_VAULT_BYTES = 1024 * 1024 * 1024;

const APPLICATION_ID = 0x62766c74; // "bvlt"
const SCHEMA_VERSION = 1;
const PAGE_BYTES = 4096;
const CACHE_KIB = 32; // a hundred vaults in one process; the operating system caches the file anyway
const CHECKPOINT_PAGES = 256; // 1 MiB of log: the checkpoint of one session stays short

const SCHEMA = `
  CREATE TABLE header (id INTEGER PRIMARY KEY, generation INTEGER NOT NULL, created_at INTEGER NOT NULL,
    key_check BLOB NOT NULL, digest BLOB NOT NULL) STRICT;
  CREATE TABLE secrets (row INTEGER PRIMARY KEY, space BLOB NOT NULL, id BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;
  CREATE UNIQUE INDEX secrets_id ON secrets (space, id);
  CREATE TABLE cursors (row INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, sealed BLOB NOT NULL) STRICT;
  CREATE TABLE spool (seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, settled_at INTEGER, sealed BLOB NOT NULL) STRICT;
  CREATE INDEX spool_pending ON spool (seq) WHERE settled_at IS NULL;
  CREATE INDEX spool_settled ON spool (settled_at) WHERE settled_at IS NOT NULL;
`;

/** One SQLite file, open in this process only. Knows transactions and damage, nothing of what the rows mean. */
export class VaultDatabase {
  readonly #database: Database.Database;
  readonly #sql: Record<'begin' | 'commit' | 'rollback', Database.Statement>;
  #depth = 0;
  #doomed = false;
  #isLazy = false;

  private constructor(database: Database.Database) {
    this.#database = database;
    this.#sql = {
      begin: database.prepare('BEGIN IMMEDIATE'),
      commit: database.prepare('COMMIT'),
      rollback: database.prepare('ROLLBACK'),
    };
  }

  /** Throws `store_locked`, `vault_corrupt`, `store_too_new` or `store_full`. `initialise` runs for a new file, in its first transaction. */
  static open(path: string, maxBytes: number, initialise: (database: VaultDatabase) => void): VaultDatabase {
    return guardVault(() => {
      const handle = new Database(path, { fileMustExist: true, timeout: 0 });
      try {
        configure(handle, maxBytes);
        const database = new VaultDatabase(handle);
        if (database.#isNew()) database.#create(initialise);
        else database.#examine();
        return database;
      } catch (error) {
        handle.close();
        throw error;
      }
    });
  }

  prepare(sql: string): Database.Statement {
    return guardVault(() => this.#database.prepare(sql));
  }

  /**
   * All or nothing; durable when the outermost call returns. A nested call joins the outer one: if it throws, the outer
   * one is rolled back too, even when the error was caught on the way. An outermost `lazy` one leaves the fsync to the
   * next that is not: the log is written in order, so nothing that counts can be durable without it.
   */
  transaction<T>(work: () => T, options: { readonly lazy: boolean } = { lazy: false }): T {
    if (this.#depth > 0) return this.#joined(work);
    this.#chooseSync(options.lazy);
    return this.#outermost(work);
  }

  /** Copies the log into the file and empties it, so that erased rows are gone from both. */
  checkpoint(): void {
    guardVault(() => this.#database.pragma('wal_checkpoint(TRUNCATE)'));
  }

  /** Gives back the memory that reading the whole file took: most vaults of a process are idle most of the time. */
  shrink(): void {
    guardVault(() => this.#database.pragma('shrink_memory'));
  }

  /** Idempotent. */
  close(): void {
    if (this.#database.open) guardVault(() => this.#database.close());
  }

  #outermost<T>(work: () => T): T {
    this.#doomed = false;
    guardVault(() => this.#sql.begin.run());
    try {
      const result = this.#joined(work);
      if (this.#isDoomed()) throw new BellhopError('internal_error', { detail: 'A part of the transaction failed.' });
      guardVault(() => this.#sql.commit.run());
      return result;
    } catch (error) {
      // SQLite has already rolled back by itself after some failures, e.g. a full disk.
      if (this.#database.inTransaction) guardVault(() => this.#sql.rollback.run());
      throw error;
    }
  }

  /** Before each transaction: one that counts must never run on what a lazy one left behind. */
  #chooseSync(lazy: boolean): void {
    if (lazy === this.#isLazy) return;
    // Not a prepared statement: SQLite obeys this pragma when it is compiled, not when it is run.
    guardVault(() => this.#database.pragma(lazy ? 'synchronous = NORMAL' : 'synchronous = FULL'));
    this.#isLazy = lazy;
  }

  #joined<T>(work: () => T): T {
    if (this.#doomed) throw new BellhopError('internal_error', { detail: 'The transaction has failed already.' });
    this.#depth += 1;
    try {
      const result = guardVault(work);
      if (result instanceof Promise) {
        result.catch(() => undefined);
        throw new TypeError('the work of a vault transaction must not be async');
      }
      return result;
    } catch (error) {
      this.#doomed = true;
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  #isDoomed(): boolean {
    return this.#doomed;
  }

  // A first start that was killed leaves an empty file or a single page without tables; anything more is a vault.
  #isNew(): boolean {
    const pages = Number(this.#database.pragma('page_count', { simple: true }));
    if (pages > 1) return false;
    return this.#database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
  }

  #create(initialise: (database: VaultDatabase) => void): void {
    this.transaction(() => {
      this.#database.exec(SCHEMA);
      this.#database.pragma(`application_id = ${APPLICATION_ID}`);
      this.#database.pragma(`user_version = ${SCHEMA_VERSION}`);
      initialise(this);
    });
  }

  #examine(): void {
    const result = this.#database.pragma('integrity_check(1)', { simple: true });
    const application = Number(this.#database.pragma('application_id', { simple: true }));
    if (result !== 'ok' || application !== APPLICATION_ID) {
      throw new BellhopError('vault_corrupt', { detail: 'The session vault is damaged or not a vault at all.' });
    }
    const version = Number(this.#database.pragma('user_version', { simple: true }));
    if (version > SCHEMA_VERSION) throw new BellhopError('store_too_new');
    if (version < SCHEMA_VERSION) throw new BellhopError('vault_corrupt');
  }
}

function configure(database: Database.Database, maxBytes: number): void {
  database.pragma(`page_size = ${PAGE_BYTES}`);
  database.pragma('locking_mode = EXCLUSIVE'); // before WAL: the lock is then held until close, and no -shm file is made
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('secure_delete = ON');
  database.pragma('trusted_schema = OFF');
  database.pragma('mmap_size = 0');
  database.pragma('temp_store = MEMORY');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  database.pragma(`journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`);
  database.pragma(`max_page_count = ${Math.floor(maxBytes / PAGE_BYTES)}`);
}
