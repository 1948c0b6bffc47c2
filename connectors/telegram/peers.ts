import type { Address } from '../../src/connector-api/index.ts';
import { channelAddress, chatAddress, userAddress } from './ids.ts';
import type { TlObject } from './tl.ts';
import { longAt } from './tl-fields.ts';

/** What Telegram calls a peer: a person, a basic group, or a supergroup or channel. */
export interface Peer {
  readonly type: 'user' | 'chat' | 'channel';
  readonly id: bigint;
}

/** Reads `peerUser`, `peerChat`, `peerChannel`. */
export function readPeer(object: TlObject | undefined): Peer | undefined {
  if (object === undefined) return undefined;
  const [type, field] = FIELDS[object._] ?? [];
  const id = field === undefined ? undefined : longAt(object, field);
  return type === undefined || id === undefined ? undefined : { type, id };
}

const FIELDS: Readonly<Record<string, readonly [Peer['type'], string]>> = {
  peerUser: ['user', 'userId'],
  peerChat: ['chat', 'chatId'],
  peerChannel: ['channel', 'channelId'],
};

/** The canonical address; also the name of a peer in the vault. */
export function addressOf({ type, id }: Peer): Address {
  if (type === 'user') return userAddress(id);
  return type === 'chat' ? chatAddress(id) : channelAddress(id);
}

export function peerObject({ type, id }: Peer): TlObject {
  if (type === 'user') return { _: 'peerUser', userId: id };
  return type === 'chat' ? { _: 'peerChat', chatId: id } : { _: 'peerChannel', channelId: id };
}
