/** What the media server shall do wrong, for the next so many requests of a kind. */
export type MediaFault =
  | { readonly kind: 'refuse'; readonly status: number }
  /** Sends this many bytes, then cuts the line. Downloads only. */
  | { readonly kind: 'truncate'; readonly bytes: number }
  /** Waits before the answer. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Cuts the line without an answer. */
  | { readonly kind: 'drop' }
  /** Answers with altered bytes. Downloads only. */
  | { readonly kind: 'corrupt' };

export type MediaRequestKind = 'upload' | 'download';

/** The levers of the media server: faults are used up in the order in which they were set. */
export class MediaFaults {
  readonly #queues: Record<MediaRequestKind, MediaFault[]> = { upload: [], download: [] };

  /** The next `times` requests of this kind go wrong. */
  next(kind: MediaRequestKind, fault: MediaFault, times = 1): void {
    this.#queues[kind].push(...Array.from({ length: times }, () => fault));
  }

  /** Called by the server for each request. */
  take(kind: MediaRequestKind): MediaFault | undefined {
    return this.#queues[kind].shift();
  }

  clear(): void {
    this.#queues.upload.length = 0;
    this.#queues.download.length = 0;
  }
}
