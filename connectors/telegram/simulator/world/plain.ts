import type { JsonValue } from '../../../../src/core/json.ts';

/*
 * Records with bigints, bytes, maps and sets as JSON, and back. A string that begins with the mark is itself marked, so that nothing
 * is read as what it is not.
 */
const MARK = '\u0001';

/** Throws on functions and symbols; `undefined` fields are left out. */
export function encodePlain(value: unknown): JsonValue {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.startsWith(MARK) ? `${MARK}s${value}` : value;
  if (typeof value === 'bigint') return `${MARK}n${value}`;
  if (value instanceof Uint8Array) return `${MARK}b${Buffer.from(value).toString('base64')}`;
  if (value instanceof Map) return [`${MARK}map`, ...[...value].map((pair) => encodePlain(pair))];
  if (value instanceof Set) return [`${MARK}set`, ...[...value].map((item) => encodePlain(item))];
  if (Array.isArray(value)) return [`${MARK}list`, ...value.map((item) => encodePlain(item))];
  if (typeof value !== 'object') throw new Error(`not plain: ${typeof value}`);
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, encodePlain(field)]));
}

/** Throws on what `encodePlain` did not write. */
export function decodePlain(value: JsonValue): unknown {
  if (typeof value === 'string') return decodeText(value);
  if (value === null || typeof value !== 'object') return value;
  if (!isList(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, decodePlain(field)]));
  }
  const [mark, ...rest] = value;
  const items = rest.map((item) => decodePlain(item));
  if (mark === `${MARK}list`) return items;
  if (mark === `${MARK}set`) return new Set(items);
  if (mark === `${MARK}map`) return new Map(items.map((pair) => asPair(pair)));
  throw new Error('a list without its mark');
}

function decodeText(text: string): unknown {
  if (!text.startsWith(MARK)) return text;
  const rest = text.slice(2);
  if (text[1] === 's') return rest;
  if (text[1] === 'n') return BigInt(rest);
  if (text[1] === 'b') return new Uint8Array(Buffer.from(rest, 'base64'));
  throw new Error('a text with an unknown mark');
}

const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value);

function asPair(value: unknown): readonly [unknown, unknown] {
  if (Array.isArray(value) && value.length === 2) return [value[0], value[1]];
  throw new Error('a map whose entry is not a pair');
}
