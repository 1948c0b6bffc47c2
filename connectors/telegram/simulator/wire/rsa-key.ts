import type { KeyObject } from 'node:crypto';
import { constants, createPrivateKey, createPublicKey, generateKeyPair, privateDecrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { TlWriter } from '../tl/writer.ts';
import { isEqual, longOf, sha1, sha256, xor } from './bytes.ts';
import { igeDecrypt } from './ige.ts';

const KEY_BITS = 2048;
const SECRET_BYTES = 32;
const DATA_BYTES = 192;
const NO_IV = new Uint8Array(32);

/** The network's own RSA key, with which clients seal the first secret they send. */
export class RsaKey {
  readonly #key: KeyObject;
  /** PKCS #1, which every client reads. */
  readonly publicPem: string;
  readonly fingerprint: bigint;

  /** Throws on what is no RSA key. */
  constructor(privatePem: string) {
    this.#key = createPrivateKey(privatePem);
    const publicKey = createPublicKey(this.#key);
    this.publicPem = publicKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
    const writer = new TlWriter();
    writer.bytes(Buffer.from(n, 'base64url'));
    writer.bytes(Buffer.from(e, 'base64url'));
    this.fingerprint = longOf(sha1(writer.finish()).subarray(-8));
  }

  /** A new one; takes some 100 ms, off the event loop. */
  static async generate(): Promise<RsaKey> {
    const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: KEY_BITS });
    return new RsaKey(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString());
  }

  /** For {@link RsaKey}'s constructor; a secret. */
  exportPrivatePem(): string {
    return this.#key.export({ type: 'pkcs1', format: 'pem' }).toString();
  }

  /** Takes RSA_PAD off: the 192 bytes that the client sealed (its data and padding), or nothing where the proof does not fit. */
  open(sealed: Uint8Array): Buffer | undefined {
    if (sealed.length !== KEY_BITS / 8) return undefined;
    const opened = privateDecrypt({ key: this.#key, padding: constants.RSA_NO_PADDING }, sealed);
    const covered = opened.subarray(SECRET_BYTES);
    const secret = xor(opened.subarray(0, SECRET_BYTES), sha256(covered));
    const plain = igeDecrypt(secret, NO_IV, covered);
    const data = Buffer.from(plain.subarray(0, DATA_BYTES)).reverse();
    return isEqual(sha256(secret, data), plain.subarray(DATA_BYTES)) ? data : undefined;
  }
}
