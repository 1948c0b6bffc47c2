import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { GramjsReader, TlUnreadable } from '../mtproto/gramjs-reader.ts';
import type { TlClass, TlField } from '../mtproto/gramjs-schema.ts';
import { GramjsSchema } from '../mtproto/gramjs-schema.ts';
import { TlMistake, toLibraryObject } from '../mtproto/gramjs-values.ts';
import type { TlObject, TlValue } from '../tl.ts';

const schema = new GramjsSchema();
const random = seededRandom(20);

/** Deeper than this, only what must be there is there, and of each type the constructor that needs least. */
const DEEPEST_OPTIONAL = 3;
const TIMES_EACH = 3;

const byType = new Map<string, TlClass[]>();
for (const entry of schema.byId.values())
  if (!entry.isMethod) byType.set(entry.result, [...(byType.get(entry.result) ?? []), entry]);

const isPlain = ({ flag, isFlags, type }: TlField): boolean =>
  isFlags || flag !== undefined || ['int', 'long', 'string', 'bytes', 'Bool', 'double'].includes(type);

function pick<T>(items: readonly T[]): T {
  return items[Math.floor(random.next() * items.length)]!;
}

function one(type: string, depth: number): TlValue {
  const bytes = (length: number): Uint8Array => new Uint8Array(random.bytes(length));
  switch (type) {
    case 'int':
      return Buffer.from(random.bytes(4)).readInt32LE(0);
    case 'long':
      return pick([0n, -1n, 2n ** 63n - 1n, -(2n ** 63n), Buffer.from(random.bytes(8)).readBigInt64LE(0)]);
    case 'double':
      return random.next() * 1000 - 500;
    case 'string':
      return pick(['', 'Zimmer 7', 'шум за стеной', '👍🏽'.repeat(40), 'x'.repeat(254), 'y'.repeat(1000)]);
    case 'bytes':
      return bytes(pick([0, 1, 2, 3, 4, 253, 254, 255, 300]));
    case 'int128':
      return bytes(16);
    case 'int256':
      return bytes(32);
    case 'Bool':
      return random.next() < 0.5;
    case 'true':
      return true;
    case 'X':
      return { _: 'help.getConfig' };
    case 'FutureSalt':
      return object(schema.byName.get('futureSalt')!, depth + 1);
    default: {
      const all = byType.get(type)!;
      const simple = all.filter(({ fields }) => fields.every(isPlain));
      return object(depth > DEEPEST_OPTIONAL && simple.length > 0 ? pick(simple) : pick(all), depth + 1);
    }
  }
}

function object(entry: TlClass, depth = 0): TlObject {
  const value: { _: string; [field: string]: TlValue } = { _: entry.name };
  const isSet = new Map<string, boolean>(); // several fields may share one bit
  for (const field of entry.fields.filter(({ isFlags }) => !isFlags)) {
    if (field.flag !== undefined) {
      const bit = `${field.flag.word}.${field.flag.mask}`;
      if (!isSet.has(bit)) isSet.set(bit, depth <= DEEPEST_OPTIONAL && random.next() < 0.4);
      if (isSet.get(bit) !== true) continue;
    }
    // The library's class of a message turns the id of a chat round; none is negative in the world.
    const isChat = field.type === 'long' && ['userId', 'chatId', 'channelId'].includes(field.name);
    value[field.name] =
      field.vector === undefined
        ? isChat
          ? BigInt(random.bytes(1)[0]!)
          : one(field.type, depth)
        : Array.from({ length: depth > 2 ? 0 : pick([0, 1, 3]) }, () => one(field.type, depth + 1));
  }
  return value;
}

const bytesOf = (value: TlObject): Buffer => toLibraryObject(schema, value).getBytes();

describe('neutral values through gramjs', () => {
  const names = [...schema.byName.values()].filter(
    // The library can write future salts, but not as MTProto has them; nobody sends them to a server.
    ({ name }) => name !== 'futureSalts',
  );

  it('come back as they were, for every constructor and method of the schema', () => {
    expect(names.length).toBeGreaterThan(2000);
    for (const entry of names) {
      for (let time = 0; time < TIMES_EACH; time += 1) {
        const value = object(entry);
        const reader = new GramjsReader(schema, bytesOf(value));
        expect(reader.boxed()).toEqual(value);
        expect(reader.rest()).toHaveLength(0);
      }
    }
  });

  it('keep a random id of zero, which the library would choose anew', () => {
    const call: TlObject = {
      _: 'messages.sendMessage',
      peer: { _: 'inputPeerSelf' },
      message: 'hello',
      randomId: 0n,
    };
    expect(new GramjsReader(schema, bytesOf(call)).boxed()).toEqual(call);
  });

  it('are refused, without a word on the console, when a field is missing, strange or of the wrong type', () => {
    const wrong: readonly TlObject[] = [
      { _: 'no.suchThing' },
      { _: 'inputPeerUser', userId: 1n },
      { _: 'inputPeerUser', userId: 1, accessHash: 2n },
      { _: 'inputPeerUser', userId: 2n ** 63n, accessHash: 2n },
      { _: 'inputPeerUser', userId: 1n, accessHash: 2n, color: 'red' },
      { _: 'users.getUsers', id: { _: 'inputUserSelf' } },
      { _: 'help.getConfig', hash: 1 },
      { _: 'upload.saveFilePart', fileId: 1n, filePart: 1.5, bytes: new Uint8Array(4) },
      { _: 'upload.saveFilePart', fileId: 1n, filePart: 1, bytes: 'four' },
    ];
    for (const value of wrong) expect(() => bytesOf(value)).toThrow(TlMistake);
  });

  it('are told apart from data that is cut off, packed badly or of another layer', () => {
    const whole = bytesOf({ _: 'inputPeerUser', userId: 1n, accessHash: 2n });
    const read = (bytes: Buffer): unknown => new GramjsReader(schema, bytes).boxed();
    for (let length = 0; length < whole.length; length += 1)
      expect(() => read(whole.subarray(0, length))).toThrow(TlUnreadable);
    expect(() => read(Buffer.from('deadbeef', 'hex'))).toThrow('unknown constructor efbeadde');
    expect(() => read(Buffer.from('15c4b51cffffff7f', 'hex'))).toThrow(TlUnreadable);
    expect(() => read(Buffer.from('a1cf723003000000', 'hex'))).toThrow(TlUnreadable);
  });

  it('are read out of packed data', () => {
    const packed = gzipSync(bytesOf({ _: 'inputPeerUser', userId: 1n, accessHash: 2n }));
    const header = Buffer.from('a1cf7230', 'hex');
    const text = Buffer.concat([Buffer.from([packed.length]), packed, Buffer.alloc(-(packed.length + 1) & 3)]);
    expect(new GramjsReader(schema, Buffer.concat([header, text])).boxed()).toEqual({
      _: 'inputPeerUser',
      userId: 1n,
      accessHash: 2n,
    });
  });

  it('of one broken answer leave the next one readable', () => {
    const good: TlObject = {
      _: 'updates',
      updates: [{ _: 'updateUserStatus', userId: 5n, status: { _: 'userStatusRecently' } }],
      users: [],
      chats: [],
      date: 1,
      seq: 0,
    };
    const bytes = bytesOf(good);
    const broken = Buffer.from(bytes);
    broken.writeUInt32LE(0xdeadbeef, 12); // the first update
    expect(() => new GramjsReader(schema, broken).boxed()).toThrow('unknown constructor deadbeef');
    expect(new GramjsReader(schema, bytes).boxed()).toEqual(good);
  });
});
