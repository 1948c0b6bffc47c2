import type { Logger } from '../../../src/core/logger.ts';
import type { PeerBook } from '../peer-book.ts';
import type { Peer } from '../peers.ts';
import { readPeer } from '../peers.ts';
import type { TlObject } from '../tl.ts';
import { listAt, numberAt, objectAt } from '../tl-fields.ts';
import { asNew, idOf, positionOf } from './difference-parts.ts';
import type { PositionStore } from './position-store.ts';
import type { Dialogs, UpdateRemote } from './remote.ts';
import type { UpdateApplier } from './update-applier.ts';
import type { UpdateLedger } from './update-ledger.ts';
import type { BoxName, UpdateState } from './update-state.ts';
import { COMMON, UNREAD_CHANNEL } from './update-state.ts';

/**
 * Messages that are read again from one chat, the newest first. A hotel's chat does not reach it within the days after which Telegram
 * declares a difference too long; where one does, what is older stays on the account's own phone only, and a log line says so.
 */
const MOST_PER_CHAT = 1_000;
/** The list of dialogs is ordered by time; a clock of the server's that is off by less than this leaves none out. */
const DATE_MARGIN_SECONDS = 3_600;

interface RereadDeps {
  readonly state: UpdateState;
  readonly remote: UpdateRemote;
  readonly peers: PeerBook;
  readonly applier: UpdateApplier;
  readonly ledger: UpdateLedger;
  readonly store: PositionStore;
  readonly owe: (box: BoxName) => void;
  readonly log: Logger;
  /** When the account was first connected; epoch seconds of the server. */
  readonly since: number;
}

/**
 * Where there is no difference to be had, the chats themselves are read back to the last message that was taken. What is read and the
 * place from which the differences go on are taken together; what arrived while reading is in the next difference, and left to it.
 */
export class Reread {
  readonly #deps: RereadDeps;

  constructor(deps: RereadDeps) {
    this.#deps = deps;
  }

