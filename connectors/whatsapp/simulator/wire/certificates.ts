import { proto } from '@whiskeysockets/baileys';
import type { Random } from '../../../../src/core/random.ts';
import type { CurveKeyPair } from './curve.ts';
import { makeKeyPair, publicKeyOf, signMessage } from './curve.ts';

/** Which certificate chain the server shows; all but `genuine` must be refused by a client that checks. */
export type ChainVariant = 'genuine' | 'altered_leaf' | 'altered_intermediate' | 'other_root' | 'replayed';

/** What the server proves itself with in the Noise handshake. */
export interface NoiseCredentials {
  readonly staticKey: CurveKeyPair;
  /** An encoded `CertChain`. */
  readonly chain: Uint8Array;
}

const ROOT_SERIAL = 0; // clients want the intermediate to be issued by serial 0
const INTERMEDIATE_SERIAL = 1;
const LEAF_SERIAL = 2;

/** The network's own certificate authority for the Noise handshake: root, intermediate, and a leaf over the static key. */
export class NoiseAuthority {
  readonly #random: Random;
  readonly #root: CurveKeyPair;
  readonly #static: CurveKeyPair;
  readonly #made = new Map<ChainVariant, NoiseCredentials>();

  /** With the private keys of an earlier life, or new ones. */
  constructor(deps: { random: Random; rootPrivateKey?: Uint8Array; staticPrivateKey?: Uint8Array }) {
    this.#random = deps.random;
    this.#root = restore(deps.random, deps.rootPrivateKey);
    this.#static = restore(deps.random, deps.staticPrivateKey);
  }

  /** The 32-byte key that clients must trust: `channels.whatsapp.trustedRoots`, in base64. */
  get rootKey(): Uint8Array {
    return this.#root.publicKey;
  }

  /** For {@link constructor} in the next life. */
  get privateKeys(): { root: Uint8Array; static: Uint8Array } {
    return { root: this.#root.privateKey, static: this.#static.privateKey };
  }

  credentials(variant: ChainVariant): NoiseCredentials {
    const known = this.#made.get(variant);
    if (known !== undefined) return known;
    const made = this.#make(variant);
    this.#made.set(variant, made);
    return made;
  }

  #make(variant: ChainVariant): NoiseCredentials {
    const root = variant === 'other_root' ? makeKeyPair(this.#random) : this.#root;
    const { leaf, intermediate } = makeChain(this.#random, root, this.#static);
    const chain = proto.CertChain.encode({
      leaf: variant === 'altered_leaf' ? alter(leaf) : leaf,
      intermediate: variant === 'altered_intermediate' ? alter(intermediate) : intermediate,
    }).finish();
    // A man in the middle can show the real server's chain, but holds only a static key of his own.
    return { staticKey: variant === 'replayed' ? makeKeyPair(this.#random) : this.#static, chain };
  }
}

interface SignedCertificate {
  details: Uint8Array;
  signature: Uint8Array;
}

function restore(random: Random, privateKey: Uint8Array | undefined): CurveKeyPair {
  return privateKey === undefined ? makeKeyPair(random) : { privateKey, publicKey: publicKeyOf(privateKey) };
}

function makeChain(random: Random, root: CurveKeyPair, leaf: CurveKeyPair) {
  const intermediate = makeKeyPair(random);
  return {
    intermediate: issue(root, { serial: INTERMEDIATE_SERIAL, issuerSerial: ROOT_SERIAL, key: intermediate.publicKey }),
    leaf: issue(intermediate, { serial: LEAF_SERIAL, issuerSerial: INTERMEDIATE_SERIAL, key: leaf.publicKey }),
  };
}

function issue(issuer: CurveKeyPair, fields: proto.CertChain.NoiseCertificate.IDetails): SignedCertificate {
  const details = proto.CertChain.NoiseCertificate.Details.encode(fields).finish();
  return { details, signature: signMessage(issuer.privateKey, details) };
}

function alter(certificate: SignedCertificate): SignedCertificate {
  const signature = Uint8Array.from(certificate.signature);
  signature.set([(signature[0] ?? 0) ^ 1], 0);
  return { details: certificate.details, signature };
}
