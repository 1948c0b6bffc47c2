import type { TlObject } from '../../../tl.ts';
import { intOf, objectOf, objectsOf } from '../fields.ts';
import type { Caller, MethodTable, WorldParts } from '../parts.ts';
import { channelKey, idOf, isChannelKey } from '../peers.ts';
import { history } from '../sequence.ts';
import type { Copy } from '../state.ts';

const MOST_MESSAGES = 100;

/** Reading what was said before. */
export function historyMethods(parts: WorldParts): MethodTable {
  const { people, peers, messages } = parts;

  const named = (caller: Caller, written: readonly TlObject[]) => {
    const { users, chats } = people.named(written, caller.account);
    return { messages: written, topics: [], chats, users };
  };

  const write = (caller: Caller, copies: readonly Copy[]): readonly TlObject[] =>
    copies.map((copy) => messages.message(copy, caller.account));

  const byIds = (caller: Caller, call: TlObject, find: (id: number) => Copy | undefined): readonly TlObject[] =>
    objectsOf(call, 'id').map((input) => {
      const id = intOf(input, 'id', 0);
      const copy = input._ === 'inputMessageID' ? find(id) : undefined;
      return copy === undefined ? { _: 'messageEmpty', id } : messages.message(copy, caller.account);
    });

  return {
    'messages.getHistory': (call, caller) => {
      const peer = peers.resolve(caller.account, objectOf(call, 'peer'));
      const all = history(parts.exchange.sequence(caller.account, peer), peer);
      const page = pageOf(parts, all, call);
      const parcel = named(caller, write(caller, page));
      if (isChannelKey(peer)) {
        const { pts } = peers.channel(idOf(peer)).sequence;
        return { _: 'messages.channelMessages', pts, count: all.length, ...parcel };
      }
      if (page.length === all.length) return { _: 'messages.messages', ...parcel };
      return { _: 'messages.messagesSlice', count: all.length, ...parcel };
    },
    'messages.getMessages': (call, caller) => {
      const { copies } = caller.account.box;
      return {
        _: 'messages.messages',
        ...named(
          caller,
          byIds(caller, call, (id) => copies.get(id)),
        ),
      };
    },
    'channels.getMessages': (call, caller) => {
      const channel = peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      const { sequence } = channel;
      const found = byIds(caller, call, (id) => sequence.copies.get(id));
      const parcel = named(caller, found);
      const chats = [people.chat(channelKey(channel.id), caller.account)];
      return { _: 'messages.channelMessages', pts: sequence.pts, count: found.length, ...parcel, chats };
    },
    'messages.getMessagesReactions': (call, caller) => {
      const peer = peers.resolve(caller.account, objectOf(call, 'peer'));
      const { copies } = parts.exchange.sequence(caller.account, peer);
      const ids = Array.isArray(call['id']) ? call['id'] : [];
      const updates = ids.flatMap((id) => {
        const copy = copies.get(Number(id));
        if (copy === undefined) return [];
        const reactions = messages.reactions(messages.post(copy.uid), caller.account);
        const { peerId } = messages.message(copy, caller.account);
        return [{ _: 'updateMessageReactions', peer: peerId, msgId: copy.id, reactions }];
      });
      return parts.pushes.answer(caller.account, updates);
    },
  };
}

/** What https://core.telegram.org/api/offsets says; `all` is newest first. */
function pageOf(parts: WorldParts, all: readonly Copy[], call: TlObject): readonly Copy[] {
  const [offsetId, offsetDate] = [intOf(call, 'offsetId', 0), intOf(call, 'offsetDate', 0)];
  const [maxId, minId] = [intOf(call, 'maxId', 0), intOf(call, 'minId', 0)];
  const isBefore = (copy: Copy): boolean => {
    if (offsetId !== 0) return copy.id < offsetId;
    return offsetDate === 0 || parts.messages.post(copy.uid).date < offsetDate;
  };
  const found = all.findIndex((copy) => isBefore(copy));
  const start = Math.max(0, (found === -1 ? all.length : found) + intOf(call, 'addOffset', 0));
  const limit = Math.min(intOf(call, 'limit'), MOST_MESSAGES);
  const page = all.slice(start, start + Math.max(0, limit));
  return page.filter(({ id }) => (maxId === 0 || id < maxId) && id > minId);
}
