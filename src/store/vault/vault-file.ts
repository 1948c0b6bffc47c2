import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { BellhopError } from '../../core/errors.ts';
import { sessionId as sessionIdSchema } from '../../engine/model/primitives.ts';
import { guardFiles } from './vault-errors.ts';

const EXTENSION = '.vault';
const SIDECARS = ['-wal', '-shm', '-journal'];
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
const OTHERS = 0o077; // any right of group or world

/** Where a session's vault lives. Throws `invalid_session_id` for what is not a slug, so no id leaves the folder. */
export function vaultPath(dir: string, sessionId: string): string {
  if (!sessionIdSchema.safeParse(sessionId).success) throw new BellhopError('invalid_session_id');
  return join(dir, sessionId + EXTENSION);
}

/** Makes the folder and an empty file where they are missing, and takes all rights away from others. */
export function prepareVaultFile(dir: string, sessionId: string): string {
  const path = vaultPath(dir, sessionId);
  guardFiles(() => {
    mkdirSync(dir, { recursive: true, mode: DIRECTORY_MODE });
    if ((lstatSync(dir).mode & OTHERS) !== 0) chmodSync(dir, DIRECTORY_MODE);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) createFile(dir, path);
    else if (!found.isFile()) throw notAFile();
    else if ((found.mode & OTHERS) !== 0) chmodSync(path, FILE_MODE);
  });
  return path;
}

/** Erases a session's vault. The session must be closed. Does nothing where there is none. */
export function deleteVault(options: { dir: string; sessionId: string }): void {
  const path = vaultPath(options.dir, options.sessionId);
  guardFiles(() => {
    if (lstatSync(options.dir, { throwIfNoEntry: false }) === undefined) return;
    rmSync(path, { force: true });
    removeSidecars(path);
    syncDirectory(options.dir);
  });
}

/** Ids of the sessions that have a vault, sorted. */
export function listVaults(options: { dir: string }): readonly string[] {
  return guardFiles(() => {
    if (lstatSync(options.dir, { throwIfNoEntry: false }) === undefined) return [];
    return readdirSync(options.dir, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(EXTENSION))
      .map((entry) => entry.name.slice(0, -EXTENSION.length))
      .filter((id) => sessionIdSchema.safeParse(id).success)
      .sort();
  });
}

// An existing vault is never opened and closed here: closing any descriptor of a file drops the POSIX locks that this
// process holds on it through SQLite.
function createFile(dir: string, path: string): void {
  removeSidecars(path); // of a vault whose deletion was cut short
  closeSync(openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | constants.O_NOFOLLOW, FILE_MODE));
  syncDirectory(dir);
}

function removeSidecars(path: string): void {
  for (const suffix of SIDECARS) rmSync(path + suffix, { force: true });
}

function syncDirectory(dir: string): void {
  const handle = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function notAFile(): BellhopError {
  return new BellhopError('vault_corrupt', { detail: 'Where the session vault should be stands something else.' });
}
