import { BellhopError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';
import type { Store } from '../engine/ports/index.ts';

/** Marks a session whose account exists in the sandbox only. */
export const sandboxSettings: JsonObject = { sandbox: true };

/**
 * The sandbox's accounts mean nothing to a real network, and showing their keys there would look like an attack: a daemon
 * that has no sandbox refuses files that a sandbox made. Throws `config_invalid`.
 */
export async function refuseSandboxFiles(store: Pick<Store, 'allSessions'>): Promise<void> {
  const strays = (await store.allSessions()).filter(({ settings }) => settings['sandbox'] === true);
  if (strays.length === 0) return;
  const names = strays.map(({ id }) => id).join(', ');
  throw new BellhopError('config_invalid', {
    detail: `These files hold what the sandbox made (session ${names}). Use a folder of its own for real accounts, or remove ./data and ./sessions.`,
  });
}
