import { MediaTooLargeError } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import type { MediaStore, RemoteMedia, Store } from '../engine/ports/index.ts';
import { cleanFilename } from '../http/files/content-disposition.ts';
import { sniffType } from '../http/files/sniff-type.ts';
import type { RemoteFiles } from '../webhooks/remote-file.ts';

export interface RemoteMediaDeps {
  /** Asked at the first use: the HTTP client behind it is slow to load, and many daemons never need it. */
  readonly openFiles: () => Promise<RemoteFiles>;
  readonly media: MediaStore;
  readonly store: Store;
  readonly limitBytes: number;
}

/** Treats a file behind a URL as an upload: typed by its own bytes, bounded, stored under its hash. */
export class FetchedMedia implements RemoteMedia {
  readonly #deps: RemoteMediaDeps;
  #files: Promise<RemoteFiles> | undefined;

  constructor(deps: RemoteMediaDeps) {
    this.#deps = deps;
  }

  async fetch(url: string, property: string): ReturnType<RemoteMedia['fetch']> {
    const { media, store, limitBytes } = this.#deps;
    this.#files ??= this.#deps.openFiles();
    const file = await (await this.#files).open(url);
    try {
      const { mimeType, source } = await sniffType(file.bytes, file.declaredType);
      const ref = await media.write(source, { mimeType, limitBytes });
      return await store.saveMedia({ property, media: ref, filename: nameOf(url) });
    } catch (error) {
      if (!(error instanceof MediaTooLargeError)) throw error;
      throw new BellhopError('media_too_large', { detail: `At most ${limitBytes} bytes.` });
    }
  }

  /** Cuts what is under way. */
  async stop(): Promise<void> {
    const files = await this.#files;
    await files?.close();
  }
}

/** The last part of the path, as browsers do it. */
function nameOf(url: string): string | null {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return last === '' ? null : cleanFilename(decodeURIComponent(last));
  } catch {
    return cleanFilename(last);
  }
}
