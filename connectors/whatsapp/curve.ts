import type { CertificateTrust } from './trust.ts';

/** What is wanted of the native implementation; `whatsapp-rust-bridge` has all four. */
export interface NativeCurve {
  generateKeyPair(): { pubKey: Uint8Array; privKey: Uint8Array };
  calculateAgreement(publicKey: Uint8Array, privateKey: Uint8Array): Uint8Array;
  calculateSignature(privateKey: Uint8Array, message: Uint8Array): Uint8Array;
  /** False, never an error, for a bad signature and for a key without its type byte. */
  verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * What to do about a contact whose signed pre-key does not verify. The library never looked, so nobody knows yet whether all
 * real clients sign theirs properly: count for now, refuse once that is known.
 */
export type SignedPreKeyMode = 'log-only' | 'enforce';

export interface CurveCounts {
  keyPairs: number;
  agreements: number;
  signatures: number;
  verifications: number;
  /** Signed pre-keys of contacts that did not verify. */
  badSignedPreKeys: number;
}

const TYPE_BYTE = Uint8Array.of(5); // DJB, the only kind of key that Signal uses
const PRIVATE_BYTES = 32;
const PUBLIC_BYTES = 32;
const SIGNATURE_BYTES = 64;

/**
 * The functions that replace those of `libsignal/src/curve.js`: the same results by WebAssembly, some 50 times faster, and
 * strict. The original's `verifySignature` returns a boolean that most of its callers drop; this one throws.
 */
export class StrictCurve {
  readonly counts: CurveCounts = { keyPairs: 0, agreements: 0, signatures: 0, verifications: 0, badSignedPreKeys: 0 };
  signedPreKeys: SignedPreKeyMode = 'log-only';
  readonly #native: NativeCurve;
  readonly #trust: CertificateTrust;

  constructor(deps: { native: NativeCurve; trust: CertificateTrust }) {
    this.#native = deps.native;
    this.#trust = deps.trust;
  }

  readonly generateKeyPair = (): { pubKey: Buffer; privKey: Buffer } => {
    this.counts.keyPairs += 1;
    const { pubKey, privKey } = this.#native.generateKeyPair();
    return { pubKey: Buffer.from(pubKey), privKey: Buffer.from(privKey) };
  };

  readonly calculateAgreement = (publicKey: Uint8Array, privateKey: Uint8Array): Buffer => {
    this.counts.agreements += 1;
    const secret = this.#native.calculateAgreement(typed(publicKey), checkedPrivate(privateKey));
    // A point of small order would make the secret public; the original threw here, too.
    if (secret.every((byte) => byte === 0)) throw new Error('Invalid public key');
    this.#trust.noteAgreement(publicKey);
    return Buffer.from(secret);
  };

  readonly calculateSignature = (privateKey: Uint8Array, message: Uint8Array): Buffer => {
    this.counts.signatures += 1;
    return Buffer.from(this.#native.calculateSignature(checkedPrivate(privateKey), message));
  };

  /** True or throws. `isContactKey` is libsignal's `isInit`: it checks a contact's signed pre-key. */
  readonly verifySignature = (
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
    isContactKey?: boolean,
  ): true => {
    this.counts.verifications += 1;
    const key = typed(publicKey);
    if (signature.length !== SIGNATURE_BYTES) throw new Error('Invalid signature');
    const verifyWith = (candidate: Uint8Array): boolean =>
      this.#native.verifySignature(typed(candidate), message, signature);
    if (this.#trust.isRoot(publicKey)) {
      if (!this.#trust.acceptChain(verifyWith)) throw new Error('Invalid signature');
      return true;
    }
    const isGood = verifyWith(key);
    this.#trust.noteVerified(isGood ? message : undefined);
    if (!isGood && isContactKey === true) this.counts.badSignedPreKeys += 1;
    if (!isGood && !(isContactKey === true && this.signedPreKeys === 'log-only')) throw new Error('Invalid signature');
    return true;
  };
}

function typed(publicKey: Uint8Array): Uint8Array {
  if (publicKey.length === PUBLIC_BYTES + 1 && publicKey[0] === TYPE_BYTE[0]) return publicKey;
  if (publicKey.length === PUBLIC_BYTES) return Buffer.concat([TYPE_BYTE, publicKey]);
  throw new Error('Invalid public key');
}

function checkedPrivate(privateKey: Uint8Array): Uint8Array {
  if (privateKey.length !== PRIVATE_BYTES) throw new Error('Incorrect private key length');
  return privateKey;
}
