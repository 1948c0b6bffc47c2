import { describe, expect, it } from 'vitest';
import type { StoredVersion } from '../../src/engine/ports/index.ts';
import type { StoreUnderTest } from './store-contract.ts';

const known = (version: string, more: Partial<StoredVersion> = {}): StoredVersion => ({
  channel: 'whatsapp',
  network: 'public',
  version,
  origin: 'shipped',
  firstWorkedAt: null,
  lastWorkedAt: null,
  firstFailedAt: null,
  lastFailedAt: null,
  failingSince: null,
  pinned: false,
  ...more,
});

/** What is remembered of client versions. */
export function storeVersionContract(use: () => StoreUnderTest): void {
  const list = async (): Promise<readonly StoredVersion[]> =>
    [...(await use().store.listClientVersions())].sort((one, other) => (one.version < other.version ? -1 : 1));

  describe('client versions', () => {
    it('are kept whole, and replaced by what is known later', async () => {
      const { store } = use();
      expect(await list()).toEqual([]);
      const first = known('2', {
        firstWorkedAt: 1,
        lastWorkedAt: 2,
        firstFailedAt: 3,
        lastFailedAt: 5,
        failingSince: 4,
      });
      await store.saveClientVersion(first);
      await store.saveClientVersion(known('1', { origin: 'operator' }));
      expect(await list()).toEqual([known('1', { origin: 'operator' }), first]);
      const later = { ...first, lastWorkedAt: 9, failingSince: null };
      await store.saveClientVersion(later);
      expect(await list()).toEqual([known('1', { origin: 'operator' }), later]);
    });

    it('are apart for each channel, and for a private endpoint', async () => {
      const { store } = use();
      const versions = [known('1'), known('1', { network: 'private' }), known('1', { channel: 'telegram' })];
      for (const version of versions) await store.saveClientVersion(version);
      expect(await list()).toHaveLength(3);
      await store.forgetClientVersion(known('1', { network: 'private' }));
      await store.forgetClientVersion(known('1', { network: 'private' }));
      expect((await list()).map(({ channel, network }) => [channel, network])).toEqual(
        expect.arrayContaining([
          ['whatsapp', 'public'],
          ['telegram', 'public'],
        ]),
      );
      expect(await list()).toHaveLength(2);
    });

    it('have one pin for each channel and network', async () => {
      const { store } = use();
      await store.saveClientVersion(known('1', { pinned: true }));
      await store.saveClientVersion(known('1', { network: 'private', pinned: true }));
      await store.saveClientVersion(known('2', { pinned: true }));
      await store.saveClientVersion(known('3'));
      expect((await list()).filter(({ pinned }) => pinned).map(({ version, network }) => [version, network])).toEqual([
        ['1', 'private'],
        ['2', 'public'],
      ]);
    });
  });
}
