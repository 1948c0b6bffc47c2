import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { diskFigures } from '../../../src/daemon/disk-space.ts';

describe('the space on disks', () => {
  it('is told for each folder, and left out for one that is not there', async () => {
    const dir = tmpdir();
    const found = await diskFigures({ store: dir, vaults: `${dir}/nobody-made-this`, media: dir });
    expect(found.map(({ folder }) => folder)).toEqual(['store', 'media']);
    for (const { freeBytes, sizeBytes } of found) {
      expect(freeBytes).toBeGreaterThan(0);
      expect(sizeBytes).toBeGreaterThanOrEqual(freeBytes);
    }
  });
});
