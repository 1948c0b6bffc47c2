import type { Clock } from '../../../src/core/clock.ts';
import type { PeerBook } from '../peer-book.ts';
import type { TlObject } from '../tl.ts';
import { listAt, longAt, numberAt, objectAt } from '../tl-fields.ts';
import type { Via } from './held-updates.ts';
import { HeldUpdates } from './held-updates.ts';
import { expandShort } from './short-message.ts';
import type { BoxName, Stamp, UpdateState } from './update-state.ts';
import { COMMON, judgeSeq, stampOf, UNREAD_CHANNEL } from './update-state.ts';

/** Updates in the order in which they are to be taken. `users` and `chats` are those that came with them and are in the peer book. */
export interface UpdateBatch {
  readonly updates: readonly TlObject[];
  readonly users: readonly TlObject[];
  readonly chats: readonly TlObject[];
  readonly via: Via;
}

/** An `Updates` object, or an answer that moves a `pts`. */
export interface Arrival {
  readonly updates: TlObject;
  readonly via: 'push' | 'answer';
  /** The supergroup that an answer without any name is about. */
  readonly channelId?: bigint;
}

/** An arrival in the queue; monotonic. */
export interface QueuedArrival extends Arrival {
  readonly since: number;
}

/** Decides what of that which arrives is next, was there before, or comes too early. Synchronous; inside one transaction. */
export class UpdateApplier {
  readonly #state: UpdateState;
  readonly #peers: PeerBook;
  readonly #clock: Clock;
  readonly #selfId: bigint;
  readonly #owe: (box: BoxName) => void;
  readonly held = new HeldUpdates();
  #out: { readonly update: TlObject; readonly via: Via }[] = [];
  #users: TlObject[] = [];
  #chats: TlObject[] = [];

  constructor(deps: {
    state: UpdateState;
    peers: PeerBook;
    clock: Clock;
    selfId: bigint;
    /** Something is missing in this box: ask for it. */
    owe: (box: BoxName) => void;
  }) {
    this.#state = deps.state;
    this.#peers = deps.peers;
    this.#clock = deps.clock;
    this.#selfId = deps.selfId;
    this.#owe = deps.owe;
  }

