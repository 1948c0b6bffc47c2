import type { TlObject, TlValue } from '../../tl.ts';
import { isObject } from '../../tl-fields.ts';
import { RpcError } from '../rpc.ts';

/*
 * Reading calls. The wire has checked them against the schema; what is missing here is missing in the client's call.
 */
const wrong = (object: TlObject, field: string): RpcError => new RpcError(400, `INPUT_FETCH_FAIL_${object._}_${field}`);

export function isList(value: TlValue | undefined): value is readonly TlValue[] {
  return Array.isArray(value);
}

export function textOf(object: TlObject, field: string, fallback?: string): string {
  const value = object[field] ?? fallback;
  if (typeof value !== 'string') throw wrong(object, field);
  return value;
}

export function intOf(object: TlObject, field: string, fallback?: number): number {
  const value = object[field] ?? fallback;
  if (typeof value === 'number') return value;
  throw wrong(object, field);
}

export function longOf(object: TlObject, field: string, fallback?: bigint): bigint {
  const value = object[field] ?? fallback;
  if (typeof value !== 'bigint') throw wrong(object, field);
  return value;
}

export function bytesOf(object: TlObject, field: string): Uint8Array {
  const value = object[field];
  if (!(value instanceof Uint8Array)) throw wrong(object, field);
  return value;
}

export function objectOf(object: TlObject, field: string): TlObject {
  const value = object[field];
  if (!isObject(value)) throw wrong(object, field);
  return value;
}

export function optionalObject(object: TlObject, field: string): TlObject | undefined {
  const value = object[field];
  return isObject(value) ? value : undefined;
}

export function listOf(object: TlObject, field: string): readonly TlValue[] {
  const value = object[field];
  if (isList(value)) return value;
  throw wrong(object, field);
}

export function objectsOf(object: TlObject, field: string): readonly TlObject[] {
  return listOf(object, field).filter((item) => isObject(item));
}

export function optionalObjects(object: TlObject, field: string): readonly TlObject[] {
  return object[field] === undefined ? [] : objectsOf(object, field);
}

export function intsOf(object: TlObject, field: string): readonly number[] {
  return listOf(object, field).filter((item) => typeof item === 'number');
}

export const isSet = (object: TlObject, field: string): boolean => object[field] === true;
