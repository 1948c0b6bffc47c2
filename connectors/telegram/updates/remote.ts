import type { MtprotoClient } from '../mtproto/client.ts';
import { CallLost } from '../mtproto/client.ts';
import type { PeerBook } from '../peer-book.ts';
import { readPeer } from '../peers.ts';
import type { TlObject } from '../tl.ts';
import { isObject, isSet, listAt, numberAt, objectAt } from '../tl-fields.ts';
import { idOf, positionOf } from './difference-parts.ts';
import type { CommonPosition } from './update-state.ts';

/** A difference is put together from many tables; half a minute is what Telegram's own clients grant it. */
const CALL_TIMEOUT_MS = 30_000;
/** The most that the server grants an account that is no bot. */
const CHANNEL_DIFFERENCE_LIMIT = 100;
const PAGE = 100;
/** Dialogs that are looked through, newest first, in the main list and in the archive each. */
const MOST_DIALOG_PAGES = 20;

export interface Dialogs {
  readonly dialogs: readonly TlObject[];
  readonly messages: readonly TlObject[];
  readonly users: readonly TlObject[];
  readonly chats: readonly TlObject[];
}

/** The questions that the update loop asks. Each rejects with RpcFailure or CallLost. */
export class UpdateRemote {
  readonly #client: MtprotoClient;
  readonly #peers: PeerBook;
  readonly #signal: AbortSignal;

  constructor(deps: { client: MtprotoClient; peers: PeerBook; signal: AbortSignal }) {
    this.#client = deps.client;
    this.#peers = deps.peers;
    this.#signal = deps.signal;
  }

  state(): Promise<TlObject> {
    return this.#ask({ _: 'updates.getState' });
  }

  difference({ pts, date, qts }: CommonPosition): Promise<TlObject> {
    return this.#ask({ _: 'updates.getDifference', pts, date, qts });
  }

  channelDifference(channel: TlObject, pts: number): Promise<TlObject> {
    const filter = { _: 'channelMessagesFilterEmpty' };
    return this.#ask({ _: 'updates.getChannelDifference', channel, filter, pts, limit: CHANNEL_DIFFERENCE_LIMIT });
  }

  /** Ids of the messages that the differences after a place bring. Rejects, to be tried again, where there are too many by now. */
  async idsAfter(place: CommonPosition): Promise<ReadonlySet<number>> {
    const ids: number[] = [];
    for (let at = place; ; ) {
      const answer = await this.difference(at);
      ids.push(...listAt(answer, 'newMessages').map(idOf));
      const next = objectAt(answer, 'intermediateState');
      if (answer._ === 'updates.differenceTooLong') throw new CallLost({ isWritten: true, reason: 'unreadable' });
      if (next === undefined) return new Set(ids);
      at = { ...positionOf(next), topId: 0 };
    }
  }

  /** The same for a supergroup. */
  async channelIdsAfter(channel: TlObject, place: number): Promise<ReadonlySet<number>> {
    const ids: number[] = [];
    for (let pts = place; ; ) {
      const answer = await this.channelDifference(channel, pts);
      ids.push(...listAt(answer, 'newMessages').map(idOf));
      if (objectAt(answer, 'dialog') !== undefined) throw new CallLost({ isWritten: true, reason: 'unreadable' });
      const reached = numberAt(answer, 'pts') ?? pts;
      if (isSet(answer, 'final') || reached <= pts) return new Set(ids);
      pts = reached;
    }
  }

