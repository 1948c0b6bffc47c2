import type { JsonValue } from '../../src/core/json.ts';
import type { FetchFile } from './file-fetcher.ts';
import { FetchPostponed, FileUnavailable } from './file-fetcher.ts';
import type { FileSource } from './map-file.ts';
import { fileSource, mapFile } from './map-file.ts';
import type { MtprotoClient } from './mtproto/client.ts';
import { CallLost, RpcFailure } from './mtproto/client.ts';
import type { PeerBook } from './peer-book.ts';
import type { TlObject } from './tl.ts';
import { bytesAt, isObject, listAt, numberAt, objectAt } from './tl-fields.ts';

/** The most that one call grants; a multiple of 4 KiB that divides 1 MiB (core.telegram.org/api/files). */
const PART_BYTES = 512 * 1024;
/** Half a megabyte over a poor hotel line. */
const PART_TIMEOUT_MS = 60_000;
const MESSAGE_TIMEOUT_MS = 30_000;
/** A reference that grew old while the file was fetched is renewed; one that is old at once again is wrong. */
const MOST_RENEWALS = 3;
const MOST_MIGRATIONS = 2;
/** A message is not held back longer for the sake of its file. */
const LONGEST_WAIT_SECONDS = 600;
const MS_PER_SECOND = 1_000;
const UNAUTHORIZED = 401;
const SERVER_ERROR = 500;

/** Fetches files of messages over the connection of the account, part by part. */
export class MediaDownload {
  readonly #client: () => MtprotoClient | undefined;
  readonly #peers: PeerBook;

  /** `client`: the open connection; without one files wait. */
  constructor(deps: { client: () => MtprotoClient | undefined; peers: PeerBook }) {
    this.#client = deps.client;
    this.#peers = deps.peers;
  }

  /** `fetchFile` of an `Inbox`. */
  readonly fetch: FetchFile = (source, options) => this.#fetch(source, options.signal);

  async *#fetch(kept: JsonValue, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    let source = fileSource.parse(kept);
    let [renewals, migrations] = [0, 0];
    for (let offset = 0; ; ) {
      let part: Uint8Array;
      try {
        part = await this.#part(source, offset, signal);
      } catch (error) {
        const moved = migrationOf(error);
        if (moved !== undefined && migrations < MOST_MIGRATIONS) {
          migrations += 1;
          source = { ...source, dcId: moved };
          continue;
        }
        if (!isOldReference(error) || renewals === MOST_RENEWALS) throw judge(error);
        renewals += 1;
        source = await this.#renew(source, signal);
        continue;
      }
      if (part.length > 0) yield part;
      offset += part.length;
      if (part.length < PART_BYTES || offset === source.sizeBytes) {
        if (offset < (source.sizeBytes ?? 0)) throw new Error('the file ended early');
        return;
      }
    }
  }

  async #part(source: FileSource, offset: number, signal: AbortSignal): Promise<Uint8Array> {
    const client = this.#open();
    const call = { _: 'upload.getFile', location: locationOf(source), offset: BigInt(offset), limit: PART_BYTES };
    const place = source.dcId === 0 || source.dcId === client.key().dcId ? {} : { dcId: source.dcId };
    const answer = await client.invoke(call, { timeoutMs: PART_TIMEOUT_MS, signal, ...place });
    const bytes = isObject(answer) ? bytesAt(answer, 'bytes') : undefined;
    // A redirection to a third party's servers, which is for files of large channels.
    if (bytes === undefined) throw new FileUnavailable('elsewhere');
    return bytes;
  }

  /** The message has a new reference to its file, as long as it is there. */
  async #renew(source: FileSource, signal: AbortSignal): Promise<FileSource> {
    const peer = this.#peers.find(source.chat);
    const channel = peer?.type === 'channel' ? this.#peers.inputChannel(peer.id) : undefined;
    const id = [{ _: 'inputMessageID', id: source.messageId }];
    const call = channel === undefined ? { _: 'messages.getMessages', id } : { _: 'channels.getMessages', channel, id };
    const answer = await this.#open()
      .invoke(call, { timeoutMs: MESSAGE_TIMEOUT_MS, signal })
      .catch((error: unknown) => {
        throw judge(error);
      });
    const messages = isObject(answer) ? listAt(answer, 'messages') : [];
    const message = messages.find((each) => numberAt(each, 'id') === source.messageId);
    const media = message === undefined ? undefined : objectAt(message, 'media');
    const file = message === undefined || media === undefined ? undefined : mapFile(media, message);
    const renewed = file === undefined ? undefined : fileSource.parse(file.source);
    if (renewed === undefined || renewed.id !== source.id) throw new FileUnavailable('gone');
    return { ...renewed, dcId: source.dcId };
  }

  #open(): MtprotoClient {
    const client = this.#client();
    if (client === undefined) throw new FetchPostponed();
    return client;
  }
}

function locationOf({ type, id, accessHash, fileReference, thumbSize }: FileSource): TlObject {
  return {
    _: type === 'photo' ? 'inputPhotoFileLocation' : 'inputDocumentFileLocation',
    id: BigInt(id),
    accessHash: BigInt(accessHash),
    fileReference: Buffer.from(fileReference, 'base64'),
    thumbSize,
  };
}

function migrationOf(error: unknown): number | undefined {
  const dcId = error instanceof RpcFailure ? /^FILE_MIGRATE_(\d+)$/.exec(error.text)?.[1] : undefined;
  return dcId === undefined ? undefined : Number(dcId);
}

const isOldReference = (error: unknown): boolean =>
  error instanceof RpcFailure && /^FILE_REFERENCE_(?:\d+_)?(?:EXPIRED|INVALID|EMPTY)$/.test(error.text);

/** What a failed call means for the file. */
function judge(error: unknown): unknown {
  if (error instanceof CallLost)
    return error.reason === 'ended' || error.reason === 'aborted' ? new FetchPostponed() : error;
  if (!(error instanceof RpcFailure)) return error;
  const seconds = /^FLOOD_(?:PREMIUM_)?WAIT_(\d+)$/.exec(error.text)?.[1];
  if (seconds !== undefined) {
    return Number(seconds) <= LONGEST_WAIT_SECONDS
      ? new FetchPostponed(Number(seconds) * MS_PER_SECOND)
      : new FileUnavailable('rate_limited');
  }
  if (error.code === UNAUTHORIZED) return new FetchPostponed(); // the session's end, not the file's
  return error.code >= SERVER_ERROR || error.code < 0 ? error : new FileUnavailable('gone');
}
