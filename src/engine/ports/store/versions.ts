import type { VersionFacts } from '../../version-facts.ts';

/** What works with a private endpoint says nothing about the network itself. */
export type VersionNetwork = 'public' | 'private';

/** What is remembered of one client version, for all sessions of its channel. */
export interface StoredVersion extends VersionFacts {
  readonly channel: string;
  readonly network: VersionNetwork;
}

export interface VersionStore {
  /** All of them; they are few. In no particular order. */
  listClientVersions(): Promise<readonly StoredVersion[]>;
  /** Adds it or replaces what was known. A pinned one takes the pin from the others of its channel and network. */
  saveClientVersion(version: StoredVersion): Promise<void>;
  /** Idempotent. */
  forgetClientVersion(key: Pick<StoredVersion, 'channel' | 'network' | 'version'>): Promise<void>;
}
