import type * as Library from '@whiskeysockets/baileys';
import { BellhopError } from '../../src/core/errors.ts';
import type { CurveCounts, SignedPreKeyMode } from './curve.ts';
import { installCurve } from './curve-install.ts';
import { testCurve } from './curve-self-test.ts';
import { shareContexts } from './shared-context.ts';
import { WHATSAPP_ROOT } from './trust.ts';

/** The namespace of the library, as `loadBaileys` returns it. */
export type Baileys = typeof Library;

export interface BaileysOptions {
  /** Base64 public keys of the certificate roots of a private endpoint. Absent: WhatsApp's own root. */
  readonly trustedRoots?: readonly string[];
  /** Default `log-only`, see `SignedPreKeyMode`. */
  readonly signedPreKeys?: SignedPreKeyMode;
}

let library: Promise<Baileys> | undefined;

/**
 * The only door to the library: strict curve first, then the import, then self-tests once a process. A server must then
 * prove itself by a chain from one of the roots that any call named (one channel, one process, one configuration).
 * Rejects with `connector_missing` where the package is absent, and with `internal_error` where the library is not the
 * one that was tested or was imported by somebody else before: then nothing may connect.
 */
export async function loadBaileys(options: BaileysOptions = {}): Promise<Baileys> {
  library ??= load();
  const loaded = await library;
  const { curve, trust } = await installCurve();
  trust.trust(options.trustedRoots?.map((root) => Buffer.from(root, 'base64')) ?? [WHATSAPP_ROOT]);
  if (options.signedPreKeys !== undefined) curve.signedPreKeys = options.signedPreKeys;
  return loaded;
}

/** What the curve has done in this process; for metrics and the log. */
export async function curveCounts(): Promise<Readonly<CurveCounts>> {
  return { ...(await installCurve()).curve.counts };
}

async function load(): Promise<Baileys> {
  const installed = await installCurve();
  shareContexts();
  let baileys: Baileys;
  try {
    baileys = await import('@whiskeysockets/baileys');
  } catch (error) {
    throw new BellhopError('connector_missing', { detail: 'npm package @whiskeysockets/baileys', cause: error });
  }
  await testCurve(installed, baileys);
  installed.trust.setLeafKeyReader((details) => {
    const { key } = baileys.proto.CertChain.NoiseCertificate.Details.decode(details);
    return key === null || key === undefined || key.length === 0 ? undefined : key;
  });
  return baileys;
}
