import type { JsonObject, JsonValue } from '../../core/json.ts';
import type { Session } from '../../engine/model/session.ts';

type OwnJson = Session['settings'];

/** A copy of a caller's JSON that nobody else holds, so that what is stored and what is answered stay the same. */
export function copyJson(value: JsonObject): OwnJson {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copyValue(item)]));
}

function copyValue(value: JsonValue): OwnJson[string] {
  if (value === null || typeof value !== 'object') return value;
  return isList(value) ? value.map(copyValue) : copyJson(value);
}

// Array.isArray does not narrow readonly arrays out of a union.
function isList(value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether both would be stored as the same text: keys in another order count as a difference. */
export function sameJson(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
