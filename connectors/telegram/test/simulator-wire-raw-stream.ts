import type { Cipher, Decipher } from 'node:crypto';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { systemRandom } from '../../../src/core/random.ts';
import type { Framing, FramingName } from '../simulator/wire/framing.ts';
import { createFraming } from '../simulator/wire/framing.ts';

const TAGS: Readonly<Record<FramingName, Buffer>> = {
  abridged: Buffer.from('ef', 'hex'),
  intermediate: Buffer.from('eeeeeeee', 'hex'),
  padded: Buffer.from('dddddddd', 'hex'),
  full: Buffer.alloc(0),
};

/** A client's side of a byte stream, framed and obfuscated as it likes. */
export class RawStream {
  /** What a client says first. */
  readonly head: Buffer;
  readonly #framing: Framing;
  readonly #ciphers: { readonly outgoing: Cipher; readonly incoming: Decipher } | undefined;
  #stream: Buffer = Buffer.alloc(0);

  constructor(framing: FramingName, isObfuscated: boolean) {
    this.#framing = createFraming(framing, systemRandom);
    const tag = TAGS[framing];
    this.head = tag;
    if (!isObfuscated) return;
    const head = Buffer.from(systemRandom.bytes(64));
    head.writeUInt32LE(0x01010101, 0); // what no framing begins with
    head.writeUInt32LE(0x01010101, 4);
    head.set(tag.length === 1 ? Buffer.alloc(4, tag) : tag, 56);
    const reversed = Buffer.from(head.subarray(8, 56)).reverse();
    const outgoing = createCipheriv('aes-256-ctr', head.subarray(8, 40), head.subarray(40, 56));
    const incoming = createDecipheriv('aes-256-ctr', reversed.subarray(0, 32), reversed.subarray(32, 48));
    this.#ciphers = { outgoing, incoming };
    this.head = Buffer.concat([head.subarray(0, 56), outgoing.update(head).subarray(56)]);
  }

  wrap(payload: Uint8Array): Uint8Array {
    const framed = this.#framing.wrap(payload);
    return this.#ciphers?.outgoing.update(framed) ?? framed;
  }

  /** The packets that the bytes complete. */
  push(chunk: Buffer): Buffer[] {
    this.#stream = Buffer.concat([this.#stream, this.#ciphers?.incoming.update(chunk) ?? chunk]);
    const packets: Buffer[] = [];
    for (let frame = this.#framing.next(this.#stream); frame !== undefined; frame = this.#framing.next(this.#stream)) {
      this.#stream = this.#stream.subarray(frame.size);
      packets.push(frame.payload);
    }
    return packets;
  }

  withoutPadding(packet: Buffer): Buffer {
    const padding = this.#framing.name === 'padded' ? (packet.length - 24) % 16 : 0;
    return packet.subarray(0, packet.length - padding);
  }
}
