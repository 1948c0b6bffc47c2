import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { listVaults, loadOrCreateKeyFile, openVault, parseMasterKey } from '../store/vault/index.ts';

export interface VaultKey {
  readonly key: Uint8Array;
  /** The key was made just now, in a file beside the vaults. */
  readonly created: boolean;
}

const KEY_FILE = 'vault.key';

/**
 * The key of the session vaults, tried on a vault that exists: a wrong key must stop the start, not show up as a hundred
 * sessions that cannot connect. Throws `vault_key_missing` or `vault_key_wrong`.
 */
export function prepareVaultKey(options: { configured: string | undefined; dir: string; clock: Clock }): VaultKey {
  const found =
    options.configured === undefined
      ? readKeyFile(options.dir)
      : { key: parseMasterKey(options.configured), created: false };
  const [sessionId] = listVaults({ dir: options.dir });
  if (sessionId !== undefined) {
    openVault({ dir: options.dir, sessionId, masterKey: found.key, clock: options.clock }).close();
  }
  return found;
}

function readKeyFile(dir: string): VaultKey {
  const found = loadOrCreateKeyFile(join(dir, KEY_FILE));
  if (found.created && listVaults({ dir }).length > 0) {
    throw new BellhopError('vault_key_missing', { detail: 'There are session vaults, but no key to open them with.' });
  }
  return found;
}
