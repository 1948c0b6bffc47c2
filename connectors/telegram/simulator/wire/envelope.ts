import type { Random } from '../../../../src/core/random.ts';
import { isEqual, sha256 } from './bytes.ts';
import { igeDecrypt, igeEncrypt } from './ige.ts';

/*
 * The encrypted envelope of MTProto 2.0 (https://core.telegram.org/mtproto/description):
 * key id (8) + msg_key (16) + IGE(salt, session id, msg id, seqno, length, body, 12–1024 bytes of padding).
 */

/** One message, as it stands in an envelope or in a container. */
export interface Message {
  readonly msgId: bigint;
  readonly seqno: number;
  readonly body: Uint8Array;
}

export interface Envelope extends Message {
  readonly salt: bigint;
  /** The 8 bytes as a signed long. */
  readonly sessionId: bigint;
}

export type Sender = 'client' | 'server';

/** What is wrong with an envelope, without secrets. */
export class EnvelopeError extends Error {
  readonly code: 'bad_length' | 'bad_msg_key' | 'bad_padding';

  constructor(code: EnvelopeError['code'], message: string) {
    super(message);
    this.name = 'EnvelopeError';
    this.code = code;
  }
}

const HEAD_BYTES = 24; // key id and msg_key
const PLAIN_HEAD_BYTES = 32;
const LEAST_PADDING_BYTES = 12;
const MOST_PADDING_BYTES = 1024;
const BLOCK_BYTES = 16;

/** Throws EnvelopeError. `from` says whose envelope it is. */
export function openEnvelope(key: Uint8Array, packet: Uint8Array, from: Sender): Envelope {
  const sealedBytes = packet.length - HEAD_BYTES;
  if (sealedBytes < PLAIN_HEAD_BYTES || sealedBytes % BLOCK_BYTES !== 0)
    throw new EnvelopeError('bad_length', 'an encrypted packet has an impossible length');
  const msgKey = packet.subarray(8, HEAD_BYTES);
  const { aesKey, iv } = keysOf(key, msgKey, from);
  const plain = igeDecrypt(aesKey, iv, packet.subarray(HEAD_BYTES));
  if (!isEqual(msgKeyOf(key, plain, from), msgKey))
    throw new EnvelopeError('bad_msg_key', 'the msg_key is not that of the content');
  const length = plain.readInt32LE(28);
  const padding = plain.length - PLAIN_HEAD_BYTES - length;
  if (length < 0 || length % 4 !== 0 || padding < LEAST_PADDING_BYTES || padding > MOST_PADDING_BYTES)
    throw new EnvelopeError('bad_padding', 'length and padding do not fit the packet');
  return {
    salt: plain.readBigInt64LE(0),
    sessionId: plain.readBigInt64LE(8),
    msgId: plain.readBigInt64LE(16),
    seqno: plain.readInt32LE(24),
    body: plain.subarray(PLAIN_HEAD_BYTES, PLAIN_HEAD_BYTES + length),
  };
}

export function sealEnvelope(
  key: { readonly id: Uint8Array; readonly bytes: Uint8Array },
  envelope: Envelope,
  deps: { readonly from: Sender; readonly random: Random },
): Buffer {
  const head = Buffer.alloc(PLAIN_HEAD_BYTES);
  head.writeBigInt64LE(envelope.salt, 0);
  head.writeBigInt64LE(envelope.sessionId, 8);
  head.writeBigInt64LE(envelope.msgId, 16);
  head.writeInt32LE(envelope.seqno, 24);
  head.writeInt32LE(envelope.body.length, 28);
  const filled = PLAIN_HEAD_BYTES + envelope.body.length + LEAST_PADDING_BYTES;
  const padding = LEAST_PADDING_BYTES + ((BLOCK_BYTES - (filled % BLOCK_BYTES)) % BLOCK_BYTES);
  const plain = Buffer.concat([head, envelope.body, deps.random.bytes(padding)]);
  const msgKey = msgKeyOf(key.bytes, plain, deps.from);
  const { aesKey, iv } = keysOf(key.bytes, msgKey, deps.from);
  return Buffer.concat([key.id, msgKey, igeEncrypt(aesKey, iv, plain)]);
}

function msgKeyOf(key: Uint8Array, plain: Uint8Array, from: Sender): Buffer {
  const start = from === 'client' ? 88 : 96;
  return sha256(key.subarray(start, start + 32), plain).subarray(8, 24);
}

function keysOf(key: Uint8Array, msgKey: Uint8Array, from: Sender): { readonly aesKey: Buffer; readonly iv: Buffer } {
  const x = from === 'client' ? 0 : 8;
  const a = sha256(msgKey, key.subarray(x, x + 36));
  const b = sha256(key.subarray(40 + x, 76 + x), msgKey);
  return {
    aesKey: Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]),
    iv: Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]),
  };
}
