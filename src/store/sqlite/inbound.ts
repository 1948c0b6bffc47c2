import { toTimestamp } from '../../core/clock.ts';
import type { Message } from '../../engine/model/message.ts';
import type { Session } from '../../engine/model/session.ts';
import type { InboundRecord, MessageStore } from '../../engine/ports/index.ts';
import { noteConsent } from './consents.ts';
import type { ConversationRow } from './conversation-table.ts';
import { accountAddress } from './guest-identities.ts';
import type { GuestRow } from './guest-table.ts';
import { composeInbound } from './inbound-content.ts';
import { openNewChat } from './limits.ts';
import type { StoreParts } from './parts.ts';
import { advance } from './progress.ts';
import { findTarget } from './targets.ts';

/** Stores what a network delivered. */
export function recordInbound(parts: StoreParts): MessageStore['recordInbound'] {
  return (record) =>
    parts.write(() => {
      const { sessionId, message } = record;
      const known = findTarget(parts, { sessionId, chat: message.chat, networkId: message.networkId });
      if (known === undefined) return { duplicate: false, ...store(parts, record) };
      const echo = message.direction === 'outbound' && known.message.direction === 'outbound';
      const settled = echo ? advance(parts, known.message, 'sent', message.sentAt) : null;
      return { duplicate: true, message: settled ?? known.message, consentChanged: false };
    });
}

function store(parts: StoreParts, record: InboundRecord): { message: Message; consentChanged: boolean } {
  const session = parts.sessions.require(record.sessionId);
  const { message, receivedAt } = record;
  const inbound = message.direction === 'inbound';
  const { row, guest } = findThread(parts, record);
  const { conversation } = row;
  const stored = composeInbound(parts, record, {
    conversationId: conversation.id,
    seq: conversation.lastSeq + 1,
    guestId: guest === null ? null : guest.guest.id,
    ...ends(record, session, row, guest),
    replyTo: replyTarget(parts, record),
  });
  const { json } = parts.messages.insert(stored, {
    networkId: message.networkId,
    sender: inbound ? message.sender.addresses[0] : null,
    origin: null,
    raw: message.raw ?? null,
  });
  row.activeAt = Math.max(row.activeAt, receivedAt);
  conversation.lastMessageAt = stored.createdAt;
  const writer = inbound && guest !== null ? noteInbound(parts, row, guest, receivedAt) : guest;
  parts.threads.append(row, {
    type: inbound ? 'message.received' : 'message.sent',
    at: receivedAt,
    messageJson: json,
    ...(writer === null ? {} : { guestJson: writer.json }),
  });
  parts.conversations.save(row);
  // Who has written may be written to; whatever waits for it is planned anew.
  if (inbound) parts.queue.touched.outbox.add(record.sessionId);
  parts.sessions.noteTraffic(session, inbound ? 'inbound' : 'outbound', receivedAt);
  return { message: stored, consentChanged: writer !== null && noteWish(parts, record, stored, writer) };
}

function noteWish(parts: StoreParts, record: InboundRecord, message: Message, guest: GuestRow): boolean {
  if (record.asks === undefined) return false;
  // START to somebody who was never stopped is a greeting; bots of Telegram are even opened with it.
  if (record.asks === 'opted_in' && guest.guest.consent?.state !== 'opted_out') return false;
  const { channel, session } = message;
  const wish = {
    state: record.asks,
    source: 'guest',
    channel,
    session,
    messageId: message.id,
    note: null,
    by: null,
  } as const;
  return noteConsent(parts, guest, wish, record.receivedAt).changed;
}

function findThread(parts: StoreParts, record: InboundRecord): { row: ConversationRow; guest: GuestRow | null } {
  const { property, channel, sessionId, message, receivedAt } = record;
  const { chat, sender } = message;
  const inbound = message.direction === 'inbound';
  const place = { property, channel, sessionId, at: receivedAt, address: chat.addresses[0] };
  const sighted = { property, channel, at: receivedAt };
  if (chat.kind === 'group') {
    const guest = inbound
      ? parts.directory.resolve({ ...sighted, addresses: sender.addresses, displayName: sender.displayName })
      : null;
    const row = parts.threads.openGroup({ ...place, title: chat.title ?? null, guest: null });
    if (chat.title !== undefined && chat.title !== row.conversation.title) {
      row.conversation.title = chat.title;
      parts.threads.append(row, { type: 'conversation.updated', at: receivedAt });
    }
    if (guest !== null) {
      parts.threads.addParticipant(row, guest, accountAddress(guest.guest, channel, sender.addresses[0]));
    }
    return { row, guest };
  }
  // The chat's first address stays first: it is the canonical name of the guest, the sender's may be another name of the same.
  const addresses = inbound ? [...new Set([...chat.addresses, ...sender.addresses])] : chat.addresses;
  const displayName = inbound ? sender.displayName : undefined;
  const guest = parts.directory.resolve({ ...sighted, addresses, displayName });
  return { row: parts.threads.openDirect({ ...place, title: null, guest }), guest };
}

function ends(
  record: InboundRecord,
  session: Session,
  row: ConversationRow,
  guest: GuestRow | null,
): { from: string; to: string } {
  const { conversation } = row;
  const account = session.account?.address ?? '';
  if (record.message.direction === 'outbound') return { from: account, to: conversation.address };
  if (conversation.kind === 'direct') return { from: conversation.address, to: account };
  const [address] = record.message.sender.addresses;
  return {
    from: guest === null ? address : accountAddress(guest.guest, record.channel, address),
    to: conversation.address,
  };
}

function replyTarget(parts: StoreParts, record: InboundRecord): string | null {
  const { replyTo, chat } = record.message;
  if (replyTo === undefined) return null;
  const target = findTarget(parts, { sessionId: record.sessionId, chat, networkId: replyTo.networkId });
  return target?.message.id ?? null;
}

function noteInbound(parts: StoreParts, row: ConversationRow, guest: GuestRow, at: number): GuestRow {
  if (row.lastInboundAt === null) openNewChat(parts, row);
  row.conversation.unreadCount += 1;
  row.lastInboundAt = Math.max(row.lastInboundAt ?? 0, at);
  const time = toTimestamp(at);
  if (guest.guest.lastInboundAt !== null && guest.guest.lastInboundAt >= time) return guest;
  return parts.guests.save({ ...guest.guest, lastInboundAt: time }, { nameEdited: guest.nameEdited });
}
