import { gunzipSync } from 'node:zlib';
import type { TlObject, TlValue } from '../tl.ts';
import type { GramjsSchema, TlClass, TlField } from './gramjs-schema.ts';

const VECTOR_ID = 0x1cb5c415;
const TRUE_ID = 0x997275b5;
const FALSE_ID = 0xbc799737;
const GZIP_PACKED_ID = 0x3072cfa1;
/** Above anything that Telegram packs (a whole part of a file is 1 MiB). */
const LARGEST_UNPACKED_BYTES = 64 * 1024 * 1024;

/** Bytes that are no value of the schema. The text holds no content. */
export class TlUnreadable extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'TlUnreadable';
  }
}

/**
 * Reads bytes as neutral values, by the library's schema. The library's own reader is not used for what a server sends: an unknown
 * constructor inside a vector breaks that vector's type for the whole process, and a message with id 0 throws.
 */
export class GramjsReader {
  readonly #schema: GramjsSchema;
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(schema: GramjsSchema, bytes: Buffer) {
    this.#schema = schema;
    this.#bytes = bytes;
  }

  /** The answer of `method`. */
  answer(method: TlClass): TlValue {
    const item = /^Vector<(.+)>$/.exec(method.result)?.[1];
    return item === undefined ? this.boxed() : this.#vector(item, 'boxed');
  }

  /** Whatever comes next, with its constructor id. */
  boxed(): TlValue {
    const id = this.uint();
    if (id === TRUE_ID) return true;
    if (id === FALSE_ID) return false;
    if (id === VECTOR_ID) return this.#items('Object');
    if (id === GZIP_PACKED_ID) {
      this.#offset -= 4;
      return new GramjsReader(this.#schema, this.unpacked()).boxed();
    }
    const found = this.#schema.byId.get(id);
    if (found === undefined) throw new TlUnreadable(`unknown constructor ${id.toString(16).padStart(8, '0')}`);
    return this.#fields(found);
  }

  uint(): number {
    return this.#take(4).readUInt32LE(0);
  }

  int(): number {
    return this.#take(4).readInt32LE(0);
  }

  long(): bigint {
    return this.#take(8).readBigInt64LE(0);
  }

  /** The next bytes as they are; a view. */
  raw(length: number): Buffer {
    return this.#take(length);
  }

  rest(): Buffer {
    return this.#take(this.#bytes.length - this.#offset);
  }

  #fields(found: TlClass): TlObject {
    const value: { _: string; [field: string]: TlValue } = { _: found.name };
    const words: Record<string, number> = {};
    for (const field of found.fields) {
      if (field.isFlags) words[field.libraryName] = this.uint();
      else if (field.flag === undefined || ((words[field.flag.word] ?? 0) & field.flag.mask) !== 0)
        value[field.name] = this.#field(field);
    }
    return value;
  }

  #field({ type, vector }: TlField): TlValue {
    return vector === undefined ? this.#one(type) : this.#vector(type, vector);
  }

  #vector(type: string, form: 'boxed' | 'bare'): TlValue {
    if (form === 'boxed' && this.uint() !== VECTOR_ID) throw new TlUnreadable('a vector was expected');
    return this.#items(type);
  }

  #items(type: string): TlValue[] {
    const count = this.int();
    // No item is shorter than four bytes: a larger count is not true, and would only cost memory.
    if (count < 0 || count * 4 > this.#bytes.length - this.#offset) throw new TlUnreadable('a vector is cut off');
    return Array.from({ length: count }, () => this.#one(type));
  }

  #one(type: string): TlValue {
    switch (type) {
      case 'int':
        return this.int();
      case 'long':
        return this.long();
      case 'double':
        return this.#take(8).readDoubleLE(0);
      case 'string':
        return this.#text().toString('utf8');
      case 'bytes':
        return new Uint8Array(this.#text()); // a copy, for a view would keep the whole packet
      case 'int128':
        return new Uint8Array(this.#take(16));
      case 'int256':
        return new Uint8Array(this.#take(32));
      case 'true':
        return true;
      case 'FutureSalt': {
        const bare = this.#schema.byName.get('futureSalt'); // the one type that stands bare
        if (bare === undefined) throw new TlUnreadable('no future salts in the schema');
        return this.#fields(bare);
      }
      default:
        return this.boxed();
    }
  }

  #text(): Buffer {
    const first = this.#take(1).readUInt8(0);
    const length = first === 254 ? this.#take(3).readUIntLE(0, 3) : first;
    const text = this.#take(length);
    this.#take(-(length + (first === 254 ? 0 : 1)) & 3); // padding
    return text;
  }

  /** The bytes themselves, or what `gzip_packed` holds. */
  unpacked(): Buffer {
    if (this.#peek() !== GZIP_PACKED_ID) return this.rest();
    this.uint();
    try {
      return gunzipSync(this.#text(), { maxOutputLength: LARGEST_UNPACKED_BYTES });
    } catch (error) {
      throw error instanceof TlUnreadable ? error : new TlUnreadable('packed data cannot be unpacked');
    }
  }

  #peek(): number {
    const id = this.uint();
    this.#offset -= 4;
    return id;
  }

  #take(length: number): Buffer {
    const end = this.#offset + length;
    if (length < 0 || end > this.#bytes.length) throw new TlUnreadable('the data is cut off');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}
