const FIRST_BYTES = 512;
const SHORT_STRING_LIMIT = 254;

/** Bytes that grow at their end. */
export class TlWriter {
  #bytes = Buffer.allocUnsafe(FIRST_BYTES);
  #at = 0;

  int(value: number): void {
    this.#room(4);
    this.#bytes.writeInt32LE(value, this.#at);
    this.#at += 4;
  }

  uint(value: number): void {
    this.#room(4);
    this.#bytes.writeUInt32LE(value, this.#at);
    this.#at += 4;
  }

  long(value: bigint): void {
    this.#room(8);
    this.#bytes.writeBigInt64LE(value, this.#at);
    this.#at += 8;
  }

  double(value: number): void {
    this.#room(8);
    this.#bytes.writeDoubleLE(value, this.#at);
    this.#at += 8;
  }

  raw(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  string(value: string): void {
    this.bytes(Buffer.from(value, 'utf8'));
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length + 8);
    const start = this.#at;
    if (value.length < SHORT_STRING_LIMIT) {
      this.#bytes[this.#at] = value.length;
      this.#at += 1;
    } else {
      this.#bytes[this.#at] = SHORT_STRING_LIMIT;
      this.#bytes.writeUIntLE(value.length, this.#at + 1, 3);
      this.#at += 4;
    }
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    while ((this.#at - start) % 4 !== 0) {
      this.#bytes[this.#at] = 0;
      this.#at += 1;
    }
  }

  /** Everything that was written, as a copy. */
  finish(): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(0, this.#at));
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#at + length));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
