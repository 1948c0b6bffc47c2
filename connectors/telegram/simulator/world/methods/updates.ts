import type { TlObject } from '../../../tl.ts';
import { RpcError } from '../../rpc.ts';
import { intOf, objectOf } from '../fields.ts';
import type { Caller, MethodTable, WorldParts } from '../parts.ts';
import { channelKey } from '../peers.ts';
import { dialogOf } from '../render-dialog.ts';
import { updateOf } from '../render-update.ts';
import { history, since } from '../sequence.ts';
import type { ChannelRecord, LogEntry, Sequence } from '../state.ts';

const DIFFERENCE_TIMEOUT_SECONDS = 30;
const SHOWN_AFTER_TOO_LONG = 20; // messages of a channel that come with channelDifferenceTooLong

/** How far an account is, and what it missed: https://core.telegram.org/api/updates */
export function updateMethods(parts: WorldParts): MethodTable {
  const { people, peers } = parts;

  const checkPosition = (pts: number, now: number): void => {
    if (pts <= 0) throw new RpcError(400, 'PERSISTENT_TIMESTAMP_EMPTY');
    if (pts <= now) return;
    parts.violations.record('future_position', `pts ${pts} of ${now}`);
    throw new RpcError(400, 'PERSISTENT_TIMESTAMP_INVALID');
  };

  return {
    'updates.getState': (_call, caller) => parts.levers.stateFor(caller.account, stateOf(parts, caller)),
    'updates.getDifference': (call, caller) => {
      const { box, votes } = caller.account;
      const [pts, date] = [intOf(call, 'pts'), intOf(call, 'date')];
      checkPosition(pts, box.pts);
      if (date <= 0) throw new RpcError(400, 'DATE_EMPTY');
      const missed = since(box, pts);
      const mostInAll = Math.min(intOf(call, 'ptsTotalLimit', Infinity), parts.rules.differenceTooLong);
      if (pts < box.forgotten || missed.length > mostInAll) return { _: 'updates.differenceTooLong', pts: box.pts };
      const slice = missed.slice(0, Math.min(parts.rules.differenceSlice, intOf(call, 'ptsLimit', Infinity)));
      const isWhole = slice.length === missed.length;
      const written = writeOut(parts, caller, box, slice);
      const others = [
        ...written.others,
        ...votes.log.filter(({ qts }) => qts > intOf(call, 'qts')).map(({ update }) => update),
        ...(isWhole ? laggingChannels(parts, caller, date) : []),
      ];
      const state = stateOf(parts, caller);
      if (missed.length === 0 && others.length === 0) {
        return { _: 'updates.differenceEmpty', date: state['date'], seq: state['seq'] };
      }
      const { users, chats } = people.named([...written.messages, ...others], caller.account);
      const parcel = {
        newMessages: written.messages,
        newEncryptedMessages: [],
        otherUpdates: others,
        chats,
        users,
      };
      if (isWhole) return { _: 'updates.difference', ...parcel, state };
      const intermediateState = { ...state, pts: slice.at(-1)?.pts ?? pts };
      return { _: 'updates.differenceSlice', ...parcel, intermediateState };
    },
    'updates.getChannelDifference': (call, caller) => {
      const channel = peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      const { sequence } = channel;
      const pts = intOf(call, 'pts');
      checkPosition(pts, sequence.pts);
      if (intOf(call, 'limit') <= 0) throw new RpcError(400, 'LIMIT_INVALID');
      const missed = since(sequence, pts);
      const end = { final: true, timeout: DIFFERENCE_TIMEOUT_SECONDS };
      if (missed.length === 0) return { _: 'updates.channelDifferenceEmpty', ...end, pts: sequence.pts };
      if (pts < sequence.forgotten || missed.length > parts.rules.channelTooLong) {
        return { ...channelTooLong(parts, caller, channel), ...end };
      }
      const slice = missed.slice(0, Math.min(parts.rules.channelSlice, intOf(call, 'limit')));
      const written = writeOut(parts, caller, sequence, slice);
      const { users, chats } = people.named([...written.messages, ...written.others], caller.account);
      return {
        _: 'updates.channelDifference',
        ...(slice.length === missed.length ? end : { timeout: DIFFERENCE_TIMEOUT_SECONDS }),
        pts: slice.at(-1)?.pts ?? sequence.pts,
        newMessages: written.messages,
        otherUpdates: written.others,
        chats,
        users,
      };
    },
  };
}

export function stateOf(parts: WorldParts, { account, authorization }: Caller): TlObject {
  return {
    _: 'updates.state',
    pts: account.box.pts,
    qts: account.votes.qts,
    date: parts.exchange.now(),
    seq: authorization.seq,
    unreadCount: 0,
  };
}

/** Entries as a difference carries them: new messages as they are now, everything else as updates. */
function writeOut(parts: WorldParts, { account }: Caller, sequence: Sequence, entries: readonly LogEntry[]) {
  const messages: TlObject[] = [];
  const others: TlObject[] = [];
  for (const entry of entries) {
    const update = updateOf(entry, { sequence, viewer: account, messages: parts.messages });
    if (update === undefined) continue;
    if (entry.type === 'message') messages.push(objectOf(update, 'message'));
    else others.push(update);
  }
  return { messages, others };
}

/** Channels that moved since `date`, or in the same second: the client asks for them one by one. */
function laggingChannels(parts: WorldParts, { account }: Caller, date: number): readonly TlObject[] {
  return [...parts.state.channels.values()]
    .filter(
      ({ members, changedAt, sequence }) => members.has(account.id) && changedAt >= date && sequence.log.length > 0,
    )
    .map(({ id, sequence }) => ({ _: 'updateChannelTooLong', channelId: id, pts: sequence.pts }));
}

function channelTooLong(parts: WorldParts, caller: Caller, channel: ChannelRecord): TlObject {
  const key = channelKey(channel.id);
  const newest = history(channel.sequence, key).slice(0, SHOWN_AFTER_TOO_LONG);
  const top = newest[0] ?? { id: 0, uid: 0, peer: key, out: false };
  const messages = newest.map((copy) => parts.messages.message(copy, caller.account));
  const dialog = dialogOf(parts, caller.account, key, top);
  const { users, chats } = parts.people.named([dialog, ...messages], caller.account);
  return { _: 'updates.channelDifferenceTooLong', dialog, messages, chats, users };
}
