import { readPeer } from '../peers.ts';
import type { TlObject } from '../tl.ts';
import { longAt, numberAt, objectAt } from '../tl-fields.ts';

/*
 * The counters of core.telegram.org/api/updates. Each event of private chats and basic groups moves one number, `pts`, of the account;
 * each event of a supergroup or channel one of its own. Pure: knows neither the network nor the vault.
 */

export interface CommonPosition {
  readonly pts: number;
  readonly qts: number;
  readonly date: number;
  readonly seq: number;
  /** The newest message id of private chats and basic groups, which share one row of numbers; 0 = none seen. */
  readonly topId: number;
}

/** How far private chats and basic groups are: enough to see whether something is missing. `seq` counts what no difference brings. */
export type Mark = Pick<CommonPosition, 'pts' | 'qts'>;

export interface ChannelPosition {
  readonly pts: number;
  readonly topId: number;
}

/** A supergroup that was heard of and is yet to be read: kept, so that a kill does not forget it. */
export const UNREAD_CHANNEL: ChannelPosition = { pts: 0, topId: 0 };

/** `common`, or the id of a supergroup or channel in decimal. */
export type BoxName = string;
export const COMMON: BoxName = 'common';

/** Where an update stands in its row: `count` events, the last of them `pts`. */
export interface Stamp {
  readonly box: BoxName;
  readonly pts: number;
  readonly count: number;
}

export type Verdict = 'apply' | 'duplicate' | 'gap' | 'unknown';

/** The stamp of an update that moves a `pts`; by its fields, so that a kind nobody has heard of keeps the row as well. */
export function stampOf(update: TlObject): Stamp | undefined {
  const pts = numberAt(update, 'pts');
  const count = numberAt(update, 'ptsCount');
  if (pts === undefined || count === undefined) return undefined;
  const channel = channelOf(update);
  return { box: channel === undefined ? COMMON : String(channel), pts, count };
}

/** The supergroup or channel that an update is about. */
export function channelOf(update: TlObject): bigint | undefined {
  const named = longAt(update, 'channelId');
  if (named !== undefined) return named;
  const message = objectAt(update, 'message');
  const peer = readPeer(message === undefined ? undefined : objectAt(message, 'peerId'));
  return peer?.type === 'channel' ? peer.id : undefined;
}

/** Whether the place in a supergroup is yet to be found. */
export function isUnread({ pts }: ChannelPosition): boolean {
  return pts === UNREAD_CHANNEL.pts;
}

/** What to do with an update that ends at `pts`, having `local`. */
export function judge(local: number, { pts, count }: Pick<Stamp, 'pts' | 'count'>): Exclude<Verdict, 'unknown'> {
  if (local + count === pts) return 'apply';
  return local + count > pts ? 'duplicate' : 'gap';
}

/** The same for `seq`, which counts whole `updates`; 0 stands outside the count. */
export function judgeSeq(local: number, seqStart: number): Exclude<Verdict, 'unknown'> {
  if (seqStart === 0 || local + 1 === seqStart) return 'apply';
  return local + 1 > seqStart ? 'duplicate' : 'gap';
}

/** Where the account stands. Changes can be undone until they are committed, as the transaction around them can. */
export class UpdateState {
  #common: CommonPosition;
  readonly #channels: Map<BoxName, ChannelPosition>;
  #commonBefore: CommonPosition;
  readonly #channelsBefore = new Map<BoxName, ChannelPosition | undefined>();

  constructor(common: CommonPosition, channels: ReadonlyMap<BoxName, ChannelPosition>) {
    this.#common = common;
    this.#commonBefore = common;
    this.#channels = new Map(channels);
  }

  get common(): CommonPosition {
    return this.#common;
  }

  get channelNames(): readonly BoxName[] {
    return [...this.#channels.keys()];
  }

  get unreadChannels(): readonly BoxName[] {
    return [...this.#channels].filter(([, position]) => isUnread(position)).map(([name]) => name);
  }

  /** Channels whose position was set or forgotten since the last commit. */
  get changedChannels(): readonly BoxName[] {
    return [...this.#channelsBefore.keys()];
  }

  get isCommonChanged(): boolean {
    return this.#common !== this.#commonBefore;
  }

  channel(name: BoxName): ChannelPosition | undefined {
    return this.#channels.get(name);
  }

  judge(stamp: Stamp): Verdict {
    if (stamp.box === COMMON) return judge(this.#common.pts, stamp);
    const channel = this.#channels.get(stamp.box);
    return channel === undefined || isUnread(channel) ? 'unknown' : judge(channel.pts, stamp);
  }

  /** An update was applied that brought (or was) this message. */
  advance({ box, pts }: Stamp, messageId: number): void {
    if (box === COMMON) {
      this.setCommon({ pts, topId: Math.max(this.#common.topId, messageId) });
      return;
    }
    const topId = Math.max(this.#channels.get(box)?.topId ?? 0, messageId);
    this.setChannel(box, { pts, topId });
  }

  setCommon(changes: Partial<CommonPosition>): void {
    this.#common = { ...this.#common, ...changes };
  }

  setChannel(name: BoxName, position: ChannelPosition | undefined): void {
    if (!this.#channelsBefore.has(name)) this.#channelsBefore.set(name, this.#channels.get(name));
    this.#channels.delete(name); // the latest to move is the last of the map
    if (position !== undefined) this.#channels.set(name, position);
  }

  commit(): void {
    this.#commonBefore = this.#common;
    this.#channelsBefore.clear();
  }

  undo(): void {
    this.#common = this.#commonBefore;
    for (const [name, position] of this.#channelsBefore) {
      this.#channels.delete(name);
      if (position !== undefined) this.#channels.set(name, position);
    }
    this.#channelsBefore.clear();
  }
}
