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
    const offset = this.#routingBytes();
    if (this.#rest.length < offset + NOISE_HEADER.length) return false;
    if (!this.#rest.subarray(offset, offset + NOISE_HEADER.length).equals(NOISE_HEADER)) {
      throw new Error('the stream does not begin with the Noise header');
    }
    this.#rest = this.#rest.subarray(offset + NOISE_HEADER.length);
    this.#introSeen = true;
    return true;
  }

  #routingBytes(): number {
    const head = ROUTING_PREFIX.length + LENGTH_BYTES;
    if (this.#rest.length < head || !this.#rest.subarray(0, 2).equals(ROUTING_PREFIX.subarray(0, 2))) return 0;
    return head + this.#rest.readUIntBE(ROUTING_PREFIX.length, LENGTH_BYTES);
  }
}

/** One frame for the wire. */
export function writeFrame(payload: Uint8Array): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUIntBE(payload.length, 0, LENGTH_BYTES);
  return Buffer.concat([length, payload]);
}
