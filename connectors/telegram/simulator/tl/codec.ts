import type { TlObject, TlValue } from '../../tl.ts';
import { TlDecodeError, TlEncodeError } from './errors.ts';
import type { ValueCodec } from './primitives.ts';
import { primitives } from './primitives.ts';
import { TlReader } from './reader.ts';
import type { TlDefinition, TlSchema, TlType } from './schema.ts';
import { Shape } from './shape.ts';
import { TlWriter } from './writer.ts';

const VECTOR_ID = 0x1cb5c415;
const SMALLEST_ITEM_BYTES = 4; // everything in TL takes at least one word: a larger count is a lie

/** Whether any known layer has this field, so that one value can be written for several. */
export type FieldCheck = (constructor: string, field: string) => boolean;

/** Reads and writes one layer. Shapes are made when they are first needed. */
export class TlCodec {
  readonly layer: number;
  readonly #definitions = new Map<number, TlDefinition>();
  readonly #constructors = new Map<string, TlDefinition>();
  readonly #methods = new Map<string, TlDefinition>();
  readonly #byType = new Map<string, TlDefinition[]>();
  readonly #shapes = new Map<number, Shape>();
  readonly #codecs = new Map<string, ValueCodec>();
  readonly #isKnownField: FieldCheck;

  constructor(schema: TlSchema, isKnownField: FieldCheck = () => false) {
    this.layer = schema.layer;
    this.#isKnownField = isKnownField;
    for (const definition of schema.definitions) {
      this.#definitions.set(definition.id, definition);
      (definition.isMethod ? this.#methods : this.#constructors).set(definition.name, definition);
      if (definition.isMethod) continue;
      const family = this.#byType.get(definition.resultName);
      if (family === undefined) this.#byType.set(definition.resultName, [definition]);
      else family.push(definition);
    }
  }

  hasConstructor(name: string): boolean {
    return this.#constructors.has(name);
  }

  hasMethod(name: string): boolean {
    return this.#methods.has(name);
  }

  /** A constructor with its id. Throws TlEncodeError. */
  encode(value: TlObject): Uint8Array {
    const writer = new TlWriter();
    this.#writeObject(writer, value, this.#constructors.get(value._), `layer ${this.layer}`);
    return writer.finish();
  }

  /** A method with its id. Throws TlEncodeError. */
  encodeCall(call: TlObject): Uint8Array {
    const writer = new TlWriter();
    this.#writeObject(writer, call, this.#methods.get(call._), `layer ${this.layer}`);
    return writer.finish();
  }

  /** What `method` answers: often an object, but also a `Bool`, a bare number or a vector. Throws TlEncodeError. */
  encodeAnswer(method: string, value: TlValue): Uint8Array {
    const definition = this.#methods.get(method);
    if (definition === undefined) throw new TlEncodeError(`layer ${this.layer} has no method ${method}`);
    const writer = new TlWriter();
    this.#codecOf(definition.result).write(writer, value, `the answer of ${method}`);
    return writer.finish();
  }

  /** Throws TlDecodeError, also where bytes are left over. */
  decode(bytes: Uint8Array): TlObject {
    const reader = new TlReader(bytes);
    const value = this.#readObject(reader, false);
    if (reader.left > 0) throw new TlDecodeError(`${reader.left} bytes follow ${value._}`);
    return value;
  }

  /** A constructor that may be followed by something else. Throws TlDecodeError. */
  decodePrefix(reader: TlReader): TlObject {
    return this.#readObject(reader, false);
  }

  /** A method call, and how many bytes were left behind it. Throws TlDecodeError. */
  decodeCall(bytes: Uint8Array): { readonly call: TlObject; readonly trailingBytes: number } {
    const reader = new TlReader(bytes);
    const call = this.#readObject(reader, true);
    return { call, trailingBytes: reader.left };
  }

  decodeAnswer(method: string, bytes: Uint8Array): TlValue {
    const definition = this.#methods.get(method);
    if (definition === undefined) throw new TlDecodeError(`layer ${this.layer} has no method ${method}`);
    return this.#codecOf(definition.result).read(new TlReader(bytes));
  }

  #readObject(reader: TlReader, isMethod: boolean, type?: string): TlObject {
    const id = reader.uint();
    const definition = this.#definitions.get(id);
    if (definition?.isMethod !== isMethod)
      throw new TlDecodeError(`layer ${this.layer} does not know ${id.toString(16)} here`, id);
    if (type !== undefined && definition.resultName !== type)
      throw new TlDecodeError(`${definition.name} stands where ${type} belongs`);
    return this.#shapeOf(definition).read(reader);
  }

