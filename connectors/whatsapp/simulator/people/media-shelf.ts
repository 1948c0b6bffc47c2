import { toBase64 } from './bytes.ts';
import { sha256 } from './media-crypto.ts';

/** Where a stored file is found again, as an upload answers it. */
export interface MediaLocation {
  readonly url: string;
  readonly directPath: string;
}

const MAX_STORED_BYTES = 256 * 1024 * 1024; // all in memory; older files expire as they do on the real servers
const MAX_EXPORTED_BYTES = 16 * 1024 * 1024; // the newest files, so that a restart does not break what was just sent

/** The encrypted files of the simulated network, by path. Guests reach it directly, clients through {@link MediaServer}. */
export class MediaShelf {
  readonly #origin: () => string;
  readonly #blobs = new Map<string, Uint8Array>();
  #storedBytes = 0;

  /** `origin` gives `https://host:port` of the server in front, once that listens. */
  constructor(deps: { origin: () => string }) {
    this.#origin = deps.origin;
  }

  /** Stores under a path that follows from the content. */
  put(blob: Uint8Array): MediaLocation {
    const name = toBase64(sha256(blob)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const directPath = `/v/t62.7118-24/${name}.enc`;
    this.#store(directPath, blob);
    return { url: `${this.#origin()}${directPath}`, directPath };
  }

  get(directPath: string): Uint8Array | undefined {
    return this.#blobs.get(directPath);
  }

  /** The file expires, as it does on the real servers after some weeks. */
  remove(directPath: string): void {
    this.#storedBytes -= this.#blobs.get(directPath)?.length ?? 0;
    this.#blobs.delete(directPath);
  }

  get size(): number {
    return this.#blobs.size;
  }

  /** The newest files as base64 by path, as many as fit. */
  exportState(): Record<string, string> {
    const exported: [string, string][] = [];
    let bytes = 0;
    for (const [path, blob] of [...this.#blobs].reverse()) {
      bytes += blob.length;
      if (bytes > MAX_EXPORTED_BYTES) break;
      exported.unshift([path, toBase64(blob)]);
    }
    return Object.fromEntries(exported);
  }

  importState(state: Readonly<Record<string, Uint8Array>>): void {
    for (const [path, blob] of Object.entries(state)) this.#store(path, blob);
  }

  #store(directPath: string, blob: Uint8Array): void {
    this.remove(directPath);
    this.#blobs.set(directPath, blob);
    this.#storedBytes += blob.length;
    for (const oldest of this.#blobs.keys()) {
      if (this.#storedBytes <= MAX_STORED_BYTES || oldest === directPath) break;
      this.remove(oldest);
    }
  }
}
