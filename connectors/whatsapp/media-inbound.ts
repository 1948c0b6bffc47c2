import type { Agent } from 'node:https';
import type { InboundAttachment, MediaPort } from '../../src/connector-api/index.ts';
import { MediaTooLargeError } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { sleep } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import { download, MediaStatusError, mediaUrl } from './media-download.ts';
import type { MediaKeys } from './media-seal.ts';
import { DamagedMediaError, openSealed } from './media-seal.ts';
import type { MediaSource } from './media-source.ts';

/** Above it a guest's file stays on WhatsApp's server: a hotel's disk is not a guest's drive. */
export const INBOUND_MEDIA_LIMIT_BYTES = 100 * 1024 * 1024;
/** Pauses between tries; a media server in trouble is back within seconds or not soon. */
const PAUSES_MS = [0, 1_000, 4_000] as const;
/** The server has dropped the file; the sender's phone may still have it. */
const GONE_STATUSES: ReadonlySet<number> = new Set([404, 410]);

/** Why a file is not there, as `reason` of the attachment. */
export type MediaFailure = 'too_large' | 'damaged' | 'gone' | 'unreachable' | 'no_key';

export interface MediaFetcherDeps {
  readonly agent: Agent;
  readonly media: MediaPort;
  readonly clock: Clock;
  readonly log: Logger;
  readonly isPrivate: boolean;
  readonly signal: AbortSignal;
  readonly limitBytes: number;
  deriveKeys(mediaKey: Uint8Array, secretKind: MediaSource['secretKind']): Promise<MediaKeys>;
}

/** Fetches files of guests: streamed, opened and checked on the way into the media store. */
export class MediaFetcher {
  readonly #deps: MediaFetcherDeps;

  constructor(deps: MediaFetcherDeps) {
    this.#deps = deps;
  }

  /**
   * Resolves with the stored file, or with `unavailable` and the reason. `askAgain` asks the sender's phone to upload once
   * more and resolves with the new place, or undefined. Rejects when the media store could not write or the session closes.
   */
  async fetch(source: MediaSource, askAgain: () => Promise<MediaSource | undefined>): Promise<InboundAttachment> {
    const first = await this.#tryAll(source);
    if (typeof first !== 'string') return first;
    if (first === 'too_large' || first === 'no_key') return unavailable(source, first);
    const renewed = await askAgain();
    const second = renewed === undefined ? first : await this.#tryAll(renewed);
    if (typeof second !== 'string') return second;
    this.#deps.log.warn('media unavailable', { reason: second, kind: source.kind });
    return unavailable(source, second);
  }

  async #tryAll(source: MediaSource): Promise<InboundAttachment | MediaFailure> {
    let failure: MediaFailure = 'unreachable';
    for (const pauseMs of PAUSES_MS) {
      if (pauseMs > 0) await sleep(this.#deps.clock, pauseMs, this.#deps.signal);
      const outcome = await this.#tryOnce(source);
      if (typeof outcome !== 'string') return outcome;
      failure = outcome;
      if (failure !== 'unreachable') break;
    }
    return failure;
  }

  async #tryOnce(source: MediaSource): Promise<InboundAttachment | MediaFailure> {
    const { agent, signal, media, limitBytes, isPrivate } = this.#deps;
    const url = mediaUrl(source, { isPrivate });
    if (source.mediaKey === undefined || url === undefined) return 'no_key';
    const keys = await this.#deps.deriveKeys(source.mediaKey, source.secretKind);
    const transfer = { complete: false };
    try {
      const sealed = await download(url, { agent, signal });
      const stored = await media.write(
        markEnd(openSealed(sealed, keys, source), () => {
          transfer.complete = true;
        }),
        { mimeType: source.mimeType, limitBytes },
      );
      return { ...describe(source), status: 'stored', media: stored };
    } catch (error) {
      if (transfer.complete) throw error; // the file was whole: the store failed, not the transfer
      return this.#judge(error);
    }
  }

  #judge(error: unknown): MediaFailure {
    this.#deps.signal.throwIfAborted();
    if (error instanceof MediaTooLargeError) return 'too_large';
    if (error instanceof DamagedMediaError) return 'damaged';
    if (error instanceof MediaStatusError && GONE_STATUSES.has(error.status)) return 'gone';
    if (isStoreFailure(error)) throw error;
    this.#deps.log.debug('media transfer failed', { error: error instanceof Error ? error : undefined });
    return 'unreachable';
  }
}

/** Codes of a disk that is full or broken; the network has none of them. */
const isStoreFailure = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE', 'EACCES', 'store_full'].includes(String(error.code));

async function* markEnd(source: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncGenerator<Uint8Array> {
  yield* source;
  onEnd();
}

function describe(source: MediaSource): Omit<Extract<InboundAttachment, { status: 'stored' }>, 'status' | 'media'> {
  return {
    kind: source.kind,
    ...(source.filename === undefined ? {} : { filename: source.filename }),
    ...(source.durationMs === undefined ? {} : { durationMs: source.durationMs }),
    ...(source.width === undefined ? {} : { width: source.width }),
    ...(source.height === undefined ? {} : { height: source.height }),
  };
}

/** An attachment whose bytes are not here. */
export function unavailable(source: MediaSource, reason: MediaFailure): InboundAttachment {
  return { ...describe(source), status: 'unavailable', mimeType: source.mimeType, reason };
}
