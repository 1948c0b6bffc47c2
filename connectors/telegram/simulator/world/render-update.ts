import type { TlObject } from '../../tl.ts';
import { isChannelKey } from './peers.ts';
import type { MessageRenderer } from './render-message.ts';
import type { AccountRecord, LogEntry, Sequence } from './state.ts';

/** An entry of a log as an update, as things are now; undefined for a message that is gone since. */
export function updateOf(
  entry: LogEntry,
  deps: { readonly sequence: Sequence; readonly viewer: AccountRecord; readonly messages: MessageRenderer },
): TlObject | undefined {
  const position = { pts: entry.pts, ptsCount: entry.count };
  if (entry.type === 'update') return { ...entry.update, ...position };
  const copy = deps.sequence.copies.get(entry.id);
  if (copy === undefined) return undefined;
  const what = entry.type === 'message' ? 'New' : 'Edit';
  const message = deps.messages.message(copy, deps.viewer);
  return { _: `update${what}${isChannelKey(copy.peer) ? 'Channel' : ''}Message`, message, ...position };
}

const SHORT_FIELDS = new Set([
  '_',
  'id',
  'out',
  'fromId',
  'peerId',
  'date',
  'message',
  'entities',
  'replyTo',
  'fwdFrom',
]);

/** The short form of an `updateNewMessage`, for plain texts in private chats and basic groups. */
export function shortForm(update: TlObject): TlObject | undefined {
  const { message } = update;
  if (update._ !== 'updateNewMessage' || typeof message !== 'object' || !('_' in message)) return undefined;
  if (message._ !== 'message' || Object.keys(message).some((field) => !SHORT_FIELDS.has(field))) return undefined;
  const { peerId: peer, fromId: from, ...rest } = message;
  if (typeof peer !== 'object' || !('_' in peer)) return undefined;
  const position = { pts: update['pts'], ptsCount: update['ptsCount'] };
  if (peer._ === 'peerUser') return { ...rest, _: 'updateShortMessage', userId: peer['userId'], ...position };
  if (typeof from !== 'object' || !('userId' in from)) return undefined;
  return { ...rest, _: 'updateShortChatMessage', fromId: from['userId'], chatId: peer['chatId'], ...position };
}
