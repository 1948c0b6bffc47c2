import { createHash } from 'node:crypto';
import type { MediaPort, MediaRef } from '../../src/connector-api/index.ts';
import { SendError } from '../../src/connector-api/index.ts';
import { isRecord } from '../../src/core/json.ts';
import type { Random } from '../../src/core/random.ts';
import { toSendError } from './limits.ts';
import type { Caller } from './line.ts';
import type { TlObject } from './tl.ts';

/** The largest part that Telegram takes; every part but the last has this size. */
const PART_BYTES = 512 * 1024;
/** From here on files are saved by another method, which wants the number of parts and no checksum. */
const BIG_FILE_BYTES = 10 * 1024 * 1024;
/** A part of half a megabyte over a poor line. */
const PART_TIMEOUT_MS = 60_000;
const FILE_ID_BYTES = 8;
const FILE_ID_BITS = 63;

const SAVE_SMALL = 'upload.saveFilePart';
const SAVE_BIG = 'upload.saveBigFilePart';

/** Brings files of the media store to Telegram, one part after the other, never more than one part in memory. */
export class MediaUpload {
  readonly #line: Caller;
  readonly #media: MediaPort;
  readonly #random: Random;

  constructor(deps: { line: Caller; media: MediaPort; random: Random }) {
    this.#line = deps.line;
    this.#media = deps.media;
    this.#random = deps.random;
  }

  /** Resolves with an `InputFile`. Rejects with a SendError that is always `not_sent`: an uploaded file is no message yet. */
  async upload(ref: MediaRef, name: string, signal: AbortSignal): Promise<TlObject> {
    if (ref.sizeBytes === 0) throw new SendError('unsupported_content', { ...REFUSED, detail: 'The file is empty.' });
    const isBig = ref.sizeBytes >= BIG_FILE_BYTES;
    const id = this.#newFileId();
    const parts = Math.ceil(ref.sizeBytes / PART_BYTES);
    const hash = createHash('md5');
    let index = 0;
    for await (const bytes of this.#parts(ref)) {
      if (!isBig) hash.update(bytes);
      const part = { fileId: id, filePart: index, bytes };
      await this.#save(isBig ? { _: SAVE_BIG, ...part, fileTotalParts: parts } : { _: SAVE_SMALL, ...part }, signal);
      index += 1;
    }
    if (index !== parts) throw new SendError('media_gone', { ...REFUSED, detail: 'The stored file is incomplete.' });
    return isBig
      ? { _: 'inputFileBig', id, parts, name }
      : { _: 'inputFile', id, parts, name, md5Checksum: hash.digest('hex') };
  }

  async #save(call: TlObject, signal: AbortSignal): Promise<void> {
    let isSaved: unknown;
    try {
      isSaved = await this.#line.invoke(call, { timeoutMs: PART_TIMEOUT_MS, signal });
    } catch (error) {
      throw toSendError(error, call._);
    }
    if (isSaved !== true) throw new SendError('media_transfer_failed', { certainty: 'not_sent', retryable: true });
  }

  async *#parts(ref: MediaRef): AsyncGenerator<Uint8Array> {
    let kept: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of this.#media.open(ref)) {
        let rest = bytesOf(chunk);
        while (size + rest.length >= PART_BYTES) {
          const missing = PART_BYTES - size;
          yield Buffer.concat([...kept, rest.subarray(0, missing)]);
          rest = rest.subarray(missing);
          kept = [];
          size = 0;
        }
        kept.push(rest);
        size += rest.length;
      }
    } catch (cause) {
      if (cause instanceof SendError) throw cause;
      if (isRecord(cause) && cause['code'] === 'ENOENT') throw new SendError('media_gone', { ...REFUSED, cause });
      throw new SendError('media_transfer_failed', { certainty: 'not_sent', retryable: true, cause });
    }
    if (size > 0) yield Buffer.concat(kept);
  }

  #newFileId(): bigint {
    const drawn = Buffer.from(this.#random.bytes(FILE_ID_BYTES)).readBigUInt64BE();
    return BigInt.asUintN(FILE_ID_BITS, drawn) || 1n;
  }
}

const REFUSED = { certainty: 'not_sent', retryable: false } as const;

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('the media store gave something else than bytes');
}
