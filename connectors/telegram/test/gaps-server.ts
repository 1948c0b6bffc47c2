import type { Random } from '../../../src/core/random.ts';
import { RpcFailure } from '../mtproto/client.ts';
import type { TlObject } from '../tl.ts';
import { longAt, numberAt } from '../tl-fields.ts';
import type { BadServer } from './gaps-driver.ts';

export const SELF = 1n;
const GUESTS = 3;
const GROUP = 70n;

interface Happening {
  readonly pts: number;
  readonly update: TlObject;
}

/** A row of events with its own count, and the messages in it. */
class Row {
  pts = 10;
  topId = 5;
  readonly happenings: Happening[] = [];
  readonly messages: TlObject[] = [];

  after(pts: number): readonly Happening[] {
    return this.happenings.filter((happening) => happening.pts > pts);
  }
}

/** Telegram's side of `core.telegram.org/api/updates` and nothing else, small enough to be run a million times. */
export class GapsServer implements BadServer {
  readonly selfId = SELF;
  readonly violations = [];
  readonly common = new Row();
  readonly channels = new Map<bigint, Row>();
  readonly #joined = new Map<bigint, number>();
  readonly #random: Random;
  readonly #now: () => number;
  /** Plain updates by the time they happened. */
  readonly #plain: { readonly date: number; readonly update: TlObject }[] = [];
  #seq = 3;
  /** Events after which a difference is too long, and the length of its slices. */
  readonly #tooLong: number;
  readonly #slice: number;
  onPush: (updates: TlObject) => void = () => undefined;

  constructor(deps: { random: Random; now: () => number; channels: number }) {
    this.#random = deps.random;
    this.#now = deps.now;
    this.#tooLong = this.#below(3) === 0 ? 6 : 1_000;
    this.#slice = 1 + this.#below(4);
    for (let index = 0; index < deps.channels; index += 1) this.#open(BigInt(900 + index), -1_000);
  }

  /** A guest writes to the account, or into a basic group. */
  say(): void {
    const isPrivate = this.#below(2) === 0;
    const author = BigInt(100 + this.#below(GUESTS));
    const message = {
      ...this.#message(this.common),
      ...(isPrivate ? {} : { fromId: { _: 'peerUser', userId: author } }),
      peerId: isPrivate ? { _: 'peerUser', userId: author } : { _: 'peerChat', chatId: GROUP },
    };
    this.common.messages.push(message);
    const update = this.#happen(this.common, { _: 'updateNewMessage', message });
    if (this.#below(2) === 0) this.#push([update]);
    else this.onPush(isPrivate ? shortPrivate(update, message, author) : shortGroup(update, message, author));
  }

  /** Something that moves the count of the account without being a message. */
  stir(): void {
    const peer = { _: 'peerUser', userId: 100n };
    const count = 1 + this.#below(2);
    const update = { _: 'updateReadHistoryInbox', peer, maxId: 1, stillUnreadCount: 0 };
    this.#push([this.#happen(this.common, update, count)]);
  }

  /** Several things in one push, some of them of one count. */
  crowd(): void {
    const updates: TlObject[] = [];
    const { onPush } = this;
    this.onPush = (pushed) => updates.push(...((pushed['updates'] as TlObject[] | undefined) ?? []));
    for (let index = 0; index < 3; index += 1) this.post();
    this.onPush = onPush;
    this.#push(updates, [...this.channels.keys()]);
  }

  /** A guest writes into a supergroup. */
  post(): void {
    const ids = [...this.channels.keys()];
    const id = ids[this.#below(ids.length)] ?? 0n;
    const row = this.channels.get(id);
    if (row === undefined) return;
    const message = {
      ...this.#message(row),
      fromId: { _: 'peerUser', userId: 100n },
      peerId: { _: 'peerChannel', channelId: id },
    };
    row.messages.push(message);
    this.#push([this.#happen(row, { _: 'updateNewChannelMessage', message })], [id]);
  }

  /** The account is taken into another supergroup. */
  join(): void {
    const id = BigInt(900 + this.channels.size);
    this.#open(id, Math.floor(this.#now() / 1000));
    this.#pushPlain({ _: 'updateChannel', channelId: id }, [id]);
  }

  /** Something without a place in any row of `pts`. */
  rename(): void {
    this.#pushPlain({ _: 'updateUserName', userId: 100n, firstName: 'A', lastName: '', usernames: [] });
  }

  /** The account says something from here; the answer is all that this device hears of it. */
  sendOwn(): TlObject {
    const message = {
      ...this.#message(this.common),
      out: true,
      fromId: { _: 'peerUser', userId: SELF },
      peerId: { _: 'peerUser', userId: 100n },
    };
    this.common.messages.push(message);
    const { pts } = this.#happen(this.common, { _: 'updateNewMessage', message });
    return { _: 'updateShortSentMessage', out: true, id: message.id, pts, ptsCount: 1, date: message.date };
  }

  /** Ids of the guests' messages, by row. */
  get expected(): ReadonlyMap<string, readonly number[]> {
    const ids = (messages: readonly TlObject[]): number[] =>
      messages.filter((message) => message['out'] !== true).map((message) => numberAt(message, 'id') ?? 0);
    return new Map([
      ['common', ids(this.common.messages)],
      ...[...this.channels].map(([id, row]): [string, number[]] => [String(id), ids(row.messages)]),
    ]);
  }

  handle(call: TlObject): TlObject {
    switch (call._) {
      case 'updates.getState':
        return this.#state();
      case 'updates.getDifference':
        return this.#difference(call);
      case 'updates.getChannelDifference':
        return this.#channelDifference(call);
      case 'messages.getDialogs':
        return this.#dialogs([...this.channels.keys()], call['folderId'] === 0);
      case 'messages.getPeerDialogs':
        return this.#dialogs(
          (call['peers'] as TlObject[]).map((each) => (each['peer'] as TlObject)['channelId'] as bigint),
          false,
        );
      case 'messages.getHistory':
        return this.#history(call);
      default:
        throw new RpcFailure({ code: 400, text: 'METHOD_INVALID', method: call._ });
    }
  }

  #open(id: bigint, date: number): void {
    this.channels.set(id, new Row());
    this.#joined.set(id, date);
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit);
  }

