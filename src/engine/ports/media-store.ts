import type { MediaPort } from '../../connector-api/index.ts';

/** Where files live; the daemon's side adds what only it may do. */
export interface MediaStore extends MediaPort {
  has(sha256: string): Promise<boolean>;
  /** Idempotent. */
  delete(sha256: string): Promise<void>;
  /** Removes what a crash left half-written; called at start. Returns how many files. */
  sweep(): Promise<number>;
}