  /** All private chats and basic groups. */
  async common(): Promise<void> {
    const { state, remote, applier, ledger, owe } = this.#deps;
    const before = state.common;
    const position = positionOf(await remote.state());
    const { dialogs, ...met } = await remote.dialogs(before.date - DATE_MARGIN_SECONDS);
    const people = new People(met);
    const read: TlObject[] = [];
    const range = { afterId: before.topId, sinceDate: before.topId === 0 ? this.#deps.since : 0 };
    for (const dialog of dialogs) {
      const peer = readPeer(objectAt(dialog, 'peer'));
      if (peer === undefined || peer.type === 'channel' || (numberAt(dialog, 'topMessage') ?? 0) <= before.topId)
        continue;
      read.push(...(await this.#read(peer, range, people)));
    }
    const later = await remote.idsAfter({ ...position, topId: 0 });
    const messages = read.filter((message) => !later.has(idOf(message))).sort((a, b) => idOf(a) - idOf(b));
    ledger.commit(
      () => {
        applier.learn(people.users, people.chats);
        applier.bring(messages.map(asNew), COMMON);
        state.setCommon({ ...position, topId: Math.max(before.topId, ...messages.map(idOf)) });
        applier.drain(COMMON);
        this.#oweChannels({ dialogs });
      },
      { lazy: false },
    );
    owe(COMMON);
  }

  /** A supergroup in which the account is new: everything since it came, or since it was linked. */
  async adopt(id: bigint): Promise<void> {
    const { peers, remote, since, state, ledger } = this.#deps;
    const input = peers.inputPeer({ type: 'channel', id });
    if (input === undefined) return;
    const answer = await remote.peerDialogs([input]);
    peers.learn(listAt(answer, 'users'), listAt(answer, 'chats'));
    const dialog = listAt(answer, 'dialogs').find((each) => readPeer(objectAt(each, 'peer'))?.id === id);
    const pts = dialog === undefined ? undefined : numberAt(dialog, 'pts');
    const record = peers.get({ type: 'channel', id });
    if (pts === undefined || record?.isBroadcast === true || record?.isLeft === true) {
      ledger.commit(() => state.setChannel(String(id), undefined), { lazy: true });
      return;
    }
    await this.#channel(id, pts, { afterId: 0, sinceDate: Math.max(record?.joinedAt ?? 0, since) });
  }

  /** A supergroup whose difference cannot be had; `pts` as the server gave it. */
  async channel(id: bigint, pts: number | undefined): Promise<void> {
    const { state, peers, remote } = this.#deps;
    const afterId = state.channel(String(id))?.topId ?? 0;
    const input = peers.inputPeer({ type: 'channel', id });
    if (input === undefined) return;
    const dialog = pts === undefined ? listAt(await remote.peerDialogs([input]), 'dialogs')[0] : undefined;
    const reached = pts ?? (dialog === undefined ? undefined : numberAt(dialog, 'pts'));
    if (reached !== undefined)
      await this.#channel(id, reached, { afterId, sinceDate: afterId === 0 ? this.#deps.since : 0 });
  }

  /**
   * Looks through the dialogs that moved since the last time. A supergroup that the account was taken into is heard of by an update
   * without a number, which can be lost for good.
   */
  async survey(): Promise<void> {
    const { remote, state, store, ledger } = this.#deps;
    const { date } = state.common;
    const { dialogs } = await remote.dialogs((store.surveyedAt() ?? this.#deps.since) - DATE_MARGIN_SECONDS);
    ledger.commit(
      () => {
        this.#oweChannels({ dialogs });
        store.writeSurveyedAt(date);
      },
      { lazy: true },
    );
  }

  async #channel(id: bigint, pts: number, range: { afterId: number; sinceDate: number }): Promise<void> {
    const { state, remote, peers, applier, ledger, owe } = this.#deps;
    const box = String(id);
    const people = new People();
    const read = await this.#read({ type: 'channel', id }, range, people);
    const input = peers.inputChannel(id);
    const later = input === undefined ? new Set<number>() : await remote.channelIdsAfter(input, pts);
    const messages = read.filter((message) => !later.has(idOf(message))).sort((a, b) => idOf(a) - idOf(b));
    ledger.commit(
      () => {
        applier.learn(people.users, people.chats);
        applier.bring(messages.map(asNew), box);
        const topId = state.channel(box)?.topId ?? 0;
        state.setChannel(box, { pts, topId: Math.max(topId, ...messages.map(idOf)) });
        applier.drain(box);
      },
      { lazy: false },
    );
    if (later.size > 0) owe(box);
  }

  async #read(
    peer: Peer,
    range: { readonly afterId: number; readonly sinceDate: number },
    people: People,
  ): Promise<readonly TlObject[]> {
    const { remote, peers, log } = this.#deps;
    const input = peers.inputPeer(peer);
    if (input === undefined) return [];
    const found = await remote.history(input, { ...range, limit: MOST_PER_CHAT }, (users, chats) =>
      people.add(users, chats),
    );
    if (found.length === MOST_PER_CHAT)
      log.warn('a chat has more unread history than is read again', { limit: MOST_PER_CHAT });
    return found;
  }

  /** Inside a commit: a supergroup that is new is remembered until it was read. */
  #oweChannels({ dialogs }: Pick<Dialogs, 'dialogs'>): void {
    const { state, owe, peers } = this.#deps;
    for (const dialog of dialogs) {
      const peer = readPeer(objectAt(dialog, 'peer'));
      const record = peer?.type === 'channel' ? peers.get(peer) : undefined;
      if (peer === undefined || record === undefined || record.isBroadcast === true || record.isLeft === true) continue;
      const box = String(peer.id);
      const known = state.channel(box);
      if (known === undefined) state.setChannel(box, UNREAD_CHANNEL);
      if (known === undefined || known.pts < (numberAt(dialog, 'pts') ?? 0)) owe(box);
    }
  }
}

/** Users and chats that came with what was read. */
class People {
  readonly users: TlObject[] = [];
  readonly chats: TlObject[] = [];

  constructor(
    first: { readonly users: readonly TlObject[]; readonly chats: readonly TlObject[] } = { users: [], chats: [] },
  ) {
    this.add(first.users, first.chats);
  }

  add(users: readonly TlObject[], chats: readonly TlObject[]): void {
    this.users.push(...users);
    this.chats.push(...chats);
  }
}
