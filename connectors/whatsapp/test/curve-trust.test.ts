import { beforeAll, describe, expect, it } from 'vitest';
import type { NativeCurve } from '../curve.ts';
import { StrictCurve } from '../curve.ts';
import { CurvePackages } from '../curve-packages.ts';
import { CertificateTrust, WHATSAPP_ROOT } from '../trust.ts';

let native: NativeCurve;
let curve: StrictCurve;
let trust: CertificateTrust;

interface Pair {
  readonly pubKey: Buffer;
  readonly privKey: Buffer;
}

beforeAll(async () => {
  native = await new CurvePackages().importNative();
});

function setUp(): { root: Pair; intermediate: Pair; server: Pair } {
  trust = new CertificateTrust();
  curve = new StrictCurve({ native, trust });
  // A certificate of this test is nothing but its key.
  trust.setLeafKeyReader((details) => details.subarray(1));
  const root = curve.generateKeyPair();
  trust.trust([root.pubKey.subarray(1)]);
  return { root, intermediate: curve.generateKeyPair(), server: curve.generateKeyPair() };
}

const REAL_ROOT = Buffer.concat([Buffer.of(5), WHATSAPP_ROOT]);

/** The steps of Baileys' handshake, in its order. */
function shakeHands(peer: Pair, chain: { leaf: Pair; intermediate: Pair; root: Pair }): void {
  const { leaf, intermediate, root } = chain;
  const mine = curve.generateKeyPair();
  const leafSignature = curve.calculateSignature(intermediate.privKey, leaf.pubKey);
  const intermediateSignature = curve.calculateSignature(root.privKey, intermediate.pubKey);
  curve.calculateAgreement(peer.pubKey, mine.privKey);
  curve.verifySignature(intermediate.pubKey, leaf.pubKey, leafSignature);
  curve.verifySignature(REAL_ROOT, intermediate.pubKey, intermediateSignature);
}

describe('the certificate chain of a server', () => {
  it('is accepted when it comes from a trusted root and certifies the key that was agreed with', () => {
    const { root, intermediate, server } = setUp();
    expect(() => shakeHands(server, { leaf: server, intermediate, root })).not.toThrow();
  });

  it('is refused when it comes from another root, also from the real one while another is configured', () => {
    const { intermediate, server } = setUp();
    const other = curve.generateKeyPair();
    expect(() => shakeHands(server, { leaf: server, intermediate, root: other })).toThrow('Invalid signature');
  });

  it('is refused when a man in the middle shows the genuine one', () => {
    const { root, intermediate, server } = setUp();
    const middle = curve.generateKeyPair();
    expect(() => shakeHands(middle, { leaf: server, intermediate, root })).toThrow('Invalid signature');
  });

  it('is refused without a fresh agreement and a fresh leaf', () => {
    const { root, intermediate, server } = setUp();
    shakeHands(server, { leaf: server, intermediate, root });
    const signature = curve.calculateSignature(root.privKey, intermediate.pubKey);
    expect(() => curve.verifySignature(REAL_ROOT, intermediate.pubKey, signature)).toThrow('Invalid signature');
  });
});

describe('the strict curve', () => {
  it('throws for a signature over another text, by another key, or altered in any byte', () => {
    setUp();
    const { pubKey, privKey } = curve.generateKeyPair();
    const text = Buffer.from('room 12');
    const signature = curve.calculateSignature(privKey, text);
    expect(curve.verifySignature(pubKey, text, signature)).toBe(true);
    expect(() => curve.verifySignature(pubKey, Buffer.from('room 13'), signature)).toThrow();
    expect(() => curve.verifySignature(curve.generateKeyPair().pubKey, text, signature)).toThrow();
    for (let index = 0; index < signature.length; index += 1) {
      const altered = Buffer.from(signature);
      altered[index] = (altered[index] ?? 0) ^ 0x10;
      expect(() => curve.verifySignature(pubKey, text, altered)).toThrow();
    }
    expect(() => curve.verifySignature(pubKey, text, signature.subarray(1))).toThrow();
  });

  it('counts a contact whose signed pre-key does not verify, and refuses it only when told to', () => {
    setUp();
    const { pubKey, privKey } = curve.generateKeyPair();
    const forged = curve.calculateSignature(privKey, Buffer.from('another key'));
    expect(curve.verifySignature(pubKey, Buffer.from('key'), forged, true)).toBe(true);
    expect(curve.counts.badSignedPreKeys).toBe(1);
    curve.signedPreKeys = 'enforce';
    expect(() => curve.verifySignature(pubKey, Buffer.from('key'), forged, true)).toThrow();
    expect(curve.counts.badSignedPreKeys).toBe(2);
  });

  it('refuses a key of small order, whose secret everybody knows, and keys of a wrong length', () => {
    setUp();
    const { privKey } = curve.generateKeyPair();
    expect(() => curve.calculateAgreement(Buffer.concat([Buffer.of(5), Buffer.alloc(32)]), privKey)).toThrow();
    expect(() => curve.calculateAgreement(Buffer.alloc(31), privKey)).toThrow('Invalid public key');
    expect(() => curve.calculateAgreement(curve.generateKeyPair().pubKey, Buffer.alloc(31))).toThrow('private key');
  });

  it('agrees on the same secret from both sides, with and without the type byte', () => {
    setUp();
    const one = curve.generateKeyPair();
    const other = curve.generateKeyPair();
    const secret = curve.calculateAgreement(other.pubKey, one.privKey);
    expect(curve.calculateAgreement(one.pubKey, other.privKey)).toEqual(secret);
    expect(curve.calculateAgreement(one.pubKey.subarray(1), other.privKey)).toEqual(secret);
  });
});
