import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Long } from '@mtcute/node';
import { __tlReaderMap, __tlWriterMap, TlBinaryReader, TlBinaryWriter } from '@mtcute/node/utils.js';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { readMtcuteSchema } from '../mtproto/mtcute-schema.ts';
import { toLibrary, toNeutral } from '../mtproto/mtcute-values.ts';
import { writers } from '../mtproto/mtcute-writers.ts';
import { TlCodec } from '../simulator/tl/codec.ts';
import type { TlDefinition, TlType } from '../simulator/tl/schema.ts';
import { parseTlJson } from '../simulator/tl/tl-json.ts';
import type { TlObject, TlValue } from '../tl.ts';

const file = createRequire(import.meta.url).resolve('@mtcute/core/tl/api-schema.json');
const whole = parseTlJson(JSON.parse(readFileSync(file, 'utf8')));
/** The file also names what the library uses inside and never sends. */
const schema = { ...whole, definitions: whole.definitions.filter(({ name }) => !name.startsWith('mtcute.')) };
const { layer, forms } = readMtcuteSchema();
/** Another reading of the same schema, by the network in a box. */
const codec = new TlCodec(schema);
const random = seededRandom(21);

/** Deeper than this, only what must be there is there, and of each type a constructor that needs little. */
const DEEPEST_OPTIONAL = 3;
const SMALL = 2n ** 53n - 1n; // what the library can hold in an `int53`

const byResult = new Map<string, TlDefinition[]>();
for (const definition of schema.definitions) {
  if (definition.isMethod) continue;
  byResult.set(definition.resultName, [...(byResult.get(definition.resultName) ?? []), definition]);
}

function pick<T>(items: readonly T[]): T {
  const found = items[Math.floor(random.next() * items.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

const isPlain = ({ params }: TlDefinition): boolean =>
  params.every(({ type, condition }) => condition !== undefined || !['boxed', 'bare'].includes(type.kind));

function one(type: TlType, isSmall: boolean, depth: number): TlValue {
  switch (type.kind) {
    case 'int':
    case 'flags':
      return Buffer.from(random.bytes(4)).readInt32LE(0);
    case 'long':
      return isSmall
        ? pick([0n, 1n, SMALL, 6_000_000_123n])
        : pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), Buffer.from(random.bytes(8)).readBigInt64LE(0)]);
    case 'double':
      return random.next() * 1_000 - 500;
    case 'string':
      return pick(['', 'Zimmer 7', 'шум за стеной', '👍🏽'.repeat(40), 'x'.repeat(254)]);
    case 'bytes':
      return new Uint8Array(random.bytes(pick([0, 1, 3, 4, 253, 254, 300])));
    case 'int128':
      return new Uint8Array(random.bytes(16));
    case 'int256':
      return new Uint8Array(random.bytes(32));
    case 'bool':
      return random.next() < 0.5;
    case 'true':
      return true;
    case 'rest':
      return { _: 'help.getConfig' };
    case 'vector':
      return Array.from({ length: depth > 2 ? 0 : pick([0, 1, 3]) }, () => one(type.item, isSmall, depth + 1));
    case 'bare':
      throw new Error(`no bare ${type.name} in this schema`);
    case 'boxed': {
      const all = byResult.get(type.type) ?? [];
      const simple = all.filter(isPlain);
      return object(depth > DEEPEST_OPTIONAL && simple.length > 0 ? pick(simple) : pick(all), depth + 1);
    }
  }
}

function object(definition: TlDefinition, depth = 0): TlObject {
  const value: { _: string; [field: string]: TlValue } = { _: definition.name };
  const isSet = new Map<string, boolean>(); // several fields may share one bit
  for (const { name, type, condition } of definition.params) {
    if (type.kind === 'flags') continue;
    if (condition !== undefined) {
      const bit = `${condition.flags}.${condition.bit}`;
      if (!isSet.has(bit)) isSet.set(bit, depth <= DEEPEST_OPTIONAL && random.next() < 0.4);
      if (isSet.get(bit) !== true) continue;
    }
    const isSmall = forms.get(definition.name)?.get(name) === 'int53';
    // The library leaves out an optional list that is empty.
    if (type.kind === 'vector' && condition !== undefined) value[name] = [one(type.item, isSmall, depth + 1)];
    else value[name] = one(type, isSmall, depth);
  }
  return value;
}

function written(value: TlObject): Uint8Array {
  const own = toLibrary(forms, value);
  if (typeof own !== 'object' || own === null || !('_' in own) || typeof own._ !== 'string')
    throw new Error('no object');
  return TlBinaryWriter.serializeObject(__tlWriterMap, { ...own, _: own._ });
}

/** The library tells a flag that is not set as `false`. */
function withoutFalseFlags(value: TlValue): TlValue {
  if (typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(withoutFalseFlags);
  const definition = schema.definitions.find(({ name, isMethod }) => !isMethod && name === (value as TlObject)._);
  const flags = new Set(definition?.params.filter(({ type }) => type.kind === 'true').map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(value as TlObject)
      .filter(([name, held]) => !(flags.has(name) && held === false))
      .map(([name, held]) => [name, held === undefined ? held : withoutFalseFlags(held)]),
  ) as TlObject;
}

const plain = (bytes: TlValue): TlValue =>
  bytes instanceof Uint8Array
    ? new Uint8Array(bytes)
    : Array.isArray(bytes)
      ? bytes.map(plain)
      : typeof bytes === 'object'
        ? (Object.fromEntries(Object.entries(bytes).map(([name, held]) => [name, plain(held as TlValue)])) as TlObject)
        : bytes;

describe('neutral values through mtcute', () => {
  it('are written as the schema says, for every method and constructor', () => {
    expect(layer).toBe(schema.layer);
    expect(schema.definitions.length).toBeGreaterThan(2_000);
    for (const definition of schema.definitions) {
      if (definition.params.some(({ type }) => type.kind === 'rest')) continue; // wrappers of other calls are the library's own
      const value = object(definition);
      const bytes = written(value);
      const read = definition.isMethod ? codec.decodeCall(bytes).call : codec.decode(bytes);
      expect(plain(read)).toEqual(value);
    }
  });

  it('come back as they were, for every constructor', () => {
    for (const definition of schema.definitions) {
      if (definition.isMethod) continue;
      const value = object(definition);
      const read: unknown = TlBinaryReader.deserializeObject(__tlReaderMap, codec.encode(value));
      expect(plain(withoutFalseFlags(toNeutral(forms, read)))).toEqual(value);
    }
  });

  it('have a bigint for every 64-bit integer, also in lists of them', () => {
    const own = { _: 'messages.deleteChatUser', chatId: 7_000_000_000, userId: { _: 'inputUserSelf' } };
    expect(toNeutral(forms, own)).toMatchObject({ chatId: 7_000_000_000n });
    expect(toNeutral(forms, { _: 'channels.channelParticipants', count: 3 })).toEqual({
      _: 'channels.channelParticipants',
      count: 3,
    });
  });

  it('asks the server for more patience than the library would', () => {
    const ping = { _: 'mt_ping_delay_disconnect', pingId: Long.ONE, disconnectDelay: 7 };
    const bytes = Buffer.from(TlBinaryWriter.serializeObject(writers, ping));
    expect(bytes.readInt32LE(bytes.length - 4)).toBe(75);
  });

  it('refuse what is of no schema', () => {
    expect(() => toNeutral(forms, { id: 1 })).toThrow(TypeError);
    expect(() => toNeutral(forms, Symbol('x'))).toThrow(TypeError);
  });
});
