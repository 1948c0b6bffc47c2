import type { AuthConfig } from '../config/schema.ts';
import type { Random } from '../core/random.ts';
import { type Principal, scopes } from '../engine/model/access.ts';
import type { Store } from '../engine/ports/index.ts';
import { hashApiKey, makeApiKey } from '../http/api-key.ts';
import type { KnownKey } from '../http/http-deps.ts';

export interface Access {
  /** Keys that the store does not know: the configuration's, and the one of this run. */
  readonly knownKeys: readonly KnownKey[];
  /** For commands on this machine; lives as long as the daemon. */
  readonly runKey: string;
  /** Made at the first start where no admin key is configured; shown once and never stored. */
  readonly newAdminKey: string | null;
}

const everything = new Set(scopes);

/** The principal of the daemon itself and of whoever holds an admin key. */
export function administrator(keyId: string): Principal {
  return { keyId, name: keyId, scopes: everything, property: null };
}

/** Collects who may use the API. Makes an admin key where there is no other way in. */
export async function prepareAccess(auth: AuthConfig, store: Store, random: Random): Promise<Access> {
  const runKey = makeApiKey(random);
  const configured = auth.apiKeys.map(
    (key): KnownKey => ({
      hash: key.hash,
      principal: { keyId: `config:${key.name}`, name: key.name, scopes: new Set(key.scopes), property: null },
    }),
  );
  const adminKeys: KnownKey[] =
    auth.adminKey === undefined ? [] : [{ hash: hashApiKey(auth.adminKey), principal: administrator('config:admin') }];
  return {
    knownKeys: [...adminKeys, ...configured, { hash: hashApiKey(runKey), principal: administrator('cli') }],
    runKey,
    newAdminKey: auth.adminKey === undefined ? await makeFirstKey(store, random) : null,
  };
}

async function makeFirstKey(store: Store, random: Random): Promise<string | null> {
  const existing = await store.listApiKeys({ limit: 1 });
  if (existing.data.length > 0) return null;
  const key = makeApiKey(random);
  await store.createApiKey({ name: 'admin', hash: hashApiKey(key), scopes: ['admin'], property: null });
  return key;
}
