import { __tlReaderMap, TlBinaryReader } from '@mtcute/core/utils.js';
import fc from 'fast-check';
import { BinaryReader } from 'telegram/extensions/index.js';
import { LAYER } from 'telegram/tl/AllTLObjects.js';
import { expect, test } from 'vitest';
import { isRecord } from '../../../src/core/json.ts';
import { TlCodec } from '../simulator/tl/codec.ts';
import { loadSchemas } from '../simulator/tl/installed-schemas.ts';
import type { TlObject } from '../tl.ts';
import { Values } from './simulator-wire-tl-values.ts';

const schemas = await loadSchemas();
const LARGEST_INT53 = 2n ** 53n - 1n; // mtcute throws for larger ids of users and chats

function objectsOf(layer: number): { readonly codec: TlCodec; readonly objects: fc.Arbitrary<TlObject> } {
  const schema = schemas.find((candidate) => candidate.layer === layer);
  if (schema === undefined) throw new Error('not installed');
  const values = new Values(schema, LARGEST_INT53);
  const isOrdinary = ({ isMethod, name }: (typeof schema.definitions)[number]): boolean =>
    !isMethod && !/^(?:vector|true|boolTrue|boolFalse|error|null)$/.test(name);
  const objects = fc
    .constantFrom(...schema.definitions.filter(isOrdinary))
    .chain((definition) => values.object(definition, 2));
  return { codec: new TlCodec(schema), objects };
}

/** gramjs refuses a message whose number is 0, and no message of Telegram's has it. */
function holdsMessageZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(holdsMessageZero);
  if (!isRecord(value)) return false;
  const isMessage = value['_'] === 'message' || value['_'] === 'messageService' || value['_'] === 'messageEmpty';
  return (isMessage && value['id'] === 0) || Object.values(value).some(holdsMessageZero);
}

test('gramjs reads every byte of what is written for its layer', () => {
  const { codec, objects } = objectsOf(LAYER);
  fc.assert(
    fc.property(objects, (object) => {
      fc.pre(!holdsMessageZero(object));
      const bytes = Buffer.from(codec.encode(object));
      const reader = new BinaryReader(bytes);
      const { className } = reader.tgReadObject() as { className: string };
      expect(className.toLowerCase()).toBe(object._.toLowerCase());
      expect(reader.tellPosition()).toBe(bytes.length);
    }),
    { numRuns: 1000 },
  );
});

test('mtcute reads every byte of what is written for its layer', () => {
  const { codec, objects } = objectsOf(227);
  fc.assert(
    fc.property(objects, (object) => {
      const bytes = codec.encode(object);
      const reader = new TlBinaryReader(__tlReaderMap, bytes);
      expect(reader.object()).toMatchObject({ _: object._ });
      expect(reader.pos).toBe(bytes.length);
    }),
    { numRuns: 1000 },
  );
});