  #writeObject(writer: TlWriter, value: TlObject, definition: TlDefinition | undefined, where: string): void {
    if (definition === undefined) throw new TlEncodeError(`${where}: layer ${this.layer} does not know ${value._}`);
    const shape = this.#shapeOf(definition);
    for (const field of Object.keys(value))
      if (field !== '_' && !shape.fieldNames.has(field) && !this.#isKnownField(value._, field))
        throw new TlEncodeError(`${value._} has no field ${field} in any layer`);
    writer.uint(definition.id);
    shape.write(writer, value);
  }

  #shapeOf(definition: TlDefinition): Shape {
    const known = this.#shapes.get(definition.id);
    if (known !== undefined) return known;
    const made = new Shape(definition, ({ type }) => this.#codecOf(type));
    this.#shapes.set(definition.id, made);
    return made;
  }

  #codecOf(type: TlType): ValueCodec {
    switch (type.kind) {
      case 'vector':
        return this.#kept(`${type.isBare ? 'v' : 'V'}:${JSON.stringify(type.item)}`, () => this.#vector(type));
      case 'boxed':
        return this.#kept(type.type, () => this.#boxed(type.type));
      case 'bare':
        return this.#kept(`%${type.name}`, () => this.#bare(type.name));
      case 'flags':
        throw new TlEncodeError('flags are no value');
      default:
        return primitives[type.kind];
    }
  }

  #kept(key: string, make: () => ValueCodec): ValueCodec {
    const known = this.#codecs.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#codecs.set(key, made);
    return made;
  }

  #vector({ item, isBare }: { readonly item: TlType; readonly isBare: boolean }): ValueCodec {
    const codec = this.#codecOf(item);
    return {
      read: (reader) => {
        if (!isBare && reader.uint() !== VECTOR_ID) throw new TlDecodeError('a vector has no vector id');
        const count = reader.uint();
        if (count > reader.left / SMALLEST_ITEM_BYTES) throw new TlDecodeError('a vector is longer than its bytes');
        return Array.from({ length: count }, () => codec.read(reader));
      },
      write: (writer, value = [], where) => {
        if (!isList(value)) throw new TlEncodeError(`${where} must be a list`);
        if (!isBare) writer.uint(VECTOR_ID);
        writer.uint(value.length);
        for (const entry of value) codec.write(writer, entry, where);
      },
    };
  }

  #boxed(type: string): ValueCodec {
    return {
      read: (reader) => this.#readObject(reader, false, type),
      write: (writer, value, where) => {
        const object = value ?? { _: this.#emptyOf(type, where) };
        if (!isObject(object)) throw new TlEncodeError(`${where} must be an object of ${type}`);
        const definition = this.#constructors.get(object._);
        if (definition !== undefined && definition.resultName !== type)
          throw new TlEncodeError(`${where}: ${object._} is no ${type}`);
        this.#writeObject(writer, object, definition, where);
      },
    };
  }

  #bare(name: string): ValueCodec {
    const definition = this.#constructors.get(name);
    if (definition === undefined) throw new TlEncodeError(`layer ${this.layer} has no constructor ${name}`);
    return {
      read: (reader) => this.#shapeOf(definition).read(reader),
      write: (writer, value, where) => {
        if (!isObject(value)) throw new TlEncodeError(`${where} must be a ${name}`);
        this.#shapeOf(definition).write(writer, value);
      },
    };
  }

  /** The constructor that says "nothing": one that asks for no field, best one that is named so. */
  #emptyOf(type: string, where: string): string {
    const candidates = (this.#byType.get(type) ?? []).filter(({ params }) =>
      params.every(({ type: field, condition }) => field.kind === 'flags' || condition !== undefined),
    );
    const found = candidates.find(({ name }) => /(?:Empty|None|Unknown)$/.test(name)) ?? candidates[0];
    if (found === undefined) throw new TlEncodeError(`${where} is missing, and ${type} has no empty value`);
    return found.name;
  }
}

function isObject(value: TlValue | undefined): value is TlObject {
  return typeof value === 'object' && !isList(value) && !(value instanceof Uint8Array);
}

function isList(value: TlValue | undefined): value is readonly TlValue[] {
  return Array.isArray(value);
}
