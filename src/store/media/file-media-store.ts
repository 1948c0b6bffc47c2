import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { MediaRef } from '../../connector-api/content.ts';
import { MediaTooLargeError } from '../../connector-api/media-port.ts';
import { BellhopError } from '../../core/errors.ts';
import { isRecord } from '../../core/json.ts';
import type { MediaStore } from '../../engine/ports/media-store.ts';
import { INCOMING, mediaPath } from './media-path.ts';

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/**
 * Files under their own hash. Daemon and children each have one on the same folder: names are hashes and files come into
 * place by a rename, so they never disturb one another.
 */
export class FileMediaStore implements MediaStore {
  readonly #dir: string;
  readonly #arriving = new Set<string>();

  constructor(options: { dir: string }) {
    this.#dir = options.dir;
  }

  async write(source: AsyncIterable<Uint8Array>, facts: { mimeType: string; limitBytes: number }): Promise<MediaRef> {
    const name = randomUUID();
    const temporary = join(this.#dir, INCOMING, name);
    this.#arriving.add(name);
    try {
      await mkdir(join(this.#dir, INCOMING), { recursive: true, mode: DIRECTORY_MODE });
      const { sha256, sizeBytes } = await receive(source, temporary, facts.limitBytes);
      await this.#place(temporary, sha256, sizeBytes);
      return { sha256, sizeBytes, mimeType: facts.mimeType };
    } catch (error) {
      if (codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT') {
        throw new BellhopError('store_full', { cause: error });
      }
      throw error;
    } finally {
      this.#arriving.delete(name);
      await rm(temporary, { force: true });
    }
  }

  open(ref: MediaRef): Readable {
    const place = mediaPath(this.#dir, ref.sha256);
    return place === undefined ? missing() : createReadStream(place.file);
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.sizeOf(sha256)) !== undefined;
  }

  /** Size in bytes, or undefined where there is no such file. */
  async sizeOf(sha256: string): Promise<number | undefined> {
    const place = mediaPath(this.#dir, sha256);
    return place === undefined ? undefined : sizeOfFile(place.file);
  }

  async delete(sha256: string): Promise<void> {
    const place = mediaPath(this.#dir, sha256);
    if (place !== undefined) await rm(place.file, { force: true });
  }

  async sweep(): Promise<number> {
    const folder = join(this.#dir, INCOMING);
    const names = await readdir(folder).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw error;
    });
    const leftOver = names.filter((name) => !this.#arriving.has(name));
    for (const name of leftOver) await rm(join(folder, name), { force: true });
    return leftOver.length;
  }

  // A file of the right size is already whole: it was synced before it got its name.
  async #place(temporary: string, sha256: string, sizeBytes: number): Promise<void> {
    const place = mediaPath(this.#dir, sha256);
    if (place === undefined) throw new Error('a digest that is not a digest');
    const created = await mkdir(place.folder, { recursive: true, mode: DIRECTORY_MODE });
    if ((await sizeOfFile(place.file)) !== sizeBytes) await rename(temporary, place.file);
    await syncDirectory(place.folder);
    if (created !== undefined) await syncDirectory(this.#dir);
  }
}

async function receive(
  source: AsyncIterable<Uint8Array>,
  path: string,
  limitBytes: number,
): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(path, 'wx', FILE_MODE);
  try {
    for await (const chunk of source) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > limitBytes) throw new MediaTooLargeError(limitBytes);
      hash.update(chunk);
      await writeWhole(file, chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: hash.digest('hex'), sizeBytes };
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    offset += (await file.write(chunk, offset, chunk.byteLength - offset)).bytesWritten;
  }
}

async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.size : undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function missing(): Readable {
  const error = Object.assign(new Error('no such media file'), { code: 'ENOENT' });
  return new Readable({ read: (): void => undefined }).destroy(error);
}

function codeOf(error: unknown): unknown {
  return isRecord(error) ? error['code'] : undefined;
}
