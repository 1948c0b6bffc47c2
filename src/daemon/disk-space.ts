import { statfs } from 'node:fs/promises';
import type { DiskFigures } from '../observability/metrics.ts';

/** What is free for an ordinary user on the disks that hold the folders. A folder that cannot be looked at is left out. */
export async function diskFigures(folders: Readonly<Record<DiskFigures['folder'], string>>): Promise<DiskFigures[]> {
  const { store, vaults, media } = folders;
  const [ofStore, ofVaults, ofMedia] = await Promise.all([spaceAt(store), spaceAt(vaults), spaceAt(media)]);
  const found: DiskFigures[] = [];
  if (ofStore !== null) found.push({ folder: 'store', ...ofStore });
  if (ofVaults !== null) found.push({ folder: 'vaults', ...ofVaults });
  if (ofMedia !== null) found.push({ folder: 'media', ...ofMedia });
  return found;
}

async function spaceAt(path: string): Promise<Omit<DiskFigures, 'folder'> | null> {
  try {
    const { bavail, blocks, bsize } = await statfs(path);
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
  } catch {
    return null;
  }
}
