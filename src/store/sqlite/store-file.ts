import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import { guardSqlite } from './sqlite-errors.ts';

export const MEMORY_PATH = ':memory:';

const APPLICATION_ID = 0x62657368; // "besh": tells a store from other SQLite files
const CACHE_KIB = 64 * 1024; // the most that the page cache takes; the hot end of every index fits
const PAGE_BYTES = 8192; // a message or an event takes 1 to 2 KiB: half as many pages to write as with 4096, and no slower where single rows change
const AUTO_CHECKPOINT_PAGES = 1000; // 8 MiB of log: written back within about 15 ms when the load never pauses; larger steps cost throughput nothing and latency much
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024; // a log that a burst has blown up shrinks again
const QUICK_CHECK_LIMIT_BYTES = 16 * 1024 * 1024; // whole check within about 50 ms; larger files are checked page by page as they are read

/** An open store file and the lock that keeps a second daemon away from it. */
interface StoreFile {
  readonly database: Database.Database;
  /** False for a store in memory, which has no log to write back. */
  readonly durable: boolean;
  close(): void;
}

/**
 * Opens or creates the file. Blocks. Throws `store_locked`, `store_corrupt`, `store_full`, `store_unavailable`.
 * The folder is made with mode 0700 and the file with 0600: it holds what guests wrote.
 */
export function openStoreFile(path: string): StoreFile {
  return guardSqlite(() => {
    if (path === MEMORY_PATH) {
      const database = configure(new Database(MEMORY_PATH));
      return { database, durable: false, close: () => database.close() };
    }
    makePrivate(path);
    const lock = takeLock(`${path}.lock`);
    try {
      const database = openChecked(path);
      return {
        database,
        durable: true,
        close() {
          database.close();
          lock.close();
        },
      };
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  for (const file of [path, `${path}.lock`]) {
    closeSync(openSync(file, 'a', 0o600));
    chmodSync(file, 0o600);
  }
}

// An exclusive transaction that is never ended: the operating system drops its file lock when the process dies, however it dies.
function takeLock(path: string): Database.Database {
  const lock = new Database(path, { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

function openChecked(path: string): Database.Database {
  const database = new Database(path, { timeout: 0 });
  try {
    const sizeBytes = statSync(path).size;
    const applicationId = database.pragma('application_id', { simple: true });
    if (sizeBytes > 0 && applicationId !== APPLICATION_ID) {
      throw new BellhopError('store_corrupt', { detail: 'The file is not a store of Bellhop.' });
    }
    if (sizeBytes > 0 && sizeBytes <= QUICK_CHECK_LIMIT_BYTES) {
      const verdict = database.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw new BellhopError('store_corrupt');
    }
    return configure(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function configure(database: Database.Database): Database.Database {
  database.pragma(`page_size = ${PAGE_BYTES}`); // only a new file takes it
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('trusted_schema = OFF');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`wal_autocheckpoint = ${AUTO_CHECKPOINT_PAGES}`);
  database.pragma(`journal_size_limit = ${JOURNAL_LIMIT_BYTES}`);
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    database.pragma(`application_id = ${APPLICATION_ID}`);
  }
  return database;
}
