import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { BellhopError } from '../../core/errors.ts';
import { isRecord } from '../../core/json.ts';
import { MASTER_KEY_BYTES } from './vault-cipher.ts';
import { guardFiles } from './vault-errors.ts';

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;
const OTHERS = 0o077;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/** The key for all session vaults from its text: 32 bytes, base64 (also the URL-safe kind). Throws `vault_key_missing`. */
export function parseMasterKey(text: string): Uint8Array {
  const trimmed = text.trim();
  const key = BASE64.test(trimmed) ? Buffer.from(trimmed, 'base64') : Buffer.alloc(0);
  if (key.length !== MASTER_KEY_BYTES) {
    throw new BellhopError('vault_key_missing', { detail: 'sessions.key is not 32 bytes of base64.' });
  }
  return Uint8Array.from(key);
}

/** Whether there is a key file already. */
export function hasKeyFile(path: string): boolean {
  return guardFiles(() => statSync(path, { throwIfNoEntry: false }) !== undefined);
}

/**
 * Reads the key from a file, or makes a new random one there with mode 0600. Called once at start where no key is
 * configured. Two processes that start together get the same key. Throws `vault_key_missing` when the file holds
 * something else or others may read it, `store_full` or `store_unavailable` when it cannot be written.
 */
export function loadOrCreateKeyFile(path: string): { key: Uint8Array; created: boolean } {
  return guardFiles(() => {
    mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
    const created = create(path);
    if ((statSync(path).mode & OTHERS) !== 0) {
      throw new BellhopError('vault_key_missing', {
        detail: 'The key file can be read by others; set its mode to 0600.',
      });
    }
    return { key: parseMasterKey(readFileSync(path, 'utf8')), created };
  });
}

// Written aside and linked into place: a start that is killed half way never leaves a key file that is cut short.
function create(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false }) !== undefined) return false;
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  const file = openSync(aside, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, FILE_MODE);
  try {
    writeSync(file, `${randomBytes(MASTER_KEY_BYTES).toString('base64')}\n`);
    fsyncSync(file);
    linkSync(aside, path);
    syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (isRecord(error) && error['code'] === 'EEXIST') return false;
    throw error;
  } finally {
    closeSync(file);
    rmSync(aside, { force: true });
  }
}

function syncDirectory(dir: string): void {
  const handle = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
