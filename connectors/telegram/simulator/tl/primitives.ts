import type { TlValue } from '../../tl.ts';
import { TlDecodeError, TlEncodeError } from './errors.ts';
import type { TlReader } from './reader.ts';
import type { TlType } from './schema.ts';
import type { TlWriter } from './writer.ts';

/** How one kind of value is read and written. `write` of nothing writes the kind's zero value. */
export interface ValueCodec {
  read(reader: TlReader): TlValue;
  /** `where` names constructor and field, for errors. Throws TlEncodeError. */
  write(writer: TlWriter, value: TlValue | undefined, where: string): void;
}

export type PrimitiveKind = Exclude<TlType['kind'], 'vector' | 'boxed' | 'bare' | 'flags'>;

const BOOL_TRUE_ID = 0x997275b5;
const BOOL_FALSE_ID = 0xbc799737;
const LARGEST_INT = 2 ** 31;
const LARGEST_LONG = 2n ** 63n;

function fail(where: string, wanted: string): never {
  throw new TlEncodeError(`${where} must be ${wanted}`);
}

function numberOf(value: TlValue, where: string): number {
  return typeof value === 'number' ? value : fail(where, 'a number');
}

function intOf(value: TlValue, where: string): number {
  const number = numberOf(value, where);
  const isInt = Number.isInteger(number) && number >= -LARGEST_INT && number < LARGEST_INT;
  return isInt ? number : fail(where, 'an integer of 32 bits');
}

function longOf(value: TlValue, where: string): bigint {
  const isLong = typeof value === 'bigint' && value >= -LARGEST_LONG && value < LARGEST_LONG;
  return isLong ? value : fail(where, 'a bigint of 64 bits');
}

function bytesOf(value: TlValue, where: string, length?: number): Uint8Array {
  if (!(value instanceof Uint8Array)) return fail(where, 'bytes');
  return length === undefined || value.length === length ? value : fail(where, `${length} bytes`);
}

function fixedBytes(length: number): ValueCodec {
  return {
    read: (reader) => reader.raw(length),
    write: (writer, value, where) =>
      writer.raw(value === undefined ? new Uint8Array(length) : bytesOf(value, where, length)),
  };
}

function readBool(reader: TlReader): boolean {
  const id = reader.uint();
  if (id === BOOL_TRUE_ID) return true;
  if (id === BOOL_FALSE_ID) return false;
  throw new TlDecodeError('a Bool is neither true nor false');
}

export const primitives: Readonly<Record<PrimitiveKind, ValueCodec>> = {
  int: {
    read: (reader) => reader.int(),
    write: (writer, value, where) => writer.int(value === undefined ? 0 : intOf(value, where)),
  },
  long: {
    read: (reader) => reader.long(),
    write: (writer, value, where) => writer.long(value === undefined ? 0n : longOf(value, where)),
  },
  double: {
    read: (reader) => reader.double(),
    write: (writer, value, where) => writer.double(value === undefined ? 0 : numberOf(value, where)),
  },
  string: {
    read: (reader) => reader.string(),
    write: (writer, value = '', where) => writer.string(typeof value === 'string' ? value : fail(where, 'a string')),
  },
  bytes: {
    read: (reader) => reader.bytes(),
    write: (writer, value = new Uint8Array(0), where) => writer.bytes(bytesOf(value, where)),
  },
  int128: fixedBytes(16),
  int256: fixedBytes(32),
  bool: {
    read: readBool,
    write: (writer, value = false, where) => {
      if (typeof value !== 'boolean') return fail(where, 'a boolean');
      writer.uint(value ? BOOL_TRUE_ID : BOOL_FALSE_ID);
    },
  },
  true: { read: () => true, write: () => undefined }, // carried by its flag alone
  rest: {
    read: (reader) => reader.rest(),
    write: (writer, value = new Uint8Array(0), where) => writer.raw(bytesOf(value, where)),
  },
};
