import { BellhopError } from '../../core/errors.ts';

/** Which list a cursor belongs to; one of another list is refused. */
type CursorKind = 'evt' | 'ses' | 'tml' | 'cnv' | 'gst' | 'whk' | 'dlv' | 'key' | 'alr' | 'cns';

const SEPARATOR = '\u0001'; // occurs in no id and no number

/** The keyset of a row as opaque text. */
export function encodeCursor(kind: CursorKind, ...keys: readonly (string | number)[]): string {
  return Buffer.from([kind, ...keys].join(SEPARATOR), 'utf8').toString('base64url');
}

/** The `count` keys of a cursor of this list; rejects with `invalid_cursor`. */
export function decodeCursor(kind: CursorKind, cursor: string, count: number): readonly string[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const [found, ...keys] = bytes.toString('utf8').split(SEPARATOR);
  if (found !== kind || keys.length !== count || bytes.toString('base64url') !== cursor)
    throw new BellhopError('invalid_cursor');
  return keys;
}

/** A cursor of one number. */
export function decodeNumberCursor(kind: CursorKind, cursor: string): number {
  return cursorNumber(decodeCursor(kind, cursor, 1)[0]);
}

export function cursorNumber(key: string | undefined): number {
  const value = Number(key);
  if (key === undefined || !/^\d{1,16}$/.test(key) || !Number.isSafeInteger(value))
    throw new BellhopError('invalid_cursor');
  return value;
}

/** Cuts the row that was read beyond the limit, which only tells that there is more. */
export function toPage<Row, T>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => T,
  toCursor: (row: Row) => string,
): { data: readonly T[]; nextCursor: string | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { data: kept.map(toItem), nextCursor: rows.length > limit && last !== undefined ? toCursor(last) : null };
}
