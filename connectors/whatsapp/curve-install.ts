import { AsyncResource } from 'node:async_hooks';
import { BellhopError } from '../../src/core/errors.ts';
import { isRecord } from '../../src/core/json.ts';
import { muteLibsignal } from './baileys-console.ts';
import { StrictCurve } from './curve.ts';
import { CurvePackages } from './curve-packages.ts';
import { makeTrialsHarmless } from './session-trial.ts';
import { CertificateTrust } from './trust.ts';

const CURVE_FILE = 'libsignal/src/curve.js';
const QUEUE_FILE = 'libsignal/src/queue_job.js';
const QUEUE_USER_FILE = 'libsignal/src/session_cipher.js';

export interface InstalledCurve {
  readonly curve: StrictCurve;
  readonly trust: CertificateTrust;
  readonly packages: CurvePackages;
}

type QueueJob = (bucket: unknown, job: () => unknown) => Promise<unknown>;

// The library is one for the whole process, and so is what is put into it.
let installed: Promise<InstalledCurve> | undefined;

/**
 * Puts the strict curve, the repaired job queue and harmless trials into libsignal, and mutes its prints. Must be called before anything
 * imports Baileys: Node copies libsignal's functions into Baileys' modules when those are first loaded. Later calls
 * return the same. Rejects with `connector_missing`, or `internal_error` when it is too late.
 */
export function installCurve(): Promise<InstalledCurve> {
  installed ??= install();
  return installed;
}

async function install(): Promise<InstalledCurve> {
  const packages = new CurvePackages();
  if (packages.isLoaded(QUEUE_USER_FILE)) throw tooLate();
  muteLibsignal();
  const trust = new CertificateTrust();
  const curve = new StrictCurve({ native: await packages.importNative(), trust });
  if (packages.isLoaded(QUEUE_USER_FILE)) throw tooLate(); // somebody imported it while the native part was loading
  const target = packages.load(CURVE_FILE);
  if (!isRecord(target)) throw changed(CURVE_FILE);
  for (const name of ['generateKeyPair', 'calculateAgreement', 'calculateSignature', 'verifySignature'] as const) {
    if (typeof target[name] !== 'function' || !Reflect.set(target, name, curve[name])) throw changed(CURVE_FILE);
  }
  const queueJob = packages.load(QUEUE_FILE);
  if (!isQueueJob(queueJob)) throw changed(QUEUE_FILE);
  packages.replace(QUEUE_FILE, keepContext(queueJob));
  // Only now: it takes its curve and its queue when it is loaded.
  const cipher = packages.load(QUEUE_USER_FILE);
  if (typeof cipher !== 'function' || !makeTrialsHarmless(cipher.prototype)) throw changed(QUEUE_USER_FILE);
  return { curve, trust, packages };
}

/**
 * libsignal runs all waiting jobs of an address in the asynchronous context of whoever came first. Baileys keeps its
 * transaction in that context, so two sessions (or two tasks of one) with the same guest would write into each other's
 * transaction, or outside of any. Binding each job to its own context mends that.
 */
function keepContext(queueJob: QueueJob): QueueJob {
  return (bucket, job) => queueJob(bucket, AsyncResource.bind(job));
}

function isQueueJob(value: unknown): value is QueueJob {
  return typeof value === 'function' && value.length === 2;
}

function changed(file: string): BellhopError {
  return new BellhopError('internal_error', { detail: `${file} has another shape than in libsignal 6.0.0` });
}

function tooLate(): BellhopError {
  return new BellhopError('internal_error', {
    detail:
      'Baileys was imported before its curve; load it through connectors/whatsapp/baileys.ts, or import curve-first.ts before it',
  });
}
