import type { TlObject } from '../../tl.ts';
import { isChannelKey } from './peers.ts';
import type { MessageRenderer } from './render-message.ts';
import type { AccountRecord, LogEntry, Sequence } from './state.ts';

/** An entry of a log as an update, as things are now; undefined for a message that is gone since. */
export function updateOf(
  entry: LogEntry,
  deps: { readonly sequence: Sequence; readonly viewer: AccountRecord; readonly messages: MessageRenderer },
): TlObject | undefined {
  const position = { pts: entry.pts, pts_count: entry.count };
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
  'from_id',
  'peer_id',
  'date',
  'message',
  'entities',
  'reply_to',
  'fwd_from',
]);

/** The short form of an `updateNewMessage`, for plain texts in private chats and basic groups. */
export function shortForm(update: TlObject): TlObject | undefined {
  const { message } = update;
  if (update._ !== 'updateNewMessage' || typeof message !== 'object' || !('_' in message)) return undefined;
  if (message._ !== 'message' || Object.keys(message).some((field) => !SHORT_FIELDS.has(field))) return undefined;
  const { peer_id: peer, from_id: from, ...rest } = message;
  if (typeof peer !== 'object' || !('_' in peer)) return undefined;
  const position = { pts: update['pts'], pts_count: update['pts_count'] };
  if (peer._ === 'peerUser') return { ...rest, _: 'updateShortMessage', user_id: peer['user_id'], ...position };
  if (typeof from !== 'object' || !('user_id' in from)) return undefined;
  return { ...rest, _: 'updateShortChatMessage', from_id: from['user_id'], chat_id: peer['chat_id'], ...position };
}
