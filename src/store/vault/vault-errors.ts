import Database from 'better-sqlite3';
import { BellhopError } from '../../core/errors.ts';
import { isRecord } from '../../core/json.ts';

/** Runs `work` and turns what SQLite throws into errors that a person can act on; other errors pass unchanged. */
export function guardVault<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Database.SqliteError) throw fromSqlite(error);
    if (error instanceof TypeError && error.message.includes('connection is not open')) {
      throw new BellhopError('store_unavailable', { detail: 'The session vault is closed.', cause: error });
    }
    throw error;
  }
}

/** The same for calls of the file system. */
export function guardFiles<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (isRecord(error) && typeof error['code'] === 'string' && typeof error['syscall'] === 'string') {
      throw fromSystem(error['code'], error);
    }
    throw error;
  }
}

function fromSqlite(error: InstanceType<typeof Database.SqliteError>): BellhopError {
  const code = error.code;
  if (code.startsWith('SQLITE_FULL')) return new BellhopError('store_full', { cause: error });
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new BellhopError('store_locked', {
      detail: 'Another process has this session vault open.',
      cause: error,
    });
  }
  if (isDamage(code)) {
    return new BellhopError('vault_corrupt', { detail: `The session vault is damaged (${code}).`, cause: error });
  }
  return new BellhopError('store_unavailable', {
    detail: `The session vault cannot be read or written (${code}).`,
    cause: error,
  });
}

// SQLITE_ERROR is "no such table or column" or a schema that cannot be parsed: our own statements are right.
// A short read means that the file ends before its own header says it does.
function isDamage(code: string): boolean {
  return (
    code.startsWith('SQLITE_CORRUPT') ||
    code === 'SQLITE_NOTADB' ||
    code === 'SQLITE_ERROR' ||
    code === 'SQLITE_FORMAT' ||
    code.startsWith('SQLITE_CONSTRAINT') ||
    code === 'SQLITE_IOERR_SHORT_READ'
  );
}

function fromSystem(code: string, cause: unknown): BellhopError {
  if (code === 'ENOSPC' || code === 'EDQUOT') return new BellhopError('store_full', { cause });
  return new BellhopError('store_unavailable', { detail: `The session vault cannot be reached (${code}).`, cause });
}
