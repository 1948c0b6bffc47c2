import { describe, expect, it } from 'vitest';
import type { StoreUnderTest } from './store-contract.ts';

const key = { name: 'PMS', hash: 'aa'.repeat(32), scopes: ['messages:send'], property: null } as const;
const claim = { scope: 'key_1', key: 'k-1', fingerprint: 'abc' };

export function storeAccessContract(use: () => StoreUnderTest): void {
  describe('keys', () => {
    it('finds a key by its hash, also after it was revoked', async () => {
      const { store, clock } = use();
      const made = await store.createApiKey(key);
      expect(made).toMatchObject({ name: 'PMS', scopes: ['messages:send'], revokedAt: null, lastUsedAt: null });
      expect(await store.findApiKey(key.hash)).toEqual(made);
      expect(await store.findApiKey('bb'.repeat(32))).toBeNull();
      const revoked = await store.revokeApiKey(made.id, clock.now());
      expect(revoked.revokedAt).toBe(new Date(clock.now()).toISOString());
      expect(await store.findApiKey(key.hash)).toEqual(revoked);
      expect((await store.revokeApiKey(made.id, clock.now() + 5)).revokedAt).toBe(revoked.revokedAt);
      await expect(store.revokeApiKey('key_x', 1)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('replaces the hash of a key of the configuration', async () => {
      const { store } = use();
      const first = await store.createApiKey({ ...key, configKey: 'pms' });
      const again = await store.createApiKey({ ...key, configKey: 'pms', hash: 'cc'.repeat(32), scopes: ['admin'] });
      expect(again).toMatchObject({ id: first.id, scopes: ['admin'] });
      expect(await store.findApiKey(key.hash)).toBeNull();
      expect((await store.listApiKeys({ limit: 10 })).data).toEqual([again]);
    });

    it('notes the use of a key at most once a minute', async () => {
      const { store, clock } = use();
      const { id } = await store.createApiKey(key);
      const lastUsed = async () => (await store.findApiKey(key.hash))?.lastUsedAt;
      const first = new Date(clock.now()).toISOString();
      await store.touchApiKey(id, clock.now());
      await store.touchApiKey(id, clock.now() + 59_999);
      expect(await lastUsed()).toBe(first);
      await store.touchApiKey(id, clock.now() + 60_000);
      expect(await lastUsed()).not.toBe(first);
    });

    it('lists keys page by page', async () => {
      const { store } = use();
      for (const hash of ['1', '2', '3']) await store.createApiKey({ ...key, name: hash, hash });
      const first = await store.listApiKeys({ limit: 2 });
      const second = await store.listApiKeys({ limit: 2, cursor: first.nextCursor ?? '' });
      expect([...first.data, ...second.data].map((found) => found.name)).toEqual(['1', '2', '3']);
    });
  });

  describe('idempotency', () => {
    it('claims a key once, and then gives the first answer', async () => {
      const { store, clock } = use();
      const look = () => store.claimIdempotency(claim, clock.now());
      expect(await Promise.all([look(), look()])).toEqual([{ state: 'claimed' }, { state: 'in_progress' }]);
      await store.completeIdempotency(claim, { status: 201, body: '{}' });
      expect(await look()).toEqual({ state: 'replay', status: 201, body: '{}' });
      await expect(store.claimIdempotency({ ...claim, fingerprint: 'x' }, 1)).rejects.toMatchObject({
        code: 'idempotency_key_reused',
      });
      expect(await store.claimIdempotency({ ...claim, scope: 'key_2', fingerprint: 'x' }, 1)).toEqual({
        state: 'claimed',
      });
    });

    it('lets a key be used again when the first request had no effect', async () => {
      const { store } = use();
      await store.claimIdempotency(claim, 1);
      await store.releaseIdempotency(claim);
      expect(await store.claimIdempotency({ ...claim, fingerprint: 'other' }, 1)).toEqual({ state: 'claimed' });
    });

    it('does not release an answer', async () => {
      const { store } = use();
      await store.claimIdempotency(claim, 1);
      await store.completeIdempotency(claim, { status: 200, body: 'a' });
      await store.releaseIdempotency(claim);
      expect(await store.claimIdempotency(claim, 1)).toMatchObject({ state: 'replay' });
    });

    it('forgets old keys only', async () => {
      const { store } = use();
      for (const at of [1, 2, 3]) await store.claimIdempotency({ ...claim, key: `k${at}` }, at);
      expect(await store.pruneIdempotency(3)).toBe(2);
      expect(await store.claimIdempotency({ ...claim, key: 'k1' }, 4)).toEqual({ state: 'claimed' });
      expect(await store.claimIdempotency({ ...claim, key: 'k3' }, 4)).toEqual({ state: 'in_progress' });
    });
  });

  describe('media', () => {
    it('keeps what is known of a file within its property', async () => {
      const { store } = use();
      const media = { sha256: 'ef'.repeat(32), sizeBytes: 3, mimeType: 'text/plain' };
      const saved = await store.saveMedia({ property: 'main', media, filename: 'a.txt' });
      expect(saved).toMatchObject({ ...media, filename: 'a.txt' });
      expect(await store.getMedia(saved.id, 'main')).toEqual(saved);
      expect(await store.getMedia(saved.id, null)).toEqual(saved);
      expect(await store.getMedia(saved.id, 'other')).toBeNull();
    });
  });
}
