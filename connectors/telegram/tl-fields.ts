import type { TlObject, TlValue } from './tl.ts';

/*
 * Reading fields of TL objects that a server sent. Telegram adds and removes fields from layer to layer, so that a missing or foreign
 * field reads as "not there", never as an exception.
 */

export function isObject(value: TlValue | undefined): value is TlObject {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array) && '_' in value;
}

export function objectAt(object: TlObject, field: string): TlObject | undefined {
  const value = object[field];
  return isObject(value) ? value : undefined;
}

/** The objects of a vector; empty where there is none. */
export function listAt(object: TlObject, field: string): readonly TlObject[] {
  return valuesAt(object, field).filter(isObject);
}

export function valuesAt(object: TlObject, field: string): readonly TlValue[] {
  const value = object[field];
  return isList(value) ? value : [];
}

export function numberAt(object: TlObject, field: string): number | undefined {
  const value = object[field];
  return typeof value === 'number' ? value : undefined;
}

/** A `long`. */
export function longAt(object: TlObject, field: string): bigint | undefined {
  const value = object[field];
  return typeof value === 'bigint' ? value : undefined;
}

/** Empty strings are what Telegram writes for "none". */
export function textAt(object: TlObject, field: string): string | undefined {
  const value = object[field];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function bytesAt(object: TlObject, field: string): Uint8Array | undefined {
  const value = object[field];
  return value instanceof Uint8Array ? value : undefined;
}

export function isSet(object: TlObject, field: string): boolean {
  return object[field] === true;
}

/** JSON text of a TL object: what `raw` of a message holds. Longs become strings, bytes base64. */
export function toRawJson(object: TlObject): string {
  return JSON.stringify(plain(object));
}

function plain(value: TlValue): unknown {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isList(value)) return value.map(plain);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).filter((entry): entry is [string, TlValue] => entry[1] !== undefined);
  return Object.fromEntries(entries.map(([name, field]) => [name, plain(field)]));
}

function isList(value: TlValue | undefined): value is readonly TlValue[] {
  return Array.isArray(value);
}
