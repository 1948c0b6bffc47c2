import { TlDecodeError } from './errors.ts';

const LONG_STRING_MARK = 254; // three bytes of length follow

/** A cursor over bytes. Every read throws TlDecodeError where the bytes end too early. */
export class TlReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next four bytes, unsigned, without moving on. */
  peek(): number {
    this.#need(4);
    return this.#bytes.readUInt32LE(this.#at);
  }

  int(): number {
    this.#need(4);
    const value = this.#bytes.readInt32LE(this.#at);
    this.#at += 4;
    return value;
  }

  uint(): number {
    return this.int() >>> 0;
  }

  long(): bigint {
    this.#need(8);
    const value = this.#bytes.readBigInt64LE(this.#at);
    this.#at += 8;
    return value;
  }

  double(): number {
    this.#need(8);
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  /** A copy, so that it outlives the packet. */
  raw(length: number): Uint8Array {
    this.#need(length);
    const value = Uint8Array.prototype.slice.call(this.#bytes, this.#at, this.#at + length);
    this.#at += length;
    return new Uint8Array(value.buffer, value.byteOffset, value.length);
  }

  rest(): Uint8Array {
    return this.raw(this.left);
  }

  string(): string {
    const [start, length] = this.#openString();
    return this.#bytes.toString('utf8', start, start + length);
  }

  bytes(): Uint8Array {
    const [start, length] = this.#openString();
    return new Uint8Array(this.#bytes.subarray(start, start + length));
  }

  /** Moves over a TL string and says where its content is. */
  #openString(): readonly [start: number, length: number] {
    this.#need(4);
    const first = this.#bytes.readUInt8(this.#at);
    if (first > LONG_STRING_MARK) throw new TlDecodeError('a string begins with 255');
    const isLong = first === LONG_STRING_MARK;
    const length = isLong ? this.#bytes.readUIntLE(this.#at + 1, 3) : first;
    const head = isLong ? 4 : 1;
    const whole = Math.ceil((head + length) / 4) * 4;
    this.#need(whole);
    const start = this.#at + head;
    this.#at += whole;
    return [start, length];
  }

  #need(length: number): void {
    if (length < 0 || this.left < length) throw new TlDecodeError('the bytes end too early');
  }
}
