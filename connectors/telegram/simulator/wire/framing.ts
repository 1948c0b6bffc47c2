import { crc32 } from 'node:zlib';
import type { Random } from '../../../../src/core/random.ts';

/*
 * How packets are cut out of a TCP stream (https://core.telegram.org/mtproto/mtproto-transports). A server never announces its
 * framing: it answers in the client's.
 */

export type FramingName = 'abridged' | 'intermediate' | 'padded' | 'full';

/** A stream that is no MTProto transport, or breaks its rules. */
export class FramingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FramingError';
  }
}

export interface Frame {
  readonly payload: Buffer;
  /** Bytes of the stream that it took. */
  readonly size: number;
}

export interface Framing {
  readonly name: FramingName;
  /** The first whole packet of `stream`, or nothing while it is not all there. Throws FramingError. */
  next(stream: Buffer): Frame | undefined;
  wrap(payload: Uint8Array): Buffer;
}

/** Longer than any message a client may send (1 MiB and its envelope). */
const LARGEST_PACKET_BYTES = 2 * 1024 * 1024;
const SMALLEST_FULL_BYTES = 12;
const LONG_LENGTH = 0x7f; // three bytes of length follow
const QUICK_ACK_BIT = 0x80;
const LARGEST_PADDING_BYTES = 15;

function checked(length: number, isPossible = true): number {
  if (!isPossible || length === 0 || length > LARGEST_PACKET_BYTES)
    throw new FramingError('a packet has an impossible length');
  return length;
}

function cut(stream: Buffer, start: number, length: number, size = start + length): Frame | undefined {
  return stream.length < size ? undefined : { payload: stream.subarray(start, start + length), size };
}

const abridged: Framing = {
  name: 'abridged',
  next(stream) {
    const first = stream[0];
    if (first === undefined) return undefined;
    if ((first & QUICK_ACK_BIT) !== 0) throw new FramingError('a packet asks for a quick acknowledgement');
    if (first !== LONG_LENGTH) return cut(stream, 1, checked(first * 4));
    return stream.length < 4 ? undefined : cut(stream, 4, checked(stream.readUIntLE(1, 3) * 4));
  },
  wrap(payload) {
    const words = payload.length / 4;
    if (words < LONG_LENGTH) return Buffer.concat([Buffer.from([words]), payload]);
    const head = Buffer.from([LONG_LENGTH, 0, 0, 0]);
    head.writeUIntLE(words, 1, 3);
    return Buffer.concat([head, payload]);
  },
};

function lengthFirst(name: FramingName, padding: () => Uint8Array): Framing {
  return {
    name,
    next(stream) {
      if (stream.length < 4) return undefined;
      const length = stream.readUInt32LE(0);
      return cut(stream, 4, checked(length, name === 'padded' || length % 4 === 0));
    },
    wrap(payload) {
      const tail = padding();
      const head = Buffer.alloc(4);
      head.writeUInt32LE(payload.length + tail.length);
      return Buffer.concat([head, payload, tail]);
    },
  };
}

/** Has a state: both sides number their packets. */
function full(): Framing {
  let received = 0;
  let sent = 0;
  return {
    name: 'full',
    next(stream) {
      if (stream.length < 4) return undefined;
      const size = checked(stream.readUInt32LE(0));
      if (size < SMALLEST_FULL_BYTES || size % 4 !== 0) throw new FramingError('a packet has an impossible length');
      if (stream.length < size) return undefined;
      if (stream.readUInt32LE(size - 4) !== crc32(stream.subarray(0, size - 4)))
        throw new FramingError('a packet has a wrong checksum');
      if (stream.readUInt32LE(4) !== received) throw new FramingError('a packet has a wrong number');
      received += 1;
      return cut(stream, 8, size - SMALLEST_FULL_BYTES, size);
    },
    wrap(payload) {
      const packet = Buffer.alloc(payload.length + SMALLEST_FULL_BYTES);
      packet.writeUInt32LE(packet.length, 0);
      packet.writeUInt32LE(sent, 4);
      packet.set(payload, 8);
      packet.writeUInt32LE(crc32(packet.subarray(0, -4)), packet.length - 4);
      sent += 1;
      return packet;
    },
  };
}

export function createFraming(name: FramingName, random: Random): Framing {
  switch (name) {
    case 'abridged':
      return abridged;
    case 'intermediate':
      return lengthFirst(name, () => new Uint8Array(0));
    case 'padded':
      return lengthFirst(name, () => random.bytes(Math.floor(random.next() * (LARGEST_PADDING_BYTES + 1))));
    case 'full':
      return full();
  }
}