  #message(row: Row): TlObject & { readonly id: number; readonly date: number } {
    row.topId += 1;
    return { _: 'message', id: row.topId, date: Math.floor(this.#now() / 1000), message: `text ${row.topId}` };
  }

  #happen(row: Row, update: TlObject, ptsCount = 1): TlObject & { readonly pts: number } {
    row.pts += ptsCount;
    const placed = { ...update, pts: row.pts, ptsCount };
    row.happenings.push({ pts: row.pts, update: placed });
    return placed;
  }

  #push(updates: readonly TlObject[], channels: readonly bigint[] = []): void {
    this.onPush({
      _: 'updates',
      updates,
      users: users(),
      chats: channels.map((id) => this.#chat(id)),
      date: 0,
      seq: 0,
    });
  }

  #pushPlain(update: TlObject, channels: readonly bigint[] = []): void {
    const date = Math.floor(this.#now() / 1000);
    this.#seq += 1;
    this.#plain.push({ date, update });
    const chats = channels.map((id) => this.#chat(id));
    this.onPush({ _: 'updates', updates: [update], users: users(), chats, date, seq: this.#seq });
  }

  #chat(id: bigint): TlObject {
    const date = this.#joined.get(id) ?? 0;
    return { _: 'channel', megagroup: true, id, accessHash: id * 7n, title: `Group ${id}`, date };
  }

  #state(pts = this.common.pts): TlObject {
    const date = Math.floor(this.#now() / 1000);
    return { _: 'updates.state', pts, qts: 0, date, seq: this.#seq, unreadCount: 0 };
  }

  #difference(call: TlObject): TlObject {
    const pts = numberAt(call, 'pts') ?? 0;
    if (pts > this.common.pts)
      throw new RpcFailure({ code: 400, text: 'PERSISTENT_TIMESTAMP_INVALID', method: call._ });
    const missed = this.common.after(pts);
    const plain = this.#plain.filter(({ date }) => date >= (numberAt(call, 'date') ?? 0)).map(({ update }) => update);
    if (missed.length === 0 && plain.length === 0) return { ...this.#state(), _: 'updates.differenceEmpty' };
    if (missed.length > this.#tooLong) return { _: 'updates.differenceTooLong', pts: this.common.pts };
    const part = missed.slice(0, this.#slice);
    const isWhole = part.length === missed.length;
    const state = this.#state(part.at(-1)?.pts ?? pts);
    return {
      _: isWhole ? 'updates.difference' : 'updates.differenceSlice',
      ...contentsOf(part),
      newEncryptedMessages: [],
      otherUpdates: [...contentsOf(part).otherUpdates, ...plain],
      chats: [...this.channels.keys()].map((id) => this.#chat(id)),
      users: users(),
      [isWhole ? 'state' : 'intermediateState']: isWhole ? state : { ...state, date: numberAt(call, 'date'), seq: 0 },
    };
  }

  #channelDifference(call: TlObject): TlObject {
    const id = (call['channel'] as TlObject)['channelId'] as bigint;
    const pts = numberAt(call, 'pts') ?? 0;
    const row = this.channels.get(id);
    if (row === undefined) throw new RpcFailure({ code: 400, text: 'CHANNEL_INVALID', method: call._ });
    const missed = row.after(pts);
    if (missed.length === 0) return { _: 'updates.channelDifferenceEmpty', final: true, pts: row.pts };
    const people = { chats: [this.#chat(id)], users: users() };
    if (missed.length > this.#tooLong) {
      const messages = row.messages.slice(-2);
      return { _: 'updates.channelDifferenceTooLong', final: true, dialog: this.#dialog(id), messages, ...people };
    }
    const part = missed.slice(0, this.#slice);
    return {
      _: 'updates.channelDifference',
      ...(part.length === missed.length ? { final: true } : {}),
      pts: part.at(-1)?.pts ?? pts,
      ...contentsOf(part),
      ...people,
    };
  }

  #dialogs(ids: readonly bigint[], withCommon: boolean): TlObject {
    const tops = new Map<string, TlObject>();
    for (const message of this.common.messages) tops.set(peerKey(message), message);
    const common = withCommon
      ? [...tops.values()].map((top) => ({ _: 'dialog', peer: top['peerId'], topMessage: top['id'] }))
      : [];
    return {
      _: 'messages.dialogs',
      dialogs: [...common, ...ids.map((id) => this.#dialog(id))],
      messages: [...tops.values()],
      chats: ids.map((id) => this.#chat(id)),
      users: users(),
    };
  }

  #dialog(id: bigint): TlObject {
    const row = this.channels.get(id);
    return { _: 'dialog', peer: { _: 'peerChannel', channelId: id }, topMessage: row?.topId ?? 0, pts: row?.pts ?? 0 };
  }

  #history(call: TlObject): TlObject {
    const peer = call['peer'] as TlObject;
    const channel = this.channels.get((peer['channelId'] as bigint | undefined) ?? 0n);
    const wanted = peerKey({ _: '', peerId: peer });
    const all = channel?.messages ?? this.common.messages.filter((message) => peerKey(message) === wanted);
    const [offsetId, minId] = [numberAt(call, 'offsetId') ?? 0, numberAt(call, 'minId') ?? 0];
    const page = all
      .filter(
        (message) =>
          (offsetId === 0 || (numberAt(message, 'id') ?? 0) < offsetId) && (numberAt(message, 'id') ?? 0) > minId,
      )
      .toReversed()
      .slice(0, 3); // less than was asked for, as the server may
    return { _: 'messages.messagesSlice', count: all.length, messages: page, chats: [], users: users() };
  }
}

function contentsOf(part: readonly Happening[]): Readonly<Record<'newMessages' | 'otherUpdates', readonly TlObject[]>> {
  const isNew = ({ update }: Happening): boolean => update._.startsWith('updateNew');
  return {
    newMessages: part.filter(isNew).map(({ update }) => update['message'] as TlObject),
    otherUpdates: part.filter((happening) => !isNew(happening)).map(({ update }) => update),
  };
}

function shortPrivate(update: TlObject, message: TlObject, userId: bigint): TlObject {
  const { id, date, message: text } = message;
  return { _: 'updateShortMessage', id, userId, message: text, pts: update['pts'], ptsCount: 1, date };
}

function shortGroup(update: TlObject, message: TlObject, fromId: bigint): TlObject {
  const { id, date, message: text } = message;
  return {
    _: 'updateShortChatMessage',
    id,
    fromId,
    chatId: GROUP,
    message: text,
    pts: update['pts'],
    ptsCount: 1,
    date,
  };
}

export function peerKey(message: TlObject): string {
  const peer = message['peerId'] as TlObject;
  return `${longAt(peer, 'userId')}/${longAt(peer, 'chatId')}`;
}

const users = (): TlObject[] =>
  Array.from({ length: GUESTS }, (_, index) => ({
    _: 'user',
    id: BigInt(100 + index),
    accessHash: BigInt(1 + index),
    firstName: `Guest ${index}`,
  }));
