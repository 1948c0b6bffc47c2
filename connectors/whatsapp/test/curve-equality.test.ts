import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { StrictCurve } from '../curve.ts';
import { CurvePackages } from '../curve-packages.ts';
import { CertificateTrust } from '../trust.ts';

/** The implementation that is replaced; never patched in this file. */
interface OriginalCurve {
  generateKeyPair(): { pubKey: Buffer; privKey: Buffer };
  calculateAgreement(publicKey: Buffer, privateKey: Buffer): Buffer;
  calculateSignature(privateKey: Buffer, message: Buffer): Buffer;
  verifySignature(publicKey: Buffer, message: Buffer, signature: Buffer): boolean;
}

const ROUNDS = 12; // the original takes some 20 ms a signature

it('computes what the original computes, each accepting what the other signed', async () => {
  const require = createRequire(createRequire(import.meta.url).resolve('@whiskeysockets/baileys'));
  const original = require('libsignal/src/curve.js') as OriginalCurve;
  const native = await new CurvePackages().importNative();
  const curve = new StrictCurve({ native, trust: new CertificateTrust() });
  const random = seededRandom(4);
  for (let round = 0; round < ROUNDS; round += 1) {
    const one = original.generateKeyPair();
    const other = curve.generateKeyPair();
    expect(curve.calculateAgreement(one.pubKey, other.privKey)).toEqual(
      original.calculateAgreement(other.pubKey, one.privKey),
    );
    const text = Buffer.from(random.bytes(40 + round));
    const bySlow = original.calculateSignature(one.privKey, text);
    const byFast = curve.calculateSignature(other.privKey, text);
    expect(curve.verifySignature(one.pubKey, text, bySlow)).toBe(true);
    expect(original.verifySignature(other.pubKey, text, byFast)).toBe(true);
  }
});
