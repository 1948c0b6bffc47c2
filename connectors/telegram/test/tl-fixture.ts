import { readFileSync } from 'node:fs';
import type { TlObject, TlValue } from '../tl.ts';

/** One update, and what is to come of it. `at: "now"` stands for the time at which it came; `hasRaw`: a raw form is kept. */
export interface InboundFixture {
  readonly name: string;
  readonly update: TlObject;
  readonly events: readonly Record<string, unknown>[];
  readonly files?: readonly unknown[];
  readonly live?: readonly unknown[];
}

/** Reads fixtures whose longs are written `{"$long": "1"}` and whose bytes `{"$bytes": "<base64>"}`. */
export function readFixtures(name: string): readonly InboundFixture[] {
  const text = readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8');
  const cases = JSON.parse(text) as InboundFixture[];
  return cases.map((each) => ({ ...each, update: revive(each.update) as TlObject }));
}

function revive(value: unknown): TlValue {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value as TlValue;
  if ('$long' in value) return BigInt(String(value.$long));
  if ('$bytes' in value) return Uint8Array.from(Buffer.from(String(value.$bytes), 'base64'));
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, revive(field)])) as TlObject;
}
