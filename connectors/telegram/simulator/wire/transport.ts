import type { Cipher, Decipher } from 'node:crypto';
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Random } from '../../../../src/core/random.ts';
import type { Framing, FramingName } from './framing.ts';
import { createFraming, FramingError } from './framing.ts';

const OBFUSCATED_HEAD_BYTES = 64;
const LONGEST_TAG_BYTES = 8; // what tells every plain framing from an obfuscated head

/** One client's byte stream: finds out how it is framed by its first bytes, then takes packets out and puts packets in. */
export class Transport {
  readonly #random: Random;
  #stream: Buffer = Buffer.alloc(0);
  #framing: Framing | undefined;
  #ciphers: { readonly incoming: Decipher; readonly outgoing: Cipher } | undefined;

  constructor(deps: { random: Random }) {
    this.#random = deps.random;
  }

  /** `obfuscated abridged` and the like, or nothing before it is known. */
  get name(): string | undefined {
    if (this.#framing === undefined) return undefined;
    return this.#ciphers === undefined ? this.#framing.name : `obfuscated ${this.#framing.name}`;
  }

  /** The packets that `chunk` completes. Throws FramingError, after which the stream is of no use. */
  push(chunk: Buffer): Buffer[] {
    const readable = this.#ciphers === undefined ? chunk : this.#ciphers.incoming.update(chunk);
    this.#stream = this.#stream.length === 0 ? readable : Buffer.concat([this.#stream, readable]);
    this.#framing ??= this.#sniff();
    const packets: Buffer[] = [];
    for (
      let frame = this.#framing?.next(this.#stream);
      frame !== undefined;
      frame = this.#framing?.next(this.#stream)
    ) {
      packets.push(frame.payload);
      this.#stream = this.#stream.subarray(frame.size);
    }
    return packets;
  }

  /** The bytes of one packet. Nothing can be sent before the client spoke. */
  wrap(payload: Uint8Array): Buffer | undefined {
    const framed = this.#framing?.wrap(payload);
    return framed === undefined ? undefined : (this.#ciphers?.outgoing.update(framed) ?? framed);
  }

  /** The bytes of a transport error: a packet that is nothing but `code`. */
  wrapError(code: number): Buffer | undefined {
    const payload = Buffer.alloc(4);
    payload.writeInt32LE(code);
    return this.wrap(payload);
  }

  #sniff(): Framing | undefined {
    const stream = this.#stream;
    const name = plainName(stream);
    if (name !== undefined) {
      this.#stream = stream.subarray(name === 'abridged' ? 1 : name === 'full' ? 0 : 4);
      return createFraming(name, this.#random);
    }
    if (stream.length < OBFUSCATED_HEAD_BYTES) return undefined;
    return this.#openObfuscated(stream);
  }

  /** obfuscated2: keys, counters and the framing inside come from the first 64 bytes; the answers use them reversed. */
  #openObfuscated(stream: Buffer): Framing {
    const head = stream.subarray(0, OBFUSCATED_HEAD_BYTES);
    const reversed = Buffer.from(head.subarray(8, 56)).reverse();
    const incoming = createDecipheriv('aes-256-ctr', head.subarray(8, 40), head.subarray(40, 56));
    const outgoing = createCipheriv('aes-256-ctr', reversed.subarray(0, 32), reversed.subarray(32, 48));
    const tag = incoming.update(head).subarray(56, 60);
    const name = plainName(Buffer.concat([tag, Buffer.from([1, 1, 1, 1])]));
    if (name === undefined || (name === 'abridged' && tag.readUInt32LE(0) !== 0xefefefef))
      throw new FramingError('the stream is no MTProto transport');
    this.#ciphers = { incoming, outgoing };
    this.#stream = incoming.update(stream.subarray(OBFUSCATED_HEAD_BYTES));
    return createFraming(name, this.#random);
  }
}

/** The framing that the first bytes announce without disguise. */
function plainName(stream: Buffer): FramingName | undefined {
  if (stream[0] === 0xef) return 'abridged';
  if (stream.length < 4) return undefined;
  const word = stream.readUInt32LE(0);
  if (word === 0xeeeeeeee) return 'intermediate';
  if (word === 0xdddddddd) return 'padded';
  return stream.length >= LONGEST_TAG_BYTES && stream.readUInt32LE(4) === 0 ? 'full' : undefined;
}
