import { describe, expect, it } from 'vitest';
import { MemoryVault } from '../../../test/support/memory-vault.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { FetchPostponed, FileUnavailable } from '../file-fetcher.ts';
import { mapFile } from '../map-file.ts';
import { MediaDownload } from '../media-download.ts';
import type { CallOptions, MtprotoClient } from '../mtproto/client.ts';
import { CallLost, RpcFailure } from '../mtproto/client.ts';
import { PeerBook } from '../peer-book.ts';
import type { TlObject, TlValue } from '../tl.ts';

const PART = 512 * 1024;
const refused = (code: number, text: string): RpcFailure => new RpcFailure({ code, text, method: 'upload.getFile' });

function document(size: number, reference = 1): TlObject {
  const file = {
    id: 5n,
    accessHash: 6n,
    fileReference: Uint8Array.of(reference),
    date: 1,
    dcId: 2,
    size: BigInt(size),
  };
  return { _: 'messageMediaDocument', document: { _: 'document', ...file, mimeType: 'video/mp4', attributes: [] } };
}

const messageOf = (media: TlObject, peerId: TlObject = { _: 'peerUser', userId: 100n }): TlObject => ({
  _: 'message',
  id: 7,
  peerId,
  date: 1,
  message: '',
  media,
});

/** A server with one file; `errors` are its first answers. */
class FileServer {
  readonly bytes: Uint8Array;
  readonly errors: Error[];
  readonly calls: { readonly call: TlObject; readonly dcId: number | undefined }[] = [];
  message: TlObject;

  constructor(size: number, errors: Error[] = []) {
    this.bytes = Uint8Array.from({ length: size }, (_, index) => index % 251);
    this.errors = errors;
    this.message = messageOf(document(size, 2));
  }

  invoke = async (call: TlObject, { dcId }: CallOptions): Promise<TlValue> => {
    this.calls.push({ call, dcId });
    if (call._ !== 'upload.getFile') return { _: 'messages.messages', messages: [this.message], users: [], chats: [] };
    const error = this.errors.shift();
    if (error !== undefined) throw error;
    const offset = Number(call['offset']);
    return { _: 'upload.file', mtime: 0, bytes: this.bytes.subarray(offset, offset + Number(call['limit'])) };
  };
}

function client({ invoke }: FileServer): MtprotoClient {
  return {
    ended: new Promise(() => undefined),
    open: async () => undefined,
    invoke,
    onUpdates: () => undefined,
    ping: async () => 0,
    key: () => ({ dcId: 1, authKey: new Uint8Array(256) }),
    heardAt: undefined,
    isReached: true,
    provePassword: async () => ({ _: 'inputCheckPasswordEmpty' }),
    close: async () => undefined,
  };
}

async function fetchAll(server: FileServer | undefined, size: number, peerId?: TlObject): Promise<Uint8Array> {
  const peers = new PeerBook({ vault: new MemoryVault({ clock: new VirtualClock() }) });
  peers.learn([], [{ _: 'channel', id: 900n, accessHash: 3n, title: 'Party', date: 1 }]);
  const open = server === undefined ? undefined : client(server);
  const download = new MediaDownload({ client: () => open, peers });
  const media = document(size);
  const pending = mapFile(media, messageOf(media, peerId));
  const parts: Uint8Array[] = [];
  for await (const part of download.fetch(pending?.source ?? null, { signal: new AbortController().signal }))
    parts.push(part);
  return Buffer.concat(parts);
}

describe('a file of a guest', () => {
  it.each([0, 1, PART - 1, PART, PART + 1, 3 * PART])('of %i bytes is fetched part by part', async (size) => {
    const server = new FileServer(size);
    expect(Buffer.compare(await fetchAll(server, size), server.bytes)).toBe(0);
    expect(server.calls).toHaveLength(Math.max(1, Math.ceil(size / PART)));
    expect(server.calls.every(({ dcId, call }) => dcId === 2 && call['limit'] === PART)).toBe(true);
  });

  it('goes on where it was when its reference grows old on the way', async () => {
    const server = new FileServer(2 * PART);
    const { invoke } = server;
    let asked = 0;
    server.invoke = async (call, options) => {
      asked += 1;
      if (asked === 2) throw refused(400, 'FILE_REFERENCE_EXPIRED');
      return invoke(call, options);
    };
    expect(Buffer.compare(await fetchAll(server, 2 * PART), server.bytes)).toBe(0);
    const offsets = server.calls.map(({ call }) => (call._ === 'upload.getFile' ? Number(call['offset']) : call._));
    expect(offsets).toEqual([0, 'messages.getMessages', PART]);
    const location = server.calls.at(-1)?.call['location'] as TlObject;
    expect(location['fileReference']).toEqual(Buffer.of(2));
  });

  it('of a supergroup is looked up there', async () => {
    const server = new FileServer(5, [refused(400, 'FILE_REFERENCE_0_EXPIRED')]);
    await fetchAll(server, 5, { _: 'peerChannel', channelId: 900n });
    expect(server.calls[1]?.call).toMatchObject({
      _: 'channels.getMessages',
      channel: { channelId: 900n, accessHash: 3n },
    });
  });

  it('is fetched where it lies', async () => {
    const server = new FileServer(5, [refused(303, 'FILE_MIGRATE_4')]);
    await fetchAll(server, 5);
    expect(server.calls.map(({ dcId }) => dcId)).toEqual([2, 4]);
  });

  it.each([
    ['nothing is connected', undefined, FetchPostponed, undefined],
    ['the connection ends', [new CallLost({ isWritten: true, reason: 'ended' })], FetchPostponed, undefined],
    ['the account is not known any longer', [refused(401, 'AUTH_KEY_UNREGISTERED')], FetchPostponed, undefined],
    ['the network wants a pause', [refused(420, 'FLOOD_WAIT_7')], FetchPostponed, 7_000],
    ['the pause is longer than a message waits', [refused(420, 'FLOOD_WAIT_7000')], FileUnavailable, 'rate_limited'],
    ['there is no such file', [refused(400, 'LOCATION_INVALID')], FileUnavailable, 'gone'],
    ['the server is in trouble', [refused(500, 'STORE_FAILED')], RpcFailure, undefined],
    ['nobody answers in time', [new CallLost({ isWritten: true, reason: 'deadline' })], CallLost, undefined],
  ])('is told apart when %s', async (_why, errors, kind, fact) => {
    const server = errors === undefined ? undefined : new FileServer(5, errors);
    const error: unknown = await fetchAll(server, 5).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    if (error instanceof FetchPostponed) expect(error.afterMs).toBe(fact);
    if (error instanceof FileUnavailable) expect(error.reason).toBe(fact);
  });

  it('is gone with its message', async () => {
    const server = new FileServer(5, [refused(400, 'FILE_REFERENCE_EXPIRED')]);
    server.message = { _: 'messageEmpty', id: 7 };
    await expect(fetchAll(server, 5)).rejects.toMatchObject({ reason: 'gone' });
  });

  it('that ends early is no file', async () => {
    const server = new FileServer(5);
    await expect(fetchAll(server, 6)).rejects.toThrow('ended early');
  });

  it('whose reference stays old is given up', async () => {
    const server = new FileServer(
      5,
      Array.from({ length: 9 }, () => refused(400, 'FILE_REFERENCE_EXPIRED')),
    );
    await expect(fetchAll(server, 5)).rejects.toMatchObject({ reason: 'gone' });
    expect(server.calls.filter(({ call }) => call._ === 'upload.getFile')).toHaveLength(4);
  });
});
