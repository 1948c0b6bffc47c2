import type { Peer } from '../peers.ts';
import { peerObject } from '../peers.ts';
import type { TlObject } from '../tl.ts';
import { isSet, longAt } from '../tl-fields.ts';

/** Fields that the short forms share with a whole message. */
const SHARED = [
  'out',
  'mentioned',
  'mediaUnread',
  'silent',
  'id',
  'date',
  'message',
  'fwdFrom',
  'viaBotId',
  'replyTo',
  'entities',
  'ttlPeriod',
] as const;

/** The update that `updateShortMessage` and `updateShortChatMessage` stand for, and whom one has to know to read it. */
export function expandShort(
  short: TlObject,
  selfId: bigint,
): { readonly update: TlObject; readonly needs: readonly Peer[] } | undefined {
  const userId = longAt(short, 'userId');
  const chatId = longAt(short, 'chatId');
  const fromId = longAt(short, 'fromId');
  const isOut = isSet(short, 'out');
  if (short._ === 'updateShortMessage' && userId !== undefined) {
    const peer: Peer = { type: 'user', id: userId };
    const author = isOut ? { fromId: peerObject({ type: 'user', id: selfId }) } : {};
    return { update: wrap(short, { ...author, peerId: peerObject(peer) }), needs: [peer] };
  }
  if (short._ === 'updateShortChatMessage' && chatId !== undefined && fromId !== undefined) {
    const [chat, author]: [Peer, Peer] = [
      { type: 'chat', id: chatId },
      { type: 'user', id: fromId },
    ];
    const message = wrap(short, { fromId: peerObject(author), peerId: peerObject(chat) });
    return { update: message, needs: isOut ? [chat] : [chat, author] };
  }
  return undefined;
}

function wrap(short: TlObject, peers: Readonly<Record<string, TlObject>>): TlObject {
  const shared = Object.fromEntries(
    SHARED.filter((name) => short[name] !== undefined).map((name) => [name, short[name]]),
  );
  const message: TlObject = { _: 'message', ...shared, ...peers };
  return { _: 'updateNewMessage', message, pts: short['pts'], ptsCount: short['ptsCount'] };
}
