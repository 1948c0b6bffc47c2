import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { ApiKey, Media } from '../../engine/model/access.ts';
import type { AccessStore, MediaCatalog } from '../../engine/ports/index.ts';
import type { JsonOf } from './codec.ts';
import { decode, encode } from './codec.ts';
import { decodeCursor, encodeCursor, toPage } from './cursors.ts';
import type { StoreParts } from './parts.ts';

const TOUCH_EVERY_MS = 60_000; // `lastUsedAt` is for people; a commit for each request would be waste
const PRUNED_PER_COMMIT = 1000; // keeps one transaction short

type Keys = Pick<AccessStore, 'createApiKey' | 'findApiKey' | 'listApiKeys' | 'revokeApiKey' | 'touchApiKey'>;
type Row = { readonly id: string; readonly object: JsonOf<ApiKey> };

export function apiKeyOperations(parts: StoreParts): Keys {
  const { database, clock, ids, read, write } = parts;
  const byId = database.prepare<[string], Row>('SELECT id, object FROM api_keys WHERE id = ?');
  const byHash = database.prepare<[string], Row>('SELECT id, object FROM api_keys WHERE hash = ?');
  const byConfigKey = database.prepare<[string], Row>('SELECT id, object FROM api_keys WHERE config_key = ?');
  const page = database.prepare<[string, number], Row>(
    'SELECT id, object FROM api_keys WHERE id > ? ORDER BY id LIMIT ?',
  );
  const insert = database.prepare<[string, string, string | null, string]>(
    'INSERT INTO api_keys (id, hash, config_key, object) VALUES (?, ?, ?, ?)',
  );
  const replace = database.prepare<[string, string, string]>('UPDATE api_keys SET hash = ?, object = ? WHERE id = ?');
  const update = database.prepare<[string, string]>('UPDATE api_keys SET object = ? WHERE id = ?');
  const requireKey = (id: string): ApiKey => {
    const row = byId.get(id);
    if (row === undefined) throw new BellhopError('not_found', { detail: 'There is no such key.' });
    return decode(row.object);
  };
  return {
    createApiKey: ({ name, hash, scopes, property, configKey }) =>
      write(() => {
        const known = configKey === undefined ? undefined : byConfigKey.get(configKey);
        const facts = { name, scopes: [...scopes], property };
        if (known !== undefined) {
          const key: ApiKey = { ...decode(known.object), ...facts, revokedAt: null };
          replace.run(hash, encode(key).json, key.id);
          return key;
        }
        const createdAt = toTimestamp(clock.now());
        const key: ApiKey = { id: ids.next('key'), ...facts, createdAt, lastUsedAt: null, revokedAt: null };
        insert.run(key.id, hash, configKey ?? null, encode(key).json);
        return key;
      }),
    findApiKey: (hash) =>
      read(() => {
        const row = byHash.get(hash);
        return row === undefined ? null : decode(row.object);
      }),
    listApiKeys: ({ limit, cursor }) =>
      read(() => {
        const after = cursor === undefined ? '' : (decodeCursor('key', cursor, 1)[0] ?? '');
        return toPage(
          page.all(after, limit + 1),
          limit,
          (row) => decode(row.object),
          (row) => encodeCursor('key', row.id),
        );
      }),
    revokeApiKey: (id, at) =>
      write(() => {
        const key = requireKey(id);
        const revoked = { ...key, revokedAt: key.revokedAt ?? toTimestamp(at) };
        update.run(encode(revoked).json, id);
        return revoked;
      }),
    async touchApiKey(id, at) {
      const isFresh = (key: ApiKey): boolean =>
        key.lastUsedAt !== null && at - Date.parse(key.lastUsedAt) < TOUCH_EVERY_MS;
      if (await read(() => isFresh(requireKey(id)))) return;
      await write(() => {
        const key = requireKey(id);
        if (!isFresh(key)) update.run(encode({ ...key, lastUsedAt: toTimestamp(at) }).json, id);
      });
    },
  };
}

export function idempotencyOperations(
  parts: StoreParts,
): Pick<AccessStore, 'claimIdempotency' | 'completeIdempotency' | 'releaseIdempotency' | 'pruneIdempotency'> {
  const { idempotency, write } = parts;
  return {
    claimIdempotency: (claim, at) =>
      write(() => {
        const earlier = idempotency.look(claim);
        if (earlier !== null) return earlier;
        idempotency.claim(claim, at);
        return { state: 'claimed' };
      }),
    completeIdempotency: (claim, answer) => write(() => idempotency.complete(claim, answer)),
    releaseIdempotency: (claim) => write(() => idempotency.release(claim)),
    async pruneIdempotency(before) {
      let total = 0;
      for (;;) {
        const count = await write(() => idempotency.prune(before, PRUNED_PER_COMMIT));
        total += count;
        if (count < PRUNED_PER_COMMIT) return total;
      }
    },
  };
}

export function mediaOperations(parts: StoreParts): MediaCatalog {
  const { clock, ids, read, write } = parts;
  return {
    saveMedia: ({ property, media, filename }) =>
      write(() => {
        const saved: Media = {
          id: ids.next('med'),
          property,
          mimeType: media.mimeType,
          sizeBytes: media.sizeBytes,
          sha256: media.sha256,
          filename,
          createdAt: toTimestamp(clock.now()),
        };
        parts.media.insert(saved);
        return saved;
      }),
    getMedia: (id, property) => read(() => parts.media.get(id, property)),
  };
}
