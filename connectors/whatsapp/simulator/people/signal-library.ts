import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as SignalLibrary from 'whatsapp-rust-bridge';

const PACKAGE = 'whatsapp-rust-bridge';

/**
 * The Signal protocol that simulated people speak: the Rust implementation that Baileys installs for its hashes. The client under
 * test uses another one (libsignal for JavaScript), so that the two check each other; and this one does verify signatures.
 * It is found through Baileys because it is Baileys' dependency, not ours, and its package exports no CommonJS entry to resolve.
 */
async function loadSignalLibrary(): Promise<typeof SignalLibrary> {
  const baileys = createRequire(import.meta.url).resolve('@whiskeysockets/baileys');
  const folders = createRequire(baileys).resolve.paths(PACKAGE) ?? [];
  const folder = folders.map((parent) => join(parent, PACKAGE)).find((candidate) => existsSync(candidate));
  if (folder === undefined) throw new Error(`${PACKAGE} is not installed beside Baileys`);
  const loaded: unknown = await import(pathToFileURL(join(folder, 'dist', 'index.js')).href);
  if (!isSignalLibrary(loaded)) throw new Error(`${PACKAGE} has another shape than expected`);
  return loaded;
}

function isSignalLibrary(value: unknown): value is typeof SignalLibrary {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['SessionCipher', 'SessionBuilder', 'GroupCipher', 'calculateSignature', 'calculateAgreement', 'hkdf'].every(
      (name) => name in value,
    )
  );
}

export const signalLibrary = await loadSignalLibrary();
