import type { TlObject } from '../../../tl.ts';
import { RpcError } from '../../rpc.ts';
import { Drafts } from '../drafts.ts';
import { intOf, intsOf, isSet, listOf, objectOf, optionalObjects, textOf } from '../fields.ts';
import type { Caller, MethodTable, WorldParts } from '../parts.ts';
import { channelKey, groupKey, idOf, isChannelKey, isUserKey } from '../peers.ts';
import { standardReactions } from '../rules.ts';
import type { Copy, PeerKey } from '../state.ts';

const EDIT_WINDOW_SECONDS = 172_800; // 48 hours

/** Everything that changes what was said, or marks it. */
export function changeMethods(parts: WorldParts): MethodTable {
  const drafts = new Drafts(parts);
  const { exchange, reading, signs } = parts;

  const peerOf = (call: TlObject, caller: Caller): PeerKey =>
    parts.peers.resolve(caller.account, objectOf(call, 'peer'));

  const copyIn = (caller: Caller, peer: PeerKey, id: number): Copy => {
    const copy = exchange.sequence(caller.account, peer).copies.get(id);
    if (copy === undefined || copy.peer !== peer) throw new RpcError(400, 'MESSAGE_ID_INVALID');
    return copy;
  };

  const checkRead = (caller: Caller, peer: PeerKey, maxId: number): void => {
    const { inbox } = reading.marks(caller.account, peer);
    if (maxId < inbox) parts.violations.record('read_backwards', `from ${inbox} to ${maxId}`);
    const last = exchange.sequence(caller.account, peer).lastId;
    if (maxId > last) parts.violations.record('future_position', 'read a message that is not there');
  };

  return {
    'messages.editMessage': (call, caller) => {
      const peer = peerOf(call, caller);
      const copy = copyIn(caller, peer, intOf(call, 'id'));
      const post = parts.messages.post(copy.uid);
      if (post.author !== caller.account.id || post.action !== undefined)
        throw new RpcError(403, 'MESSAGE_AUTHOR_REQUIRED');
      if (exchange.now() - post.date > EDIT_WINDOW_SECONDS) throw new RpcError(400, 'MESSAGE_EDIT_TIME_EXPIRED');
      const { text, entities = [] } =
        post.media === undefined
          ? drafts.text(call)
          : { text: textOf(call, 'message', ''), entities: drafts.entities(call, textOf(call, 'message', '')) };
      if (text === post.text && entities.length === post.entities.length)
        throw new RpcError(400, 'MESSAGE_NOT_MODIFIED');
      return parts.pushes.answer(caller.account, [exchange.edit(caller, copy, { text, entities })]);
    },
    'messages.deleteMessages': (call, caller) => {
      const copies = intsOf(call, 'id').flatMap((id) => caller.account.box.copies.get(id) ?? []);
      const forAll = isSet(call, 'revoke');
      const isOthers = (copy: Copy): boolean => !copy.out && !isUserKey(copy.peer);
      if (forAll && copies.some((copy) => isOthers(copy))) throw new RpcError(403, 'MESSAGE_DELETE_FORBIDDEN');
      const { pts, count } = exchange.erase(caller, copies, { forAll });
      return { _: 'messages.affectedMessages', pts, ptsCount: count };
    },
    'channels.deleteMessages': (call, caller) => {
      const channel = parts.peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      const copies = intsOf(call, 'id').flatMap((id) => channel.sequence.copies.get(id) ?? []);
      const isForeign = copies.some((copy) => parts.messages.post(copy.uid).author !== caller.account.id);
      if (isForeign && channel.creator !== caller.account.id) throw new RpcError(403, 'MESSAGE_DELETE_FORBIDDEN');
      if (copies.length === 0) return { _: 'messages.affectedMessages', pts: channel.sequence.pts, ptsCount: 0 };
      const { pts, count } = exchange.eraseInChannel(caller, channel.id, copies);
      return { _: 'messages.affectedMessages', pts, ptsCount: count };
    },
    'messages.sendReaction': (call, caller) => {
      const copy = copyIn(caller, peerOf(call, caller), intOf(call, 'msgId'));
      const [reaction, second] = optionalObjects(call, 'reaction');
      if (second !== undefined) throw new RpcError(400, 'REACTIONS_TOO_MANY');
      const emoji = reaction?._ === 'reactionEmoji' ? textOf(reaction, 'emoticon') : '';
      const isTakenBack = reaction === undefined || reaction._ === 'reactionEmpty';
      const isKnown =
        parts.rules.reactions === 'any' ? emoji !== '' : standardReactions.has(emoji.replace(/\uFE0F/g, ''));
      if (!isTakenBack && !isKnown) throw new RpcError(400, 'REACTION_INVALID');
      return parts.pushes.answer(caller.account, [exchange.react(caller, copy, emoji)]);
    },
    'messages.sendVote': (call, caller) => {
      const copy = copyIn(caller, peerOf(call, caller), intOf(call, 'msgId'));
      const { media } = parts.messages.post(copy.uid);
      if (media?.type !== 'poll') throw new RpcError(400, 'MESSAGE_ID_INVALID');
      const poll = parts.messages.poll(media.pollId);
      const chosen = listOf(call, 'options').map((option) =>
        poll.options.findIndex((one) => option instanceof Uint8Array && Buffer.compare(one.option, option) === 0),
      );
      if (chosen.includes(-1)) throw new RpcError(400, 'OPTION_INVALID');
      if (chosen.length > 1 && !poll.multiple) throw new RpcError(400, 'OPTIONS_TOO_MUCH');
      return parts.pushes.answer(caller.account, [signs.vote(caller, copy, poll, chosen)]);
    },
    'messages.getPollResults': (call, caller) => {
      const copy = copyIn(caller, peerOf(call, caller), intOf(call, 'msgId'));
      const { media } = parts.messages.post(copy.uid);
      if (media?.type !== 'poll') throw new RpcError(400, 'MESSAGE_ID_INVALID');
      const place = { peer: objectOf(parts.messages.message(copy, caller.account), 'peerId'), msgId: copy.id };
      const update = signs.results(caller.account, parts.messages.poll(media.pollId), place);
      return parts.pushes.answer(caller.account, [update]);
    },
    'messages.readHistory': (call, caller) => {
      const peer = peerOf(call, caller);
      if (isChannelKey(peer)) throw new RpcError(400, 'PEER_ID_INVALID');
      checkRead(caller, peer, intOf(call, 'maxId'));
      parts.enforcement.read(caller.account, peer);
      const { pts, count } = reading.read(caller, peer, intOf(call, 'maxId'));
      return { _: 'messages.affectedMessages', pts, ptsCount: count };
    },
    'channels.readHistory': (call, caller) => {
      const channel = parts.peers.resolveChannel(caller.account, objectOf(call, 'channel'));
      checkRead(caller, channelKey(channel.id), intOf(call, 'maxId'));
      reading.readChannel(caller, channelKey(channel.id), channel, intOf(call, 'maxId'));
      return true;
    },
    'messages.readMessageContents': (_call, caller) => ({
      _: 'messages.affectedMessages',
      pts: caller.account.box.pts,
      ptsCount: 0,
    }),
    'messages.setTyping': (call, caller) => {
      const [peer, action] = [peerOf(call, caller), objectOf(call, 'action')];
      if (action._ !== 'sendMessageCancelAction') parts.enforcement.typed(caller.account, peer);
      signs.typing(caller, peer, action);
      return true;
    },
    'account.updateStatus': (call, caller) => {
      if (typeof call['offline'] !== 'boolean') throw new RpcError(400, 'INPUT_FETCH_FAIL');
      signs.status(caller.account, !call['offline']);
      return true;
    },
    'messages.editChatTitle': (call, caller) => {
      const input = { _: 'inputPeerChat', chatId: call['chatId'] };
      const group = parts.peers.group(idOf(parts.peers.resolve(caller.account, input)));
      group.title = textOf(call, 'title');
      group.version += 1;
      const action = { _: 'messageActionChatEditTitle', title: group.title };
      const sent = exchange.send(caller, groupKey(group.id), { text: '', action });
      return parts.pushes.answer(caller.account, [sent.update]);
    },
  };
}
