import { NOISE_HEADER } from './noise.ts';

const LENGTH_BYTES = 3;
const ROUTING_PREFIX = Buffer.from('ED\0\x01', 'latin1'); // a client that was told an edge puts its routing info first

/** Cuts a client's byte stream into frames; the intro header, sent once, is checked and taken off. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #introSeen = false;

  /** The whole frames that are complete now. Throws on bytes that are not this protocol. */
  push(bytes: Uint8Array): Uint8Array[] {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    if (!this.#introSeen && !this.#takeIntro()) return [];
    const frames: Uint8Array[] = [];
    while (this.#rest.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + this.#rest.readUIntBE(0, LENGTH_BYTES);
      if (this.#rest.length < end) break;
      frames.push(this.#rest.subarray(LENGTH_BYTES, end));
      this.#rest = this.#rest.subarray(end);
    }
    return frames;
  }

  #takeIntro(): boolean {
    const start = this.#introStart();
    if (start === undefined || this.#rest.length < start + NOISE_HEADER.length) return false;
    const end = start + NOISE_HEADER.length;
    if (!this.#rest.subarray(start, end).equals(NOISE_HEADER)) {
      throw new Error('the stream does not begin with the Noise header');
    }
    this.#rest = this.#rest.subarray(end);
    this.#introSeen = true;
    return true;
  }

  /** Behind the routing information, if the stream begins with it; undefined while that cannot be told. */
  #introStart(): number | undefined {
    if (this.#rest[0] !== ROUTING_PREFIX[0]) return 0;
    const head = ROUTING_PREFIX.length + LENGTH_BYTES;
    return this.#rest.length < head ? undefined : head + this.#rest.readUIntBE(ROUTING_PREFIX.length, LENGTH_BYTES);
  }
}

/** One frame for the wire. */
export function writeFrame(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUIntBE(payload.length, 0, LENGTH_BYTES);
  return Buffer.concat([length, payload]);
}