  peerDialogs(peers: readonly TlObject[]): Promise<TlObject> {
    return this.#ask({
      _: 'messages.getPeerDialogs',
      peers: peers.map((peer) => ({ _: 'inputDialogPeer', peer })),
    });
  }

  /** Every dialog whose newest message is of `sinceDate` or later; epoch seconds. Learns whom it meets. */
  async dialogs(sinceDate: number): Promise<Dialogs> {
    const found: { [name in keyof Dialogs]: TlObject[] } = { dialogs: [], messages: [], users: [], chats: [] };
    const seen = new Set<string>();
    for (const folderId of [0, 1]) {
      let offset: Offset | undefined = { date: 0, id: 0, peer: { _: 'inputPeerEmpty' } };
      for (let page = 0; page < MOST_DIALOG_PAGES && offset !== undefined; page += 1) {
        const answer = await this.#dialogPage(folderId, offset);
        const fresh = listAt(answer, 'dialogs').filter((dialog) => isNew(dialog, seen));
        found.dialogs.push(...fresh);
        found.messages.push(...listAt(answer, 'messages'));
        found.users.push(...listAt(answer, 'users'));
        found.chats.push(...listAt(answer, 'chats'));
        this.#peers.learn(listAt(answer, 'users'), listAt(answer, 'chats'));
        offset = fresh.length === 0 ? undefined : this.#after(answer, sinceDate);
      }
    }
    return found;
  }

  /**
   * The messages of a chat above `afterId` and not older than `sinceDate`, newest first, at most `limit`. `users` and `chats` are
   * handed to `onPeople`.
   */
  async history(
    peer: TlObject,
    range: { readonly afterId: number; readonly sinceDate: number; readonly limit: number },
    onPeople: (users: readonly TlObject[], chats: readonly TlObject[]) => void,
  ): Promise<readonly TlObject[]> {
    const found: TlObject[] = [];
    let offsetId = 0;
    while (found.length < range.limit) {
      const answer = await this.#ask({
        _: 'messages.getHistory',
        peer,
        offsetId,
        offsetDate: 0,
        addOffset: 0,
        limit: PAGE,
        maxId: 0,
        minId: range.afterId,
        hash: 0n,
      });
      onPeople(listAt(answer, 'users'), listAt(answer, 'chats'));
      const page = listAt(answer, 'messages').filter(
        (message) => (numberAt(message, 'id') ?? 0) > range.afterId && message._ !== 'messageEmpty',
      );
      const recent = page.filter((message) => (numberAt(message, 'date') ?? 0) >= range.sinceDate);
      found.push(...recent);
      const lowest = Math.min(...page.map((message) => numberAt(message, 'id') ?? Infinity));
      if (recent.length < page.length || page.length === 0 || lowest === offsetId) break;
      offsetId = lowest;
    }
    return found.slice(0, range.limit);
  }

  #dialogPage(folderId: number, { date, id, peer }: Offset): Promise<TlObject> {
    return this.#ask({
      _: 'messages.getDialogs',
      folderId,
      offsetDate: date,
      offsetId: id,
      offsetPeer: peer,
      limit: PAGE,
      hash: 0n,
    });
  }

  /** Where the next page begins; undefined when there is none that matters. */
  #after(answer: TlObject, sinceDate: number): Offset | undefined {
    if (answer._ !== 'messages.dialogsSlice') return undefined;
    const last = listAt(answer, 'dialogs').at(-1);
    const peer = readPeer(last && objectAt(last, 'peer'));
    const id = last === undefined ? undefined : numberAt(last, 'topMessage');
    const top = listAt(answer, 'messages').find(
      (message) =>
        numberAt(message, 'id') === id && isSamePeer(objectAt(message, 'peerId'), last && objectAt(last, 'peer')),
    );
    const date = top === undefined ? undefined : numberAt(top, 'date');
    const input = peer === undefined ? undefined : this.#peers.inputPeer(peer);
    if (id === undefined || date === undefined || input === undefined || date < sinceDate) return undefined;
    return { date, id, peer: input };
  }

  async #ask(call: TlObject): Promise<TlObject> {
    const answer = await this.#client.invoke(call, { timeoutMs: CALL_TIMEOUT_MS, signal: this.#signal });
    if (isObject(answer)) return answer;
    throw new CallLost({ isWritten: true, reason: 'unreadable' });
  }
}

interface Offset {
  readonly date: number;
  readonly id: number;
  readonly peer: TlObject;
}

function isSamePeer(one: TlObject | undefined, other: TlObject | undefined): boolean {
  const [left, right] = [readPeer(one), readPeer(other)];
  return left !== undefined && left.type === right?.type && left.id === right.id;
}

function isNew(dialog: TlObject, seen: Set<string>): boolean {
  const peer = readPeer(objectAt(dialog, 'peer'));
  if (peer === undefined || dialog._ !== 'dialog') return false;
  const name = `${peer.type} ${peer.id}`;
  if (seen.has(name)) return false;
  seen.add(name);
  return true;
}
