import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TlCodec } from '../simulator/tl/codec.ts';
import { TlDecodeError, TlEncodeError } from '../simulator/tl/errors.ts';
import { loadCodecs, loadSchemas } from '../simulator/tl/installed-schemas.ts';
import type { TlObject } from '../tl.ts';
import { Values } from './simulator-wire-tl-values.ts';

const schemas = await loadSchemas();
const codecs = await loadCodecs();

describe.each(schemas)('layer $layer', (schema) => {
  const codec = new TlCodec(schema);
  const values = new Values(schema);
  const constructors = schema.definitions.filter(
    ({ isMethod, name }) => !isMethod && !/^(?:vector|true|boolTrue|boolFalse)$/.test(name),
  );
  const methods = schema.definitions.filter(({ isMethod }) => isMethod);

  test('every constructor comes back as it was written', () => {
    const objects = fc.constantFrom(...constructors).chain((definition) => values.object(definition, 3));
    fc.assert(
      fc.property(objects, (object) => {
        expect(codec.decode(codec.encode(object))).toEqual(object);
      }),
      { numRuns: 1500 },
    );
  });

  test('every method comes back as it was written, and nothing is left behind it', () => {
    const calls = fc.constantFrom(...methods).chain((definition) => values.object(definition, 3));
    fc.assert(
      fc.property(calls, (call) => {
        expect(codec.decodeCall(codec.encodeCall(call))).toEqual({ call, trailingBytes: 0 });
      }),
      { numRuns: 800 },
    );
  });

  test('bytes that are cut or spoiled are refused or read, never anything else', () => {
    const objects = fc.constantFrom(...constructors).chain((definition) => values.object(definition, 2));
    fc.assert(
      fc.property(objects, fc.nat(), fc.integer({ min: 1, max: 255 }), (object, at, mask) => {
        const bytes = codec.encode(object);
        const index = at % bytes.length;
        expect(() => codec.decode(bytes.subarray(0, index))).toThrow(TlDecodeError);
        bytes[index] = (bytes[index] ?? 0) ^ mask;
        try {
          codec.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(TlDecodeError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('one shape for several layers', () => {
  const codecOf = (layer: number): TlCodec => {
    const codec = codecs.get(layer);
    if (codec === undefined) throw new Error('not installed');
    return codec;
  };

  test('leaves out the fields that a layer does not have', () => {
    const call: TlObject = { _: 'updateUserTyping', userId: 5n, action: { _: 'sendMessageTypingAction' }, topMsgId: 9 };
    expect(codecOf(227).decode(codecOf(227).encode(call))).toEqual(call);
    const { topMsgId: _left, ...known } = call;
    expect(codecOf(198).decode(codecOf(198).encode(call))).toEqual(known);
  });

  test('fills required fields that were not given with the value that says nothing', () => {
    for (const codec of codecs.values())
      expect(codec.decode(codec.encode({ _: 'messages.messages' }))).toMatchObject({
        messages: [],
        chats: [],
        users: [],
      });
  });

  test('does not invent what has no empty value', () => {
    expect(() => codecOf(198).encode({ _: 'message', id: 1 })).toThrow('message.peerId is missing');
  });

  test('names what no layer has', () => {
    expect(() => codecOf(198).encode({ _: 'userEmpty', id: 1n, nme: 'x' })).toThrow('userEmpty has no field nme');
    expect(() => codecOf(198).encode({ _: 'usr' })).toThrow('layer 198 does not know usr');
    expect(() => codecOf(198).encode({ _: 'userEmpty', id: 1 })).toThrow(TlEncodeError);
    expect(() => codecOf(198).encode({ _: 'updateShort', update: { _: 'userEmpty', id: 1n } })).toThrow('is no Update');
  });

  test('answers with bare vectors and Bools, as the method says', () => {
    const codec = codecOf(198);
    const users = [{ _: 'userEmpty', id: 5n }];
    expect(codec.decodeAnswer('users.getUsers', codec.encodeAnswer('users.getUsers', users))).toEqual(users);
    expect(Buffer.from(codec.encodeAnswer('messages.setTyping', true)).toString('hex')).toBe('b5757299');
  });

  test('does not read one type where another belongs', () => {
    const action = '4e74bf16'; // sendMessageTypingAction, here in the place of the peer too
    const setTyping = Buffer.from(`e23e945800000000${action}${action}`, 'hex');
    expect(() => codecOf(198).decodeCall(setTyping)).toThrow('sendMessageTypingAction stands where InputPeer belongs');
  });

  test('a flag that is false is not set, and a Bool that is false is there', () => {
    const codec = codecOf(198);
    expect(codec.decode(codec.encode({ _: 'user', id: 5n, self: false, contact: true }))).toEqual({
      _: 'user',
      id: 5n,
      contact: true,
    });
    expect(codec.encodeAnswer('messages.setTyping', false)).toHaveLength(4);
  });

  test('a string of a length that there is not is refused', () => {
    const error = Buffer.concat([Buffer.from('bbf9b9c4', 'hex'), Buffer.alloc(4), Buffer.alloc(260, 255)]);
    expect(() => codecOf(198).decode(error)).toThrow('begins with 255');
  });
});
