import { join } from 'node:path';

const SHA256 = /^[0-9a-f]{64}$/;

/** Folder of files that are still arriving; on the same file system, so that a rename moves them into place. */
export const INCOMING = '.incoming';

/** Where the bytes of a hash live, `<dir>/ab/cdef…`; undefined for what is not a hash, so nothing leaves the folder. */
export function mediaPath(dir: string, sha256: string): { folder: string; file: string } | undefined {
  if (!SHA256.test(sha256)) return undefined;
  const folder = join(dir, sha256.slice(0, 2));
  return { folder, file: join(folder, sha256.slice(2)) };
}