  arrive({ updates, via, channelId }: Arrival): void {
    switch (updates._) {
      case 'updatesTooLong':
        this.#owe(COMMON);
        return;
      case 'updateShort': {
        const update = objectAt(updates, 'update');
        if (update !== undefined && !this.#moved(update, via)) this.#out.push({ update, via });
        return;
      }
      case 'updateShortMessage':
      case 'updateShortChatMessage':
        this.#short(updates, via);
        return;
      case 'updates':
      case 'updatesCombined':
        this.#container(updates, via);
        return;
      default:
        this.#answer(updates, via, channelId);
    }
  }

  /** What a difference brought: not judged, but for other boxes than its own. */
  bring(updates: readonly TlObject[], own: BoxName): void {
    for (const update of updates) {
      const isOwn = stampOf(update)?.box === own;
      if (isOwn || !this.#moved(update, 'difference')) this.#out.push({ update, via: 'difference' });
    }
  }

  learn(users: readonly TlObject[], chats: readonly TlObject[]): void {
    this.#peers.learn(users, chats);
    this.#users.push(...users);
    this.#chats.push(...chats);
  }

  /** Judges again what was held for a box that has moved. */
  drain(box: BoxName): void {
    for (const held of this.held.release(box)) this.#stamped(held.stamp, held.update, held.via, { isDraining: true });
    if (box !== COMMON) return;
    for (const { start, seq, date, updates, via } of this.held.releaseContainers()) {
      const verdict = judgeSeq(this.#state.common.seq, start);
      if (verdict === 'gap') this.held.holdContainer({ start, seq, date, updates, via }, this.#clock.monotonic());
      if (verdict !== 'apply') continue;
      for (const update of updates) this.#out.push({ update, via });
      this.#state.setCommon({ seq, date });
    }
  }

  /** What is to be taken now, in order. */
  flush(): readonly UpdateBatch[] {
    const [users, chats] = [this.#users, this.#chats];
    const batches: { updates: TlObject[]; users: TlObject[]; chats: TlObject[]; via: Via }[] = [];
    for (const { update, via } of this.#out) {
      const last = batches.at(-1);
      if (last?.via === via) last.updates.push(update);
      else batches.push({ updates: [update], users, chats, via });
    }
    this.#clear();
    return batches;
  }

  /** After a transaction that was undone. */
  forget(): void {
    this.#clear();
    this.held.clear();
  }

  #clear(): void {
    this.#out = [];
    this.#users = [];
    this.#chats = [];
  }

  #short(short: TlObject, via: Via): void {
    const expanded = expandShort(short, this.#selfId);
    if (expanded === undefined) return;
    if (expanded.needs.every((peer) => peer.type === 'chat' || this.#peers.get(peer) !== undefined)) {
      this.#moved(expanded.update, via);
    } else this.#owe(COMMON); // a short form names nobody: the difference does
  }

  #container(container: TlObject, via: Via): void {
    this.learn(listAt(container, 'users'), listAt(container, 'chats'));
    const { common } = this.#state;
    const seq = numberAt(container, 'seq') ?? 0;
    const start = numberAt(container, 'seqStart') ?? seq;
    const verdict = judgeSeq(common.seq, start);
    const rest: TlObject[] = [];
    for (const update of listAt(container, 'updates')) {
      if (this.#moved(update, via)) continue;
      if (verdict === 'apply') this.#out.push({ update, via });
      else rest.push(update);
    }
    const date = numberAt(container, 'date') ?? common.date;
    if (verdict === 'gap') this.held.holdContainer({ start, seq, date, updates: rest, via }, this.#clock.monotonic());
    if (verdict !== 'apply' || seq === 0) return;
    this.#state.setCommon({ seq, date });
    this.drain(COMMON);
  }

  #answer(answer: TlObject, via: Via, channelId: bigint | undefined): void {
    const inner = objectAt(answer, 'updates');
    if (inner !== undefined) {
      this.arrive({ updates: inner, via: 'answer' });
      return;
    }
    const stamp = stampOf(answer);
    if (stamp === undefined) return;
    const box = channelId === undefined ? stamp.box : String(channelId);
    this.#stamped({ ...stamp, box }, undefined, via, { messageId: numberAt(answer, 'id') ?? 0 });
  }

  /** Whether the update has a place in a box, and was dealt with by it. */
  #moved(update: TlObject, via: Via): boolean {
    const channelId = longAt(update, 'channelId');
    if (update._ === 'updateChannelTooLong' && channelId !== undefined) {
      const known = this.#state.channel(String(channelId));
      const pts = numberAt(update, 'pts');
      if (known === undefined || pts === undefined || known.pts < pts) this.#oweChannel(String(channelId));
      return true;
    }
    if (update._ === 'updateChannel' && channelId !== undefined) this.#membership(channelId);
    const qts = numberAt(update, 'qts');
    if (qts !== undefined) this.#state.setCommon({ qts: Math.max(this.#state.common.qts, qts) });
    const stamp = stampOf(update);
    if (stamp === undefined) return false;
    this.#stamped(stamp, update, via, {});
    return true;
  }

  #stamped(
    stamp: Stamp,
    update: TlObject | undefined,
    via: Via,
    options: { readonly isDraining?: boolean; readonly messageId?: number },
  ): void {
    const verdict = this.#state.judge(stamp);
    if (verdict === 'unknown') this.#oweChannel(stamp.box);
    if (verdict === 'gap') {
      this.held.hold({ stamp, ...(update === undefined ? {} : { update }), via }, this.#clock.monotonic());
    }
    if (verdict !== 'apply') return;
    this.#state.advance(stamp, options.messageId ?? messageIdOf(update));
    if (update !== undefined) this.#out.push({ update, via });
    if (options.isDraining !== true) this.drain(stamp.box);
  }

  #oweChannel(box: BoxName): void {
    if (this.#isIgnored(BigInt(box))) return;
    if (this.#state.channel(box) === undefined) this.#state.setChannel(box, UNREAD_CHANNEL);
    this.#owe(box);
  }

  /** The account came, went, or only got other rights. */
  #membership(channelId: bigint): void {
    const box = String(channelId);
    const isKnown = this.#state.channel(box) !== undefined;
    if (this.#isIgnored(channelId)) {
      if (isKnown) this.#state.setChannel(box, undefined);
    } else if (!isKnown) this.#oweChannel(box);
  }

  /** Channels of posts are nobody's conversation, and those that the account has left are silent. */
  #isIgnored(channelId: bigint): boolean {
    const record = this.#peers.get({ type: 'channel', id: channelId });
    return record?.isBroadcast === true || record?.isLeft === true;
  }
}

/** Of a new message; an edited one is older. */
function messageIdOf(update: TlObject | undefined): number {
  const message = update === undefined || !update._.startsWith('updateNew') ? undefined : objectAt(update, 'message');
  return message === undefined ? 0 : (numberAt(message, 'id') ?? 0);
}
