/**
 * One encrypted file a session. All calls are synchronous: when one returns outside a transaction, or when the outermost
 * `transaction` returns, its effect survives a kill or a power cut. Names and values are unreadable without the key.
 */
export interface SessionVault {
  readonly secrets: VaultSecrets;
  readonly cursor: VaultCursor;
  readonly spool: VaultSpool;
  /**
   * All or nothing. Nested calls join the outer one. `work` must not be async. With `lazy` the effect survives a kill at
   * once, and a power cut no later than that of the next call without it: for what would only be done again.
   */
  transaction<T>(work: () => T, options?: { readonly lazy: boolean }): T;
}

/** Credentials and keys: a map of maps of bytes. */
export interface VaultSecrets {
  get(namespace: string, name: string): Uint8Array | undefined;
  set(namespace: string, name: string, value: Uint8Array): void;
  delete(namespace: string, name: string): void;
  /** Every entry of a namespace, in no order. */
  entries(namespace: string): readonly (readonly [name: string, value: Uint8Array])[];
  /** Forgets everything, cursor and spool too: used by `logout` and by a cancelled login. */
  clear(): void;
}

/** Small named positions in the network's streams. */
export interface VaultCursor {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

export interface SpoolEntry {
  readonly key: string;
  readonly body: Uint8Array;
  /** When it was put; epoch ms. */
  readonly putAt: number;
  /** When the daemon had stored it; absent while it is pending. */
  readonly settledAt?: number;
}

/** What the network handed over, in order of arrival, until the daemon has stored it and for some days after. */
export interface VaultSpool {
  /** Adds an entry, or replaces the body of a pending one with the same key, keeping its place. */
  put(key: string, body: Uint8Array): void;
  get(key: string): SpoolEntry | undefined;
  /** Pending entries, oldest first. */
  pending(limit: number): readonly SpoolEntry[];
  /** With `body` that stands for it from here on. */
  settle(key: string, body?: Uint8Array): void;
  delete(key: string): void;
  /** Deletes entries that were settled before `epochMs`; returns how many. */
  prune(epochMs: number): number;
  /** Number of pending entries. */
  depth(): number;
}
