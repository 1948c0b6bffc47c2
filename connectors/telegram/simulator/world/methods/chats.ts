import type { TlObject, TlValue } from '../../../tl.ts';
import { RpcError } from '../../rpc.ts';
import { intOf, listOf, objectOf, objectsOf } from '../fields.ts';
import type { Caller, MethodTable, WorldParts } from '../parts.ts';
import { channelKey, groupKey, idOf, toPeer, userKey } from '../peers.ts';
import type { Dialog } from '../render-dialog.ts';
import { dialogOf, dialogsOf } from '../render-dialog.ts';
import type { ChannelRecord } from '../state.ts';
import { stateOf } from './updates.ts';

const MOST_DIALOGS = 100;
const MOST_PARTICIPANTS = 200;

/** Lists of chats, and what is known of groups. */
export function chatMethods(parts: WorldParts): MethodTable {
  const { people, peers, messages, state } = parts;

  const groupOf = (caller: Caller, id: TlValue | undefined) =>
    peers.group(idOf(peers.resolve(caller.account, { _: 'inputPeerChat', chatId: id })));

  const withNames = (
    caller: Caller,
    dialogs: readonly Dialog[],
  ): TlObject & { users: readonly TlObject[]; chats: readonly TlObject[] } => {
    const written = dialogs.map(({ peer, top }) => dialogOf(parts, caller.account, peer, top));
    const tops = dialogs.map(({ top }) => messages.message(top, caller.account));
    const { users, chats } = people.named([...written, ...tops], caller.account);
    return { _: 'messages.dialogs', dialogs: written, messages: tops, chats, users };
  };

  const fullChat = (caller: Caller, fullChat: TlObject): TlObject => {
    const { users, chats } = people.named([fullChat], caller.account);
    return { _: 'messages.chatFull', fullChat, chats, users };
  };

  return {
    'messages.getDialogs': (call, caller) => {
      const all = dialogsOf(parts, caller.account);
      const offset = { date: intOf(call, 'offsetDate', 0), id: intOf(call, 'offsetId', 0) };
      const limit = Math.min(Math.max(intOf(call, 'limit'), 1), MOST_DIALOGS);
      const rest = all.filter(
        ({ date, top }) => offset.date === 0 || date < offset.date || (date === offset.date && top.id < offset.id),
      );
      const answer = withNames(caller, rest.slice(0, limit));
      return rest.length <= limit && rest.length === all.length
        ? answer
        : { ...answer, _: 'messages.dialogsSlice', count: all.length };
    },
    'messages.getPeerDialogs': (call, caller) => {
      const wanted = objectsOf(call, 'peers').map((input) => peers.resolve(caller.account, objectOf(input, 'peer')));
      const dialogs = dialogsOf(parts, caller.account).filter(({ peer }) => wanted.includes(peer));
      const answer = withNames(caller, dialogs);
      return { ...answer, _: 'messages.peerDialogs', state: stateOf(parts, caller) };
    },
    'messages.getChats': (call, caller) => ({
      _: 'messages.chats',
      chats: listOf(call, 'id').map((id) => people.chat(groupKey(groupOf(caller, id).id), caller.account)),
    }),
    'channels.getChannels': (call, caller) => ({
      _: 'messages.chats',
      chats: objectsOf(call, 'id').map((input) =>
        people.chat(channelKey(peers.resolveChannel(caller.account, input).id), caller.account),
      ),
    }),
    'messages.getFullChat': (call, caller) => {
      const group = groupOf(caller, call['chatId']);
      const participants = [...group.members].map((id) =>
        id === group.creator
          ? { _: 'chatParticipantCreator', userId: id }
          : { _: 'chatParticipant', userId: id, inviterId: group.creator, date: group.date },
      );
      return fullChat(caller, {
        _: 'chatFull',
        id: group.id,
        about: '',
        participants: { _: 'chatParticipants', chatId: group.id, participants, version: group.version },
        notifySettings: { _: 'peerNotifySettings' },
      });
    },
    'channels.getFullChannel': (call, caller) => {
      const channel = peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      const marks = parts.reading.marks(caller.account, channelKey(channel.id));
      const full = fullChat(caller, {
        _: 'channelFull',
        id: channel.id,
        about: '',
        participantsCount: channel.members.size,
        readInboxMaxId: marks.inbox,
        readOutboxMaxId: marks.outbox,
        unreadCount: parts.reading.unread(caller.account, channelKey(channel.id)).length,
        chatPhoto: { _: 'photoEmpty', id: 0n },
        notifySettings: { _: 'peerNotifySettings' },
        botInfo: [],
        pts: channel.sequence.pts,
      });
      return { ...full, chats: [people.chat(channelKey(channel.id), caller.account)] };
    },
    'channels.getParticipants': (call, caller) => {
      const channel = peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      const offset = intOf(call, 'offset');
      const limit = Math.min(intOf(call, 'limit'), MOST_PARTICIPANTS);
      const members = [...channel.members].slice(offset, offset + limit);
      return {
        _: 'channels.channelParticipants',
        count: channel.members.size,
        participants: members.map((id) => participantOf(channel, id)),
        chats: [people.chat(channelKey(channel.id), caller.account)],
        users: members.map((id) => people.user(peers.account(id), caller.account)),
      };
    },
    'channels.getParticipant': (call, caller) => {
      const channel = peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      const key = peers.resolve(caller.account, objectOf(call, 'participant'));
      if (!channel.members.has(idOf(key))) throw new RpcError(400, 'USER_NOT_PARTICIPANT');
      return {
        _: 'channels.channelParticipant',
        participant: participantOf(channel, idOf(key)),
        chats: [],
        users: [people.user(peers.account(idOf(key)), caller.account)],
      };
    },
    'channels.leaveChannel': (call, caller) => {
      const channel = peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      channel.members.delete(caller.account.id);
      return parts.pushes.answer(caller.account, [{ _: 'updateChannel', channelId: channel.id }]);
    },
    'contacts.getBlocked': (_call, caller) => ({
      _: 'contacts.blocked',
      blocked: [...caller.account.blocked].map((id) => ({ _: 'peerBlocked', peerId: toPeer(userKey(id)), date: 0 })),
      chats: [],
      users: [...caller.account.blocked].flatMap((id) => {
        const account = state.accounts.get(id);
        return account === undefined ? [] : [people.user(account, caller.account)];
      }),
    }),
  };
}

function participantOf(channel: ChannelRecord, id: bigint): TlObject {
  return id === channel.creator
    ? { _: 'channelParticipantCreator', userId: id, adminRights: { _: 'chatAdminRights' } }
    : { _: 'channelParticipant', userId: id, date: channel.date };
}
