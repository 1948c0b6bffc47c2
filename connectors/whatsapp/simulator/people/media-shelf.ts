import { toBase64 } from './bytes.ts';
import { sha256 } from './media-crypto.ts';

/** Where a stored file is found again, as an upload answers it. */
export interface MediaLocation {
  readonly url: string;
  readonly directPath: string;
}

/** The encrypted files of the simulated network, by path. Guests reach it directly, clients through {@link MediaServer}. */
export class MediaShelf {
  readonly #origin: () => string;
  readonly #blobs = new Map<string, Uint8Array>();

  /** `origin` gives `https://host:port` of the server in front, once that listens. */
  constructor(deps: { origin: () => string }) {
    this.#origin = deps.origin;
  }

  /** Stores under a path that follows from the content. */
  put(blob: Uint8Array): MediaLocation {
    const name = toBase64(sha256(blob)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const directPath = `/v/t62.7118-24/${name}.enc`;
    this.#blobs.set(directPath, blob);
    return { url: `${this.#origin()}${directPath}`, directPath };
  }

  get(directPath: string): Uint8Array | undefined {
    return this.#blobs.get(directPath);
  }

  /** The file expires, as it does on the real servers after some weeks. */
  remove(directPath: string): void {
    this.#blobs.delete(directPath);
  }

  get size(): number {
    return this.#blobs.size;
  }

  exportState(): Record<string, string> {
    return Object.fromEntries([...this.#blobs].map(([path, blob]) => [path, toBase64(blob)]));
  }

  importState(state: Readonly<Record<string, Uint8Array>>): void {
    for (const [path, blob] of Object.entries(state)) this.#blobs.set(path, blob);
  }
}
