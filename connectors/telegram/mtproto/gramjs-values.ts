import { returnBigInt } from 'telegram/Helpers.js';
import { tlobjects } from 'telegram/tl/AllTLObjects.js';
import { isRecord } from '../../../src/core/json.ts';
import type { TlObject, TlValue } from '../tl.ts';
import type { GramjsSchema, TlClass, TlField } from './gramjs-schema.ts';

/** An object of one of the library's classes. */
export interface LibraryObject {
  getBytes(): Buffer;
}

type LibraryClass = new (fields: Readonly<Record<string, unknown>>) => LibraryObject;

/** Thrown for a value that is not of the schema: a mistake of the caller. Names the field, never its content. */
export class TlMistake extends TypeError {
  constructor(where: string, expected: string) {
    super(`${where}: expected ${expected}`);
    this.name = 'TlMistake';
  }
}

/**
 * The library's object for a neutral one. Everything is checked first, since the library would write zeros for what is missing, and
 * print to the console. Fields that only a newer layer has are left out where they say nothing. Throws TlMistake.
 */
export function toLibraryObject(schema: GramjsSchema, value: TlObject): LibraryObject {
  const found = schema.byName.get(value._);
  if (found === undefined) throw new TlMistake(value._, `a name of layer's schema`);
  const known = new Set(found.fields.map(({ name }) => name));
  const isStrange = (name: string): boolean => name !== '_' && !known.has(name) && !isNothing(value[name]);
  const stranger = Object.keys(value).find(isStrange);
  if (stranger !== undefined) throw new TlMistake(`${value._}.${stranger}`, 'no such field');
  const fields: Record<string, unknown> = {};
  for (const field of found.fields.filter(({ isFlags }) => !isFlags)) {
    const given = value[field.name];
    if (given !== undefined) fields[field.libraryName] = convert(schema, field, given, `${value._}.${field.name}`);
    else if (field.flag === undefined) throw new TlMistake(`${value._}.${field.name}`, 'a value');
  }
  return new (libraryClass(found))(fields);
}

function convert(schema: GramjsSchema, field: TlField, value: TlValue, where: string): unknown {
  if (field.vector === undefined) return convertOne(schema, field.type, value, where);
  if (!isList(value)) throw new TlMistake(where, 'a vector');
  return value.map((item) => convertOne(schema, field.type, item, where));
}

function convertOne(schema: GramjsSchema, type: string, value: TlValue, where: string): unknown {
  switch (type) {
    case 'int':
      if (typeof value === 'number' && Number.isInteger(value) && value === (value | 0)) return value;
      throw new TlMistake(where, 'an integer of 32 bits');
    case 'double':
      if (typeof value === 'number') return value;
      throw new TlMistake(where, 'a number');
    case 'long':
      // The library would take a native 0n for "choose one yourself".
      if (typeof value === 'bigint' && value === BigInt.asIntN(64, value)) return returnBigInt(value);
      throw new TlMistake(where, 'a signed bigint of 64 bits');
    case 'string':
      if (typeof value === 'string') return value;
      throw new TlMistake(where, 'a string');
    case 'bytes':
      if (value instanceof Uint8Array) return asBuffer(value);
      throw new TlMistake(where, 'bytes');
    case 'int128':
    case 'int256':
      if (value instanceof Uint8Array && value.length === (type === 'int128' ? 16 : 32)) return littleEndian(value);
      throw new TlMistake(where, `the bytes of an ${type}`);
    case 'Bool':
    case 'true':
      if (typeof value === 'boolean') return value;
      throw new TlMistake(where, 'a boolean');
    default:
      if (isRecord(value) && !(value instanceof Uint8Array) && typeof value['_'] === 'string')
        return toLibraryObject(schema, { ...value, _: value['_'] });
      throw new TlMistake(where, type);
  }
}

/** What a layer requires that this one does not know is given as zero by callers of both. */
function isNothing(value: TlValue | undefined): boolean {
  return value === 0n || value === 0 || value === '' || value === undefined;
}

function isList(value: TlValue): value is readonly TlValue[] {
  return Array.isArray(value);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function littleEndian(bytes: Uint8Array): unknown {
  return returnBigInt(BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`));
}

function libraryClass(found: TlClass): LibraryClass {
  const classes: unknown = tlobjects;
  const entry: unknown = isRecord(classes) ? classes[found.id] : undefined;
  if (typeof entry !== 'function') throw new TlMistake(found.name, 'a class of the library');
  // The library builds all its classes alike; the round-trip test makes one of each.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return entry as LibraryClass;
}
