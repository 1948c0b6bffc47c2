import type { AttachmentKind, InboundAttachment, SessionContext } from '../../src/connector-api/index.ts';
import { MediaTooLargeError } from '../../src/connector-api/index.ts';
import { sleep } from '../../src/core/clock.ts';
import type { JsonValue } from '../../src/core/json.ts';
import type { PendingFile } from './journal-entry.ts';
import { describe, unavailable } from './journal-entry.ts';

/** Above it a guest's file stays at Telegram: a hotel's disk is not a guest's drive. */
export const INBOUND_MEDIA_LIMIT_BYTES = 100 * 1024 * 1024;
/** Pauses between tries; a server in trouble is back within seconds or not soon. */
const PAUSES_MS = [0, 1_000, 5_000] as const;
/** 100 MiB over a poor hotel line; what takes longer would hold its chat back for ever. */
const LONGEST_TRANSFER_MS = 15 * 60 * 1000;

/** The bytes that a `source` names, from the start. May throw `FileUnavailable` or `FetchPostponed`; anything else is tried again. */
export type FetchFile = (source: JsonValue, options: { readonly signal: AbortSignal }) => AsyncIterable<Uint8Array>;

/** The network will not hand these bytes out, however often it is asked. `reason` becomes the attachment's. */
export class FileUnavailable extends Error {
  readonly reason: string;

  constructor(reason: string) {
    super(`file unavailable: ${reason}`);
    this.name = 'FileUnavailable';
    this.reason = reason;
  }
}

/** There is no connection to ask over, or the network wants a pause: no fault of the file, so no try is counted. */
export class FetchPostponed extends Error {
  /** Absent = until the inbox is told to work again. */
  readonly afterMs: number | undefined;

  constructor(afterMs?: number) {
    super('fetch postponed');
    this.name = 'FetchPostponed';
    this.afterMs = afterMs;
  }
}

type Outcome = InboundAttachment | { readonly failed: string; readonly isFinal: boolean };

/** Brings files of guests into the media store. */
export class FileFetcher {
  readonly #context: SessionContext<unknown>;
  readonly #fetchFile: FetchFile;
  readonly #limitBytes: (kind: AttachmentKind) => number;

  constructor(deps: {
    context: SessionContext<unknown>;
    fetchFile: FetchFile;
    limitBytes: (kind: AttachmentKind) => number;
  }) {
    this.#context = deps.context;
    this.#fetchFile = deps.fetchFile;
    this.#limitBytes = deps.limitBytes;
  }

  /**
   * Resolves with the stored file, or with `unavailable` and the reason (`too_large`, `unreachable`, or the source's own). Rejects with
   * `FetchPostponed`, when the media store could not write, or when the session closes.
   */
  async fetch(file: PendingFile): Promise<InboundAttachment> {
    const { clock, log, signal } = this.#context;
    let failed = 'unreachable';
    for (const pauseMs of PAUSES_MS) {
      if (pauseMs > 0) await sleep(clock, pauseMs, signal);
      const outcome = await this.#tryOnce(file);
      if (!('failed' in outcome)) return outcome;
      failed = outcome.failed;
      if (outcome.isFinal) break;
    }
    log.warn('media unavailable', { reason: failed, kind: file.kind });
    return unavailable(file, failed);
  }

  async #tryOnce(file: PendingFile): Promise<Outcome> {
    const { clock, media, signal } = this.#context;
    const limitBytes = this.#limitBytes(file.kind);
    if ((file.sizeBytes ?? 0) > limitBytes) return { failed: 'too_large', isFinal: true };
    const late = new AbortController();
    const timer = clock.after(LONGEST_TRANSFER_MS, () => late.abort());
    const transfer: { fault?: unknown } = {};
    try {
      const open = (): AsyncIterable<Uint8Array> =>
        this.#fetchFile(file.source, { signal: AbortSignal.any([signal, late.signal]) });
      const stored = await media.write(noteFault(open, transfer), { mimeType: file.mimeType, limitBytes });
      return { ...describe(file), status: 'stored', media: stored };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MediaTooLargeError) return { failed: 'too_large', isFinal: true };
      if (!('fault' in transfer)) throw error; // the store's, not the network's
      return this.#judge(transfer.fault);
    } finally {
      timer.cancel();
    }
  }

  #judge(fault: unknown): Outcome {
    if (fault instanceof FetchPostponed) throw fault;
    if (fault instanceof FileUnavailable) return { failed: fault.reason, isFinal: true };
    this.#context.log.debug('media transfer failed', { error: fault instanceof Error ? fault.name : typeof fault });
    return { failed: 'unreachable', isFinal: false };
  }
}

/** The media store rejects with the source's error as well as with its own: this tells them apart. */
async function* noteFault(
  open: () => AsyncIterable<Uint8Array>,
  transfer: { fault?: unknown },
): AsyncGenerator<Uint8Array> {
  try {
    yield* open();
  } catch (error) {
    transfer.fault = error;
    throw error;
  }
}
