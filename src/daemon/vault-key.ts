import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { hasKeyFile, listVaults, loadOrCreateKeyFile, openVault, parseMasterKey } from '../store/vault/index.ts';

export interface VaultKey {
  readonly key: Uint8Array;
  /** The key was made just now, in a file beside the vaults. */
  readonly created: boolean;
}

const KEY_FILE = 'vault.key';

/**
 * The key of the session vaults: the configured one, else that of the key file, which is made where there are no vaults yet.
 * Throws `vault_key_missing`; then nothing was made, so that the right key can still be put back.
 */
export function prepareVaultKey(options: { configured: string | undefined; dir: string }): VaultKey {
  if (options.configured !== undefined) return { key: parseMasterKey(options.configured), created: false };
  const file = join(options.dir, KEY_FILE);
  if (!hasKeyFile(file) && listVaults({ dir: options.dir }).length > 0) {
    throw new BellhopError('vault_key_missing', {
      detail: `There are session vaults in ${options.dir}, but no key to open them with: ${KEY_FILE} is not there.`,
    });
  }
  return loadOrCreateKeyFile(file);
}

/**
 * Tries the key on the vaults until it opens one: a wrong key must stop the start, not show up as a hundred sessions that cannot
 * connect. A vault that is damaged says nothing about the key; its session tells of it. Throws `vault_key_wrong`. Called
 * before the store is opened, which would else be sealed with the wrong key where it is new.
 */
export function tryVaultKey(options: { key: Uint8Array; dir: string; clock: Clock; log: Logger }): void {
  let wrong: BellhopError | undefined;
  for (const sessionId of listVaults({ dir: options.dir })) {
    try {
      openVault({ dir: options.dir, sessionId, masterKey: options.key, clock: options.clock }).close();
      return;
    } catch (error) {
      if (!(error instanceof BellhopError)) throw error;
      if (error.code === 'vault_key_wrong') wrong = error;
      else options.log.warn('a session vault could not be opened', { session: sessionId, code: error.code });
    }
  }
  if (wrong !== undefined) throw wrong;
}
