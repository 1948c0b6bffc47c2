import type { JsonValue } from '../../../../src/core/json.ts';
import { isRecord } from '../../../../src/core/json.ts';
import { decodePlain, encodePlain } from './plain.ts';
import type { WorldState } from './state.ts';

const VERSION = 1;
const FIELDS = ['accounts', 'groups', 'channels', 'posts', 'polls', 'files', 'authorizations'] as const;

export function saveState(state: WorldState): JsonValue {
  return { version: VERSION, state: encodePlain(state) };
}

/** Throws on what `saveState` of this version did not write. */
export function loadState(saved: JsonValue): WorldState {
  if (!isRecord(saved) || saved['version'] !== VERSION || saved['state'] === undefined) {
    throw new Error('not a saved network of this version');
  }
  const state = decodePlain(saved['state']);
  if (!isState(state)) throw new Error('a saved network that misses a part');
  return state;
}

/** The frame only: what is in it was written by us. */
function isState(value: unknown): value is WorldState {
  return isRecord(value) && FIELDS.every((field) => value[field] instanceof Map);
}
