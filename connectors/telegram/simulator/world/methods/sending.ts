import type { TlObject } from '../../../tl.ts';
import { RpcError } from '../../rpc.ts';
import { Drafts } from '../drafts.ts';
import type { Draft, Sent } from '../exchange-parts.ts';
import { intsOf, isSet, listOf, longOf, objectOf, objectsOf } from '../fields.ts';
import type { Caller, MethodTable, WorldParts } from '../parts.ts';
import { isUserKey, userKey } from '../peers.ts';
import type { PeerKey } from '../state.ts';

const MOST_IN_ALBUM = 10;

/** Everything that says something new. */
export function sendingMethods(parts: WorldParts): MethodTable {
  const drafts = new Drafts(parts);
  const peerOf = (call: TlObject, caller: Caller, field = 'peer'): PeerKey => {
    const peer = parts.peers.resolve(caller.account, objectOf(call, field));
    drafts.permit(caller.account, peer);
    return peer;
  };

  const claim = (caller: Caller, randomId: bigint): void => {
    if (randomId === 0n) throw new RpcError(400, 'RANDOM_ID_EMPTY');
    if (caller.account.randomIds.has(randomId)) throw new RpcError(500, 'RANDOM_ID_DUPLICATE');
  };

  const say = (caller: Caller, peer: PeerKey, draft: Draft, randomId: bigint): readonly [Sent, readonly TlObject[]] => {
    parts.enforcement.judge(caller.account, peer, draft.text);
    const sent = parts.exchange.send(caller, peer, draft);
    caller.account.randomIds.set(randomId, sent.copy.id);
    return [sent, [{ _: 'updateMessageID', id: sent.copy.id, randomId: randomId }, sent.update]];
  };

  return {
    'messages.sendMessage': (call, caller) => {
      const randomId = longOf(call, 'randomId');
      const draft = drafts.text(call);
      claim(caller, randomId);
      const peer = peerOf(call, caller);
      const [sent, updates] = say(caller, peer, { ...draft, ...drafts.replyTo(call, caller, peer) }, randomId);
      const isSelf = peer === userKey(caller.account.id);
      if (!isUserKey(peer) || isSelf) return parts.pushes.answer(caller.account, updates);
      const { pts, ptsCount } = sent.update;
      const entities = sent.post.entities.length === 0 ? {} : { entities: sent.post.entities };
      const facts = { id: sent.copy.id, pts, ptsCount, date: sent.post.date };
      return { _: 'updateShortSentMessage', out: true, ...facts, ...entities };
    },
    'messages.sendMedia': (call, caller) => {
      const randomId = longOf(call, 'randomId');
      claim(caller, randomId);
      const peer = peerOf(call, caller);
      const draft = { ...drafts.media(call, caller, peer), ...drafts.replyTo(call, caller, peer) };
      return parts.pushes.answer(caller.account, say(caller, peer, draft, randomId)[1]);
    },
    'messages.sendMultiMedia': (call, caller) => {
      const items = objectsOf(call, 'multiMedia');
      if (items.length === 0 || items.length > MOST_IN_ALBUM) throw new RpcError(400, 'MULTI_MEDIA_TOO_LONG');
      for (const item of items) claim(caller, longOf(item, 'randomId'));
      const peer = peerOf(call, caller);
      const groupedId = Buffer.from(parts.random.bytes(8)).readBigInt64BE(0);
      const reply = drafts.replyTo(call, caller, peer);
      const all = items.map((item) => ({ ...drafts.media(item, caller, peer), ...reply, groupedId }));
      if (all.some(({ media }) => media?.type === 'poll' || media?.type === 'plain')) {
        throw new RpcError(400, 'MEDIA_INVALID');
      }
      const updates = all.flatMap((draft, index) => {
        const item = items[index];
        return item === undefined ? [] : say(caller, peer, draft, longOf(item, 'randomId'))[1];
      });
      return parts.pushes.answer(caller.account, updates);
    },
    'messages.uploadMedia': (call, caller) => {
      const peer = parts.peers.resolve(caller.account, objectOf(call, 'peer'));
      const { media } = drafts.media(call, caller, peer);
      if (media === undefined) throw new RpcError(400, 'MEDIA_EMPTY');
      return parts.messages.media(media, caller.account);
    },
    'messages.forwardMessages': (call, caller) => {
      const from = parts.peers.resolve(caller.account, objectOf(call, 'fromPeer'));
      const to = peerOf(call, caller, 'toPeer');
      const randomIds = listOf(call, 'randomId').filter((id) => typeof id === 'bigint');
      for (const randomId of randomIds) claim(caller, randomId);
      const sequence = parts.exchange.sequence(caller.account, from);
      const updates = intsOf(call, 'id').flatMap((id, index) => {
        const copy = sequence.copies.get(id);
        const randomId = randomIds[index];
        if (copy === undefined || copy.peer !== from || randomId === undefined) {
          throw new RpcError(400, 'MESSAGE_ID_INVALID');
        }
        const { text, entities, media, author, date, forward } = parts.messages.post(copy.uid);
        const origin = isSet(call, 'dropAuthor') ? {} : { forward: forward ?? { author, date } };
        const draft = { text, entities, ...(media === undefined ? {} : { media }), ...origin };
        return say(caller, to, draft, randomId)[1];
      });
      return parts.pushes.answer(caller.account, updates);
    },
  };
}
