import type { MediaRef } from '../../../connector-api/index.ts';
import type { ApiKey, Media, Scope } from '../../model/access.ts';
import type { IdempotencyClaim, IdempotencyState, Page, PageQuery, PropertyFilter } from './common.ts';

export interface AccessStore {
  /** `hash`: lower-case hex SHA-256 of the whole key. The key itself is never stored. */
  createApiKey(input: {
    name: string;
    hash: string;
    scopes: readonly Scope[];
    property: string | null;
    configKey?: string;
  }): Promise<ApiKey>;
  findApiKey(hash: string): Promise<ApiKey | null>;
  listApiKeys(page: PageQuery): Promise<Page<ApiKey>>;
  revokeApiKey(id: string, at: number): Promise<ApiKey>;
  /** Coarse, at most once a minute a key. */
  touchApiKey(id: string, at: number): Promise<void>;

  /** For requests other than messages. Rejects with `idempotency_key_reused`. A claim left by a dead daemon is free again. */
  claimIdempotency(claim: IdempotencyClaim, at: number): Promise<IdempotencyState>;
  completeIdempotency(claim: IdempotencyClaim, answer: { status: number; body: string }): Promise<void>;
  /** The request failed before it had an effect: the key may be used again. */
  releaseIdempotency(claim: IdempotencyClaim): Promise<void>;
  pruneIdempotency(before: number): Promise<number>;
}

export interface MediaCatalog {
  saveMedia(input: { property: string; media: MediaRef; filename: string | null }): Promise<Media>;
  getMedia(id: string, property: PropertyFilter): Promise<Media | null>;
}
