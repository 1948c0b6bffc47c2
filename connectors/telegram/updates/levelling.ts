import type { Logger } from '../../../src/core/logger.ts';
import { CallLost, RpcFailure } from '../mtproto/client.ts';
import type { PeerBook } from '../peer-book.ts';
import { readPeer } from '../peers.ts';
import type { TlObject } from '../tl.ts';
import { isSet, listAt, longAt, numberAt, objectAt } from '../tl-fields.ts';
import { asNew, idOf } from './difference-parts.ts';
import type { UpdateRemote } from './remote.ts';
import type { Reread } from './reread.ts';
import type { UpdateApplier } from './update-applier.ts';
import type { UpdateLedger } from './update-ledger.ts';
import type { BoxName, Mark, UpdateState } from './update-state.ts';
import { COMMON, isUnread } from './update-state.ts';

/** The place that we name is none of the server's: too old, never given out, or of another data base. */
const LOST_PLACE: ReadonlySet<string> = new Set([
  'PERSISTENT_TIMESTAMP_EMPTY',
  'PERSISTENT_TIMESTAMP_INVALID',
  'DATE_EMPTY',
]);
/** Only points to a supergroup: a difference names those that moved in the same second as well. */
const CHANNEL_MOVED = 'updateChannelTooLong';
/** Dialogs that the server describes in one answer. */
const PEERS_PER_QUESTION = 100;

interface LevellingDeps {
  readonly state: UpdateState;
  readonly remote: UpdateRemote;
  readonly reread: Reread;
  readonly peers: PeerBook;
  readonly applier: UpdateApplier;
  readonly ledger: UpdateLedger;
  readonly owe: (box: BoxName) => void;
  readonly log: Logger;
}

/** Asks the network for what did not come by itself, one box at a time. */
export class Levelling {
  readonly #deps: LevellingDeps;
  #rounds = 0;
  #brought = 0;

  constructor(deps: LevellingDeps) {
    this.#deps = deps;
  }

  /** How often private chats and basic groups were brought level, and how much came by it. Only grows. */
  get tally(): { readonly rounds: number; readonly brought: number } {
    return { rounds: this.#rounds, brought: this.#brought };
  }

  /** Private chats and basic groups. */
  async common(): Promise<void> {
    await this.#common();
    this.#rounds += 1;
  }

  /**
   * How far the network is in private chats and basic groups, by what it would bring; undefined = no further than we. Takes nothing of it, but
   * owes the supergroups that it calls further.
   */
  async peek(): Promise<Mark | undefined> {
    const { state, remote, ledger, owe } = this.#deps;
    ledger.secure();
    const { pts, qts } = state.common;
    const answer = await remote.difference(state.common).catch((error: unknown) => lostPlace(error));
    if (answer === undefined) return { pts: pts + 1, qts }; // a place that the server does not know
    for (const update of listAt(answer, 'otherUpdates')) {
      const box = update._ === CHANNEL_MOVED ? String(longAt(update, 'channelId')) : undefined;
      const known = box === undefined ? undefined : state.channel(box);
      if (box !== undefined && known !== undefined && known.pts < (numberAt(update, 'pts') ?? 0)) owe(box);
    }
    const reached = objectAt(answer, 'state') ?? objectAt(answer, 'intermediateState') ?? answer;
    const mark = { pts: numberAt(reached, 'pts') ?? pts, qts: numberAt(reached, 'qts') ?? qts };
    return mark.pts > pts || mark.qts > qts ? mark : undefined;
  }

  async #common(): Promise<void> {
    const { state, remote, reread, applier, ledger, log } = this.#deps;
    for (;;) {
      ledger.secure();
      const answer = await remote.difference(state.common).catch((error: unknown) => lostPlace(error));
      const date = answer === undefined ? undefined : numberAt(answer, 'date');
      switch (answer?._) {
        case 'updates.differenceEmpty':
          ledger.commit(
            () => {
              state.setCommon({ seq: numberAt(answer, 'seq') ?? state.common.seq, date: date ?? state.common.date });
              applier.drain(COMMON);
            },
            { lazy: true },
          );
          return;
        case 'updates.difference':
        case 'updates.differenceSlice':
          this.#takeDifference(answer);
          if (answer._ === 'updates.difference') return;
          break;
        case undefined: // a place that the server does not know
        case 'updates.differenceTooLong': {
          log.warn('the difference is too long, chats are read again');
          const before = state.common.pts;
          await reread.common();
          this.#brought += Math.max(0, state.common.pts - before);
          return;
        }
        default:
          throw new CallLost({ isWritten: true, reason: 'unreadable' });
      }
    }
  }

