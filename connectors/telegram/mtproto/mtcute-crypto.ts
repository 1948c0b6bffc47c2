import { NodeCryptoProvider } from '@mtcute/node/utils.js';
import { factorize } from './factors.ts';

/**
 * The library's cryptography with our search for factors. Its own gives 1 and the number itself where both factors are met in the same step
 * (once in some 1,500 numbers of 46 bits, more rarely for Telegram's 63): the server then refuses the new key.
 */
export class MtcuteCrypto extends NodeCryptoProvider {
  /** The smaller first, big endian. Throws RangeError for a number that no server may send. */
  override factorizePQ(pq: Uint8Array): [Uint8Array, Uint8Array] {
    const { p, q } = factorize(BigInt(`0x${Buffer.from(pq).toString('hex')}`));
    return [toBytes(p), toBytes(q)];
  }
}

function toBytes(value: bigint): Uint8Array {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
}
