import type { Media } from '../model/access.ts';

/** Takes files that a caller names by URL into the media store. Asked while the caller waits. */
export interface RemoteMedia {
  /**
   * Resolves when the bytes are durable and catalogued. Rejects with `invalid_request` for an unusable URL, `media_fetch_failed`,
   * `media_too_large` or `store_full`. Takes as long as the other server does, within a deadline of its own.
   */
  fetch(url: string, property: string): Promise<Media>;
}
