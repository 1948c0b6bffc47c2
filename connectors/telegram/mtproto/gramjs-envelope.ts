import { createHash } from 'node:crypto';
import { IGE } from 'telegram/crypto/IGE.js';
import type { Random } from '../../../src/core/random.ts';

/** What stands in every message of MTProto 2.0 before its body. */
export interface MessageHead {
  readonly salt: bigint;
  readonly sessionId: bigint;
  readonly id: bigint;
  readonly seqNo: number;
}

export interface OpenedMessage extends MessageHead {
  readonly body: Buffer;
}

const HEAD_BYTES = 32;
const KEY_ID_BYTES = 8;
const MESSAGE_KEY_BYTES = 16;
const LEAST_PADDING_BYTES = 12;
const MOST_PADDING_BYTES = 1024;
/** Where in the auth key the keys of a message begin (https://core.telegram.org/mtproto/description). */
const TO_SERVER = 0;
const FROM_SERVER = 8;

/** A packet that does not prove itself. The text holds no content. */
export class EnvelopeBroken extends Error {
  constructor(detail: string) {
    super(detail);
    this.name = 'EnvelopeBroken';
  }
}

/**
 * Encrypts and decrypts the packets of one auth key (MTProto 2.0). Length, key and padding are checked here, as the security guidelines ask;
 * the session id is the session's to check.
 */
export class GramjsEnvelope {
  readonly #authKey: Buffer;
  readonly #keyId: Buffer;
  readonly #random: Random;

  constructor(options: { readonly authKey: Uint8Array; readonly random: Random }) {
    this.#authKey = Buffer.from(options.authKey);
    this.#keyId = sha('sha1', this.#authKey).subarray(12, 20);
    this.#random = options.random;
  }

  seal(head: MessageHead, body: Uint8Array): Buffer {
    const fixed = Buffer.alloc(HEAD_BYTES);
    fixed.writeBigInt64LE(head.salt, 0);
    fixed.writeBigInt64LE(head.sessionId, 8);
    fixed.writeBigInt64LE(head.id, 16);
    fixed.writeInt32LE(head.seqNo, 24);
    fixed.writeInt32LE(body.length, 28);
    const toBlock = -(HEAD_BYTES + body.length + LEAST_PADDING_BYTES) & 15;
    const padding = this.#random.bytes(LEAST_PADDING_BYTES + toBlock);
    const plain = Buffer.concat([fixed, body, padding]);
    const messageKey = this.#messageKey(plain, TO_SERVER);
    return Buffer.concat([this.#keyId, messageKey, this.#cipher(messageKey, TO_SERVER).encryptIge(plain)]);
  }

  /** Throws EnvelopeBroken. */
  open(packet: Buffer): OpenedMessage {
    const begin = KEY_ID_BYTES + MESSAGE_KEY_BYTES;
    if (packet.length < begin + HEAD_BYTES + LEAST_PADDING_BYTES || (packet.length - begin) % 16 !== 0)
      throw new EnvelopeBroken('a packet of an impossible length');
    if (!packet.subarray(0, KEY_ID_BYTES).equals(this.#keyId)) throw new EnvelopeBroken('a packet of another key');
    const messageKey = packet.subarray(KEY_ID_BYTES, begin);
    const plain = this.#cipher(messageKey, FROM_SERVER).decryptIge(packet.subarray(begin));
    if (!this.#messageKey(plain, FROM_SERVER).equals(messageKey)) throw new EnvelopeBroken('a packet with a wrong key');
    const length = plain.readInt32LE(28);
    const padding = plain.length - HEAD_BYTES - length;
    if (length < 4 || length % 4 !== 0 || padding < LEAST_PADDING_BYTES || padding > MOST_PADDING_BYTES)
      throw new EnvelopeBroken('a packet with wrong padding');
    return {
      salt: plain.readBigInt64LE(0),
      sessionId: plain.readBigInt64LE(8),
      id: plain.readBigInt64LE(16),
      seqNo: plain.readInt32LE(24),
      body: plain.subarray(HEAD_BYTES, HEAD_BYTES + length),
    };
  }

  #messageKey(plain: Buffer, direction: number): Buffer {
    return sha('sha256', this.#authKey.subarray(88 + direction, 120 + direction), plain).subarray(8, 24);
  }

  #cipher(messageKey: Buffer, direction: number): IGE {
    const a = sha('sha256', messageKey, this.#authKey.subarray(direction, direction + 36));
    const b = sha('sha256', this.#authKey.subarray(40 + direction, 76 + direction), messageKey);
    const key = Buffer.concat([a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32)]);
    const vector = Buffer.concat([b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32)]);
    return new IGE(key, vector);
  }
}

function sha(name: 'sha1' | 'sha256', ...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return hash.digest();
}
