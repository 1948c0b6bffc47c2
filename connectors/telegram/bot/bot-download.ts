import type { JsonValue } from '../../../src/core/json.ts';
import type { FetchFile } from '../file-fetcher.ts';
import { FetchPostponed, FileUnavailable } from '../file-fetcher.ts';
import type { BotApi } from './bot-api.ts';
import { BotLost, BotRefused } from './bot-api.ts';
import { botFilePlace } from './bot-schemas.ts';
import { botFileSource } from './map-bot-file.ts';

const PLACE_TIMEOUT_MS = 30_000;
const UNAUTHORIZED = 401;
const TOO_MANY = 429;
const SERVER_ERROR = 500;
/** A message is not held back longer for the sake of its file. */
const LONGEST_WAIT_MS = 600_000;

/** Fetches files of guests over the Bot API, which hands out up to 20 MB each. */
export class BotDownload {
  readonly #api: () => BotApi | undefined;

  /** `api`: of the open connection; without one files wait. */
  constructor(deps: { api: () => BotApi | undefined }) {
    this.#api = deps.api;
  }

  /** `fetchFile` of an `Inbox`. */
  readonly fetch: FetchFile = (source, options) => this.#fetch(source, options.signal);

  async *#fetch(source: JsonValue, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const api = this.#api();
    if (api === undefined) throw new FetchPostponed();
    const { fileId } = botFileSource.parse(source);
    try {
      const answer = await api.call('getFile', { file_id: fileId }, { timeoutMs: PLACE_TIMEOUT_MS, signal });
      const { file_path: path, file_size: size } = botFilePlace.parse(answer);
      // A server of one's own that keeps files on its own disk hands none out.
      if (path === undefined || path.startsWith('/')) throw new FileUnavailable('elsewhere');
      let received = 0;
      for await (const bytes of api.download(path, { signal })) {
        received += bytes.length;
        yield bytes;
      }
      if (received < (size ?? 0)) throw new Error('the file ended early');
    } catch (error) {
      throw judge(error);
    }
  }
}

/** What a failed call means for the file. */
function judge(error: unknown): unknown {
  if (error instanceof BotLost) return error.reason === 'aborted' ? new FetchPostponed() : error;
  if (!(error instanceof BotRefused) || error.code >= SERVER_ERROR || error.code === 0) return error;
  if (error.code === UNAUTHORIZED) return new FetchPostponed(); // the session's end, not the file's
  if (error.code === TOO_MANY) {
    const { retryAfterMs } = error;
    const isShort = retryAfterMs !== undefined && retryAfterMs <= LONGEST_WAIT_MS;
    return isShort ? new FetchPostponed(retryAfterMs) : new FileUnavailable('rate_limited');
  }
  return new FileUnavailable(/too big/i.test(error.description) ? 'too_large' : 'gone');
}
