import type { TlObject, TlValue } from '../tl.ts';
import { rpc, ScriptedClient } from './scripted-client.ts';

interface Kept {
  readonly id: number;
  readonly randomId: bigint;
  readonly message: TlObject;
}

/** Someone who has not written yet and can be found by name. */
export const GUEST = { _: 'user', id: 77n, accessHash: 99n, firstName: 'Ada', username: 'ada_guest' };

/**
 * What matters of Telegram for sends to one guest: ids, random ids that are remembered, history, uploads. It outlives its clients, as
 * the network outlives a killed daemon.
 */
export class ChatServer {
  readonly kept: Kept[] = [];
  readonly files = new Map<bigint, Uint8Array[]>();
  /** Called where a sending call has arrived and nothing is done yet; what it throws is the answer. */
  beforeAct: (call: TlObject) => void = () => undefined;
  /** Called when the message is there and the answer is not out yet. */
  beforeAnswer: (call: TlObject) => void = () => undefined;
  remembersRandomIds = true;
  #nextId = 100;

  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  client(): ScriptedClient {
    const client = new ScriptedClient();
    const send = (call: TlObject): TlValue => {
      this.beforeAct(call);
      const answer = this.#take(call);
      this.beforeAnswer(call);
      return answer;
    };
    for (const method of ['messages.sendMessage', 'messages.sendMedia', 'messages.sendMultiMedia'])
      client.on(method, send);
    const save = (call: TlObject): TlValue => {
      const parts = this.files.get(call['fileId'] as bigint) ?? [];
      parts[call['filePart'] as number] = call['bytes'] as Uint8Array;
      this.files.set(call['fileId'] as bigint, parts);
      return true;
    };
    client.on('upload.saveFilePart', save).on('upload.saveBigFilePart', save);
    client.on('messages.uploadMedia', (call) => stored(call['media'] as TlObject));
    client.on('messages.getHistory', () => ({
      _: 'messages.messages',
      messages: this.kept.map(({ message }) => message).toReversed(),
      chats: [],
      users: [],
    }));
    client.on('contacts.resolveUsername', () => ({
      _: 'contacts.resolvedPeer',
      peer: { _: 'peerUser', userId: GUEST.id },
      users: [GUEST],
      chats: [],
    }));
    return client;
  }

  /** The bodies that the guest sees. */
  get seen(): readonly string[] {
    return this.kept.map(({ message }) => message['message'] as string);
  }

  #take(call: TlObject): TlObject {
    const items = (call['multiMedia'] as readonly TlObject[] | undefined) ?? [call];
    for (const item of items) {
      const known = this.kept.some(({ randomId }) => randomId === item['randomId']);
      if (known && this.remembersRandomIds) throw rpc(500, 'RANDOM_ID_DUPLICATE', call._);
    }
    const date = Math.floor(this.#now() / 1000);
    const updates = items.flatMap((item): TlObject[] => {
      this.#nextId += 1;
      const id = this.#nextId;
      const message = { _: 'message', id, out: true, date, message: item['message'] as string, ...mediaOf(item) };
      const randomId = item['randomId'] as bigint;
      this.kept.push({ id, randomId, message });
      return [
        { _: 'updateMessageID', id, randomId },
        { _: 'updateNewMessage', message, pts: id, ptsCount: 1 },
      ];
    });
    if (call._ !== 'messages.sendMessage') return { _: 'updates', updates, users: [], chats: [], date, seq: 0 };
    return { _: 'updateShortSentMessage', out: true, id: this.#nextId, pts: this.#nextId, ptsCount: 1, date };
  }
}

function stored(media: TlObject): TlObject {
  const reference = { id: 5n, accessHash: 6n, fileReference: new Uint8Array([1]) };
  return media._ === 'inputMediaUploadedPhoto'
    ? { _: 'messageMediaPhoto', photo: { _: 'photo', ...reference } }
    : { _: 'messageMediaDocument', document: { _: 'document', ...reference, size: 3n } };
}

function mediaOf(item: TlObject): { media?: TlObject } {
  const media = item['media'];
  if (typeof media !== 'object' || !('_' in media)) return {};
  return { media: { _: media._.replace(/^inputMedia(Uploaded)?/, 'messageMedia').replace(/GeoPoint$/, 'Geo') } };
}
