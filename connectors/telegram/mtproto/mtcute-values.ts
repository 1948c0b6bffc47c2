import { Long } from '@mtcute/node';
import { isRecord } from '../../../src/core/json.ts';
import type { TlObject, TlValue } from '../tl.ts';
import type { FieldForm } from './mtcute-schema.ts';

type Forms = ReadonlyMap<string, ReadonlyMap<string, FieldForm>>;

const WORD_BITS = 32n;
const NO_FIELDS: ReadonlyMap<string, FieldForm> = new Map();

/** The library's value as a neutral one: every 64-bit integer a bigint, absent fields absent. Throws for what no schema has. */
export function toNeutral(fields: Forms, value: unknown): TlValue {
  if (Long.isLong(value)) return toBigint(value);
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'boolean':
    case 'bigint':
      return value;
    default:
  }
  if (value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map((item) => toNeutral(fields, item));
  if (isRecord(value) && typeof value['_'] === 'string') return toNeutralObject(fields, value['_'], value);
  throw new TypeError('a value that is not of the schema');
}

function toNeutralObject(fields: Forms, name: string, value: Readonly<Record<string, unknown>>): TlObject {
  const own = fields.get(name) ?? NO_FIELDS;
  const neutral: Record<string, TlValue> & { _: string } = { _: name };
  for (const [field, held] of Object.entries(value)) {
    if (held === undefined || held === null || field === '_') continue;
    const form = own.get(field);
    if (form === 'flag' && held === false) continue;
    neutral[field] = form === 'int53' ? smallToBigint(held) : toNeutral(fields, held);
  }
  return neutral;
}

/** The library's object for a neutral one. */
export function toLibrary(fields: Forms, value: TlValue): unknown {
  if (typeof value === 'bigint') return toLong(value);
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (isList(value)) return value.map((item) => toLibrary(fields, item));
  const longs = fields.get(value._) ?? NO_FIELDS;
  const own: Record<string, unknown> = {};
  for (const [field, held] of Object.entries(value)) {
    if (held === undefined) continue;
    own[field] = longs.get(field) === 'int53' ? toSmall(held) : toLibrary(fields, held);
  }
  return own;
}

function isList(value: TlValue): value is readonly TlValue[] {
  return Array.isArray(value);
}

function toBigint(value: Long): bigint {
  return (BigInt(value.high) << WORD_BITS) | BigInt(value.low >>> 0);
}

function toLong(value: bigint): Long {
  const [low, high] = [BigInt.asIntN(32, value), BigInt.asIntN(32, value >> WORD_BITS)];
  return Long.fromBits(Number(low), Number(high));
}

function smallToBigint(value: unknown): TlValue {
  if (Array.isArray(value)) return value.map(smallToBigint);
  if (typeof value === 'number') return BigInt(value);
  throw new TypeError('a small integer of 64 bits that is not a number');
}

function toSmall(value: TlValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  return isList(value) ? value.map(toSmall) : value;
}