  /** One supergroup, known or new. */
  async channel(box: BoxName): Promise<void> {
    const { state, remote, reread, peers, ledger, log } = this.#deps;
    const id = BigInt(box);
    const record = peers.get({ type: 'channel', id });
    if (record?.isBroadcast === true || record?.isLeft === true) return;
    const channel = peers.inputChannel(id);
    if (channel === undefined) {
      log.debug('a supergroup without access hash is left to the list of dialogs');
      await reread.survey();
      return;
    }
    const position = state.channel(box);
    if (position === undefined || isUnread(position)) {
      await reread.adopt(id);
      return;
    }
    ledger.secure();
    let { pts } = position;
    for (;;) {
      const answer = await remote.channelDifference(channel, pts).catch((error: unknown) => lostPlace(error));
      const dialog = answer === undefined ? undefined : objectAt(answer, 'dialog');
      if (answer === undefined || dialog !== undefined) {
        log.warn('the difference of a supergroup is too long, it is read again');
        await reread.channel(id, dialog === undefined ? undefined : numberAt(dialog, 'pts'));
        return;
      }
      this.#takeChannelDifference(box, answer);
      const reached = state.channel(box)?.pts ?? pts;
      if (isSet(answer, 'final') || reached <= pts) return;
      pts = reached;
    }
  }

  /** Asks where all known supergroups stand, and which are new, and owes those that lag. */
  async check(): Promise<void> {
    const { state, remote, reread, peers, owe, log } = this.#deps;
    const names = state.channelNames.filter((box) => peers.inputChannel(BigInt(box)) !== undefined);
    for (let start = 0; start < names.length; start += PEERS_PER_QUESTION) {
      const boxes = names.slice(start, start + PEERS_PER_QUESTION);
      try {
        const inputs = boxes.map((box) => peers.inputPeer({ type: 'channel', id: BigInt(box) }));
        const answer = await remote.peerDialogs(inputs.filter((input) => input !== undefined));
        for (const box of laggards(answer, state)) owe(box);
      } catch (error) {
        if (!(error instanceof RpcFailure) || error.code !== BAD_REQUEST) throw error;
        log.debug('supergroups are asked one by one', { error: error.text });
        for (const box of boxes) owe(box); // one that the account was thrown out of spoils the question about the others
      }
    }
    await reread.survey();
  }

  #takeDifference(answer: TlObject): void {
    const { state, applier, ledger } = this.#deps;
    const position = objectAt(answer, 'state') ?? objectAt(answer, 'intermediateState');
    ledger.commit(
      () => {
        applier.learn(listAt(answer, 'users'), listAt(answer, 'chats'));
        const messages = listAt(answer, 'newMessages');
        applier.bring([...messages.map(asNew), ...listAt(answer, 'otherUpdates')], COMMON);
        const { pts, qts, date, seq, topId } = state.common;
        state.setCommon({
          pts: (position && numberAt(position, 'pts')) ?? pts,
          qts: (position && numberAt(position, 'qts')) ?? qts,
          date: (position && numberAt(position, 'date')) ?? date,
          seq: (position && numberAt(position, 'seq')) ?? seq,
          topId: Math.max(topId, ...messages.map(idOf)),
        });
        applier.drain(COMMON);
      },
      { lazy: false },
    );
    const others = listAt(answer, 'otherUpdates').filter(({ _: name }) => name !== CHANNEL_MOVED);
    this.#brought += listAt(answer, 'newMessages').length + others.length;
  }

  #takeChannelDifference(box: BoxName, answer: TlObject): void {
    const { state, applier, ledger } = this.#deps;
    ledger.commit(
      () => {
        applier.learn(listAt(answer, 'users'), listAt(answer, 'chats'));
        const messages = listAt(answer, 'newMessages');
        applier.bring([...messages.map(asNew), ...listAt(answer, 'otherUpdates')], box);
        const { pts, topId } = state.channel(box) ?? { pts: 0, topId: 0 };
        const top = Math.max(topId, ...messages.map(idOf));
        state.setChannel(box, { pts: numberAt(answer, 'pts') ?? pts, topId: top });
        applier.drain(box);
      },
      { lazy: false },
    );
  }
}

const BAD_REQUEST = 400;

/** Undefined for a place that is lost; throws everything else. */
function lostPlace(error: unknown): undefined {
  if (error instanceof RpcFailure && LOST_PLACE.has(error.text)) return undefined;
  throw error;
}

function laggards(answer: TlObject, state: UpdateState): readonly BoxName[] {
  return listAt(answer, 'dialogs').flatMap((dialog) => {
    const peer = readPeer(objectAt(dialog, 'peer'));
    const box = String(peer?.id);
    const known = state.channel(box);
    return peer?.type === 'channel' && known !== undefined && (numberAt(dialog, 'pts') ?? 0) > known.pts ? [box] : [];
  });
}
