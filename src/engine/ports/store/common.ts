/** A page of a list. `cursor` is what the previous page returned; keyset paging only, never an offset. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly data: readonly T[];
  readonly nextCursor: string | null;
}

/** `null` = every property; a key that is bound to one property never sees another's rows. */
export type PropertyFilter = string | null;

/** A request that may come twice. The claim is durable together with the effect it guards. */
export interface IdempotencyClaim {
  /** Who claims it: the API key's id. */
  readonly scope: string;
  readonly key: string;
  /** SHA-256 of method, path and body. */
  readonly fingerprint: string;
}

export type IdempotencyState =
  | { readonly state: 'claimed' }
  | { readonly state: 'in_progress' }
  | { readonly state: 'replay'; readonly status: number; readonly body: string };

/** What a commit touched, so that workers wake without polling. Called after the commit is durable. */
export interface CommitSummary {
  readonly events: boolean;
  readonly deliveries: boolean;
  /** Sessions whose outbox may have something due. */
  readonly outbox: ReadonlySet<string>;
  /** A limit of a network began, changed or ended. */
  readonly limits: boolean;
}
