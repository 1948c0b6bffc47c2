import type { ConnectorEvent } from '../../src/connector-api/index.ts';
import type { MapFacts } from './map-facts.ts';
import type { Peer } from './peers.ts';
import { addressOf, readPeer } from './peers.ts';
import type { TlObject } from './tl.ts';
import { longAt, numberAt, objectAt } from './tl-fields.ts';

const MS_PER_SECOND = 1_000;
/** Actions that are somebody at work on a message: typing, recording, choosing a sticker, uploading. */
const AT_WORK = /^sendMessage(?:Typing|Record|Upload|Choose|GeoLocation)/;

/** Maps what is only of this moment: typing, and who is online. */
export function mapLive(update: TlObject, facts: MapFacts): readonly ConnectorEvent[] {
  const userId = longAt(update, 'userId');
  const user: Peer | undefined = userId === undefined ? undefined : { type: 'user', id: userId };
  const author = readPeer(objectAt(update, 'fromId'));
  const [chatId, channelId] = [longAt(update, 'chatId'), longAt(update, 'channelId')];
  switch (update._) {
    case 'updateUserTyping':
      return user === undefined ? [] : typing(user, user, update, facts);
    case 'updateChatUserTyping':
      return author === undefined || chatId === undefined
        ? []
        : typing({ type: 'chat', id: chatId }, author, update, facts);
    case 'updateChannelUserTyping':
      return author === undefined || channelId === undefined
        ? []
        : typing({ type: 'channel', id: channelId }, author, update, facts);
    case 'updateUserStatus':
      return user === undefined ? [] : presence(user, update, facts);
    default:
      return [];
  }
}

function typing(chat: Peer, by: Peer, update: TlObject, facts: MapFacts): readonly ConnectorEvent[] {
  const action = objectAt(update, 'action')?._ ?? '';
  const isOver = action === 'sendMessageCancelAction';
  if ((!isOver && !AT_WORK.test(action)) || isSelf(by, facts)) return [];
  return [{ type: 'typing', chat: facts.chat(chat), by: addressOf(by), on: !isOver }];
}

/** Who hides when they were here shows as away, without a time. */
function presence(user: Peer, update: TlObject, facts: MapFacts): readonly ConnectorEvent[] {
  const status = objectAt(update, 'status');
  if (status === undefined || isSelf(user, facts)) return [];
  const seconds = numberAt(status, 'wasOnline');
  const lastSeen = seconds === undefined ? {} : { lastSeenAt: seconds * MS_PER_SECOND };
  return [{ type: 'presence', by: addressOf(user), online: status._ === 'userStatusOnline', ...lastSeen }];
}

const isSelf = (peer: Peer, { selfId }: MapFacts): boolean => peer.type === 'user' && peer.id === selfId;
