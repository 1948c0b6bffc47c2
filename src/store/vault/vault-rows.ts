import { BellhopError } from '../../core/errors.ts';
import { isRecord } from '../../core/json.ts';

/** A BLOB column of a row that SQLite returned; throws `vault_corrupt` when it is something else. */
export function blobOf(row: unknown, column: string): Uint8Array {
  const value = isRecord(row) ? row[column] : undefined;
  if (!(value instanceof Uint8Array)) throw strange();
  return value;
}

/** An INTEGER column; NULL is `undefined`. */
export function integerOf(row: unknown, column: string): number | undefined {
  const value = isRecord(row) ? row[column] : undefined;
  if (value === null) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw strange();
  return value;
}

function strange(): BellhopError {
  return new BellhopError('vault_corrupt', { detail: 'A row of the session vault has the wrong type.' });
}
