import { AsyncLocalStorage } from 'node:async_hooks';
import type * as Library from '@whiskeysockets/baileys';
import { BellhopError } from '../../src/core/errors.ts';
import { isRecord } from '../../src/core/json.ts';
import type { InstalledCurve } from './curve-install.ts';
import { agreementVectors, SIGNED_TEXT, signatureVectors } from './curve-vectors.ts';
import { WHATSAPP_ROOT } from './trust.ts';

type Check = (installed: InstalledCurve, baileys: typeof Library) => boolean | Promise<boolean>;

/**
 * Whether the curve that Baileys computes with is the strict one, and computes rightly. About 10 ms, once a process.
 * Rejects with `internal_error` naming the check that failed: the session must then not connect.
 */
export async function testCurve(installed: InstalledCurve, baileys: typeof Library): Promise<void> {
  const checks: Readonly<Record<string, Check>> = {
    'installed in the module that Baileys imported': isInstalled,
    'forged signature refused': refusesForgery,
    'used by every operation': countsEveryOperation,
    'forged group message refused': refusesForgedGroupMessage,
    'known agreements': ({ curve }) =>
      agreementVectors.every(
        ({ privateKey, publicKey, secret }) =>
          curve.calculateAgreement(fromHex(publicKey), fromHex(privateKey)).toString('hex') === secret,
      ),
    'known signatures': knowsSignatures,
    'jobs keep their context': keepsContext,
    "the network's root": () => Buffer.compare(baileys.WA_CERT_DETAILS.PUBLIC_KEY, WHATSAPP_ROOT) === 0,
  };
  for (const [name, check] of Object.entries(checks)) {
    if (!(await check(installed, baileys))) {
      throw new BellhopError('internal_error', { detail: `strict curve not in effect: ${name}` });
    }
  }
}

const isInstalled: Check = async ({ curve, packages }) => {
  const module = await packages.importCommonJs('libsignal/src/curve.js');
  return (
    isRecord(module) &&
    module['verifySignature'] === curve.verifySignature &&
    module['calculateAgreement'] === curve.calculateAgreement &&
    module['calculateSignature'] === curve.calculateSignature &&
    module['generateKeyPair'] === curve.generateKeyPair
  );
};

const refusesForgery: Check = (_installed, { Curve }) => {
  const pair = Curve.generateKeyPair();
  const text = Buffer.from(SIGNED_TEXT);
  const signature = Curve.sign(pair.private, text);
  return Curve.verify(pair.public, text, signature) && !Curve.verify(pair.public, text, altered(signature));
};

const countsEveryOperation: Check = ({ curve }, { Curve }) => {
  const before = { ...curve.counts };
  const pair = Curve.generateKeyPair();
  const text = Buffer.from(SIGNED_TEXT);
  Curve.sharedKey(pair.private, pair.public);
  Curve.verify(pair.public, text, Curve.sign(pair.private, text));
  const { keyPairs, agreements, signatures, verifications } = curve.counts;
  return (
    keyPairs === before.keyPairs + 1 &&
    agreements === before.agreements + 1 &&
    signatures === before.signatures + 1 &&
    verifications === before.verifications + 1
  );
};

const refusesForgedGroupMessage: Check = async ({ curve, packages }) => {
  const module = await packages.importOfBaileys('Signal/Group/sender-key-message.js');
  const SenderKeyMessage = isRecord(module) ? module['SenderKeyMessage'] : undefined;
  if (typeof SenderKeyMessage !== 'function') return false;
  const { pubKey, privKey } = curve.generateKeyPair();
  const made: unknown = Reflect.construct(SenderKeyMessage, [1, 1, Buffer.from(SIGNED_TEXT), privKey]);
  const bytes = isRecord(made) ? made['serialized'] : undefined;
  if (!(bytes instanceof Uint8Array)) return false;
  const verify = (serialized: Uint8Array): boolean => {
    const message: unknown = Reflect.construct(SenderKeyMessage, [null, null, null, null, serialized]);
    try {
      const method: unknown = isRecord(message) ? message['verifySignature'] : undefined;
      if (typeof method === 'function') Reflect.apply(method, message, [pubKey]);
      return true;
    } catch {
      return false;
    }
  };
  return verify(bytes) && !verify(altered(bytes));
};

const knowsSignatures: Check = ({ curve }) => {
  const accepts = (publicKey: string, text: string, signature: Uint8Array): boolean => {
    try {
      return curve.verifySignature(fromHex(publicKey), Buffer.from(text), signature);
    } catch {
      return false;
    }
  };
  return signatureVectors.every(
    ({ publicKey, signature }) =>
      accepts(publicKey, SIGNED_TEXT, fromHex(signature)) &&
      !accepts(publicKey, `${SIGNED_TEXT}!`, fromHex(signature)) &&
      !accepts(publicKey, SIGNED_TEXT, altered(fromHex(signature))),
  );
};

const keepsContext: Check = async ({ packages }) => {
  const queueJob = packages.load('libsignal/src/queue_job.js');
  if (typeof queueJob !== 'function') return false;
  const context = new AsyncLocalStorage<string>();
  const run = (name: string): unknown =>
    context.run(name, (): unknown => Reflect.apply(queueJob, undefined, ['self-test', async () => context.getStore()]));
  const seen: readonly unknown[] = await Promise.all([run('first'), run('second')]);
  return seen[0] === 'first' && seen[1] === 'second';
};

function altered(bytes: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  const index = copy.length - 20;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

function fromHex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
