import { readPeer } from '../peers.ts';
import type { TlObject } from '../tl.ts';
import { numberAt, objectAt } from '../tl-fields.ts';
import type { CommonPosition } from './update-state.ts';

/** A message of a difference as the update that it was. Its place is the difference's, so that it carries none. */
export function asNew(message: TlObject): TlObject {
  const peer = readPeer(objectAt(message, 'peerId'));
  return { _: peer?.type === 'channel' ? 'updateNewChannelMessage' : 'updateNewMessage', message };
}

export const idOf = (message: TlObject): number => numberAt(message, 'id') ?? 0;

/** `updates.state` as a position. */
export function positionOf(state: TlObject): Omit<CommonPosition, 'topId'> {
  const at = (field: string): number => numberAt(state, field) ?? 0;
  return { pts: at('pts'), qts: at('qts'), date: at('date'), seq: at('seq') };
}
