import Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import { isRecord } from '../../core/json.ts';

/** What SQLite or the file system threw, as an error that a person can act on; other errors pass unchanged. */
export function fromSqlite(error: unknown): unknown {
  if (error instanceof Database.SqliteError) return fromCode(error.code, error);
  if (error instanceof TypeError && error.message.includes('connection is not open')) {
    return new BellhopError('shutting_down', { detail: 'The store is closed.', cause: error });
  }
  if (isRecord(error) && typeof error['code'] === 'string' && typeof error['syscall'] === 'string') {
    if (error['code'] === 'ENOSPC' || error['code'] === 'EDQUOT')
      return new BellhopError('store_full', { cause: error });
    return new BellhopError('store_unavailable', {
      detail: `The store's file cannot be reached (${error['code']}).`,
      cause: error,
    });
  }
  return error;
}

/** Runs `work`; what SQLite throws comes out as a BellhopError. */
export function guardSqlite<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw fromSqlite(error);
  }
}

// A full disk shows as FULL where SQLite extends a file and as one of these where it writes or maps what it had extended.
const FULL_CODES = new Set([
  'SQLITE_FULL',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_TRUNCATE',
  'SQLITE_IOERR_SHMSIZE',
  'SQLITE_IOERR_SHMMAP',
]);

// A short read means that the file ends before its own header says it does.
const DAMAGE_CODES = new Set(['SQLITE_NOTADB', 'SQLITE_FORMAT', 'SQLITE_IOERR_SHORT_READ']);

function fromCode(code: string, cause: Error): BellhopError {
  if (FULL_CODES.has(code)) return new BellhopError('store_full', { cause });
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new BellhopError('store_locked', { cause });
  if (code.startsWith('SQLITE_CORRUPT') || DAMAGE_CODES.has(code)) {
    return new BellhopError('store_corrupt', { detail: `The store's file is damaged (${code}).`, cause });
  }
  return new BellhopError('store_unavailable', {
    detail: `The store's file cannot be read or written (${code}).`,
    cause,
  });
}
