import type { Readable } from 'node:stream';
import type { MediaRef } from './content.ts';

/** How a connector reads and writes files without knowing where they live. */
export interface MediaPort {
  /**
   * Streams bytes into the store. Resolves when the file is durable under its hash. Rejects with `MediaTooLargeError` as
   * soon as `limitBytes` is passed, or with the source's own error; in both cases nothing is left behind.
   */
  write(source: AsyncIterable<Uint8Array>, facts: { mimeType: string; limitBytes: number }): Promise<MediaRef>;
  /** A stream of the plain bytes; errors with ENOENT where they are gone. */
  open(ref: MediaRef): Readable;
}

export class MediaTooLargeError extends Error {
  readonly limitBytes: number;

  constructor(limitBytes: number) {
    super('media larger than allowed');
    this.name = 'MediaTooLargeError';
    this.limitBytes = limitBytes;
  }
}
