import type { TlObject } from '../../tl.ts';
import type { WorldParts } from './parts.ts';
import { channelKey, idOf, isChannelKey, toPeer } from './peers.ts';
import type { AccountRecord, Copy, PeerKey } from './state.ts';

export interface Dialog {
  readonly peer: PeerKey;
  readonly top: Copy;
  readonly date: number;
}

/** The chats of an account that have a message, newest first. */
export function dialogsOf(parts: WorldParts, account: AccountRecord): readonly Dialog[] {
  const tops = new Map<PeerKey, Copy>();
  for (const copy of account.box.copies.values()) tops.set(copy.peer, copy);
  for (const channel of parts.state.channels.values()) {
    if (!channel.members.has(account.id)) continue;
    const top = [...channel.sequence.copies.values()].at(-1);
    if (top !== undefined) tops.set(channelKey(channel.id), top);
  }
  const dialogs = [...tops].map(([peer, top]) => ({ peer, top, date: parts.messages.post(top.uid).date }));
  return dialogs.sort((one, other) => other.date - one.date || other.top.uid - one.top.uid);
}

export function dialogOf(parts: WorldParts, account: AccountRecord, peer: PeerKey, top: Copy): TlObject {
  const marks = parts.reading.marks(account, peer);
  return {
    _: 'dialog',
    peer: toPeer(peer),
    topMessage: top.id,
    readInboxMaxId: marks.inbox,
    readOutboxMaxId: marks.outbox,
    unreadCount: parts.reading.unread(account, peer).length,
    unreadMentionsCount: 0,
    unreadReactionsCount: 0,
    unreadPollVotesCount: 0,
    notifySettings: { _: 'peerNotifySettings' },
    ...(isChannelKey(peer) ? { pts: parts.peers.channel(idOf(peer)).sequence.pts } : {}),
  };
}
