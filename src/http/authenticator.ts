import type { Clock } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Principal } from '../engine/model/access.ts';
import type { AccessStore } from '../engine/ports/index.ts';
import { hashApiKey } from './api-key.ts';
import type { KnownKey } from './http-deps.ts';

/** Keys in use at once in one hotel are a handful; the bound only keeps memory flat. */
const CACHE_ENTRIES = 512;
/** A key revoked behind the API's back (a restored backup) is refused after this long at the latest. */
const CACHE_TTL_MS = 60_000;
/** Far above any key; longer ones are not worth hashing. */
const LONGEST_KEY = 512;
const BEARER = /^bearer +([\x21-\x7e]+)$/i;

interface CacheEntry {
  readonly principal: Principal;
  readonly until: number;
}

/**
 * Tells who makes a request. A key is found by its SHA-256, so the time of a lookup says nothing about the key. Keys of the store
 * are cached; `forget` must be called when one is revoked.
 */
export class Authenticator {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #known: ReadonlyMap<string, KnownKey>;
  readonly #cache = new Map<string, CacheEntry>();
  #generation = 0;

  constructor(deps: { store: AccessStore; clock: Clock; log: Logger; knownKeys: readonly KnownKey[] }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#known = new Map(deps.knownKeys.map((key) => [key.hash, key]));
  }

  /** The hash of the bearer key in an Authorization header. Throws `unauthenticated`. */
  readHash(header: string | undefined): string {
    const key = header === undefined ? undefined : BEARER.exec(header)?.[1];
    if (key === undefined || key.length > LONGEST_KEY) throw new BellhopError('unauthenticated');
    return hashApiKey(key);
  }

  /** Answers at once for a key that was seen lately; `undefined` means: ask `load`. */
  peek(hash: string): Principal | undefined {
    const known = this.#known.get(hash);
    if (known !== undefined) return known.principal;
    const entry = this.#cache.get(hash);
    return entry !== undefined && entry.until > this.#clock.monotonic() ? entry.principal : undefined;
  }

  /** Asks the store. Rejects with `unauthenticated`. */
  async load(hash: string): Promise<Principal> {
    const generation = this.#generation;
    const key = await this.#store.findApiKey(hash);
    if (key?.revokedAt !== null) throw new BellhopError('unauthenticated');
    const principal: Principal = {
      keyId: key.id,
      name: key.name,
      scopes: new Set(key.scopes),
      property: key.property,
    };
    // a key revoked while it was being read must not come back through the cache
    if (generation === this.#generation) this.#remember(hash, principal);
    this.#store.touchApiKey(key.id, this.#clock.now()).catch((error: unknown) => {
      this.#log.warn('time of last use of an API key not stored', { error: error instanceof Error ? error : null });
    });
    return principal;
  }

  /** After a key was revoked. */
  forget(keyId: string): void {
    this.#generation += 1;
    for (const [hash, entry] of this.#cache) if (entry.principal.keyId === keyId) this.#cache.delete(hash);
  }

  #remember(hash: string, principal: Principal): void {
    this.#cache.delete(hash);
    this.#cache.set(hash, { principal, until: this.#clock.monotonic() + CACHE_TTL_MS });
    if (this.#cache.size <= CACHE_ENTRIES) return;
    const oldest = this.#cache.keys().next();
    if (oldest.done !== true) this.#cache.delete(oldest.value);
  }
}
