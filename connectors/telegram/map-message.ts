import type { ConnectorEvent, InboundMessage, MessageReference } from '../../src/connector-api/index.ts';
import type { JournalEntry } from './journal-entry.ts';
import { mapContent } from './map-content.ts';
import type { MapFacts } from './map-facts.ts';
import { mapService } from './map-service.ts';
import type { Peer } from './peers.ts';
import { readPeer } from './peers.ts';
import type { TlObject } from './tl.ts';
import { isSet, longAt, numberAt, objectAt, toRawJson } from './tl-fields.ts';

/** The account of Telegram itself: login codes and notices about devices. */
const TELEGRAM_ID = 777_000n;
const MS_PER_SECOND = 1_000;

/** Fields of a message that have a place in the model, or say nothing about it. */
const MAPPED: ReadonlySet<string> = new Set(
  (
    '_ id peerId fromId out date message media entities groupedId replyTo mentioned mediaUnread silent legacy post views ' +
    'forwards replies savedPeerId offline editDate editHide invertMedia noforwards reactions fromBoostsApplied pinned'
  ).split(' '),
);
const MAPPED_REPLY: ReadonlySet<string> = new Set(['_', 'replyToMsgId', 'replyToTopId', 'forumTopic']);

export type MappedMessage =
  | { readonly type: 'entry'; readonly entry: JournalEntry }
  /** Said to nobody of the hotel, or by nobody: `reason` is for the log. */
  | { readonly type: 'skipped'; readonly reason: 'empty' | 'saved' | 'broadcast' | 'service' };

/** Where a message belongs; undefined for one without a chat. */
export function chatPeerOf(message: TlObject): Peer | undefined {
  return readPeer(objectAt(message, 'peerId'));
}

/** Whether the account said it, from whichever device. */
export function isOutbound(message: TlObject, selfId: bigint): boolean {
  const author = readPeer(objectAt(message, 'fromId'));
  return isSet(message, 'out') || (author?.type === 'user' && author.id === selfId);
}

/** Maps `message` and `messageService`. Pure but for what the facts look up. */
export function mapMessage(message: TlObject, facts: MapFacts): MappedMessage {
  const peer = chatPeerOf(message);
  if (peer === undefined || message._ === 'messageEmpty') return { type: 'skipped', reason: 'empty' };
  if (peer.type === 'user' && peer.id === facts.selfId) return { type: 'skipped', reason: 'saved' };
  if (facts.isBroadcast(peer)) return { type: 'skipped', reason: 'broadcast' };
  const frame = frameOf(message, peer, facts);
  if (peer.type === 'user' && peer.id === TELEGRAM_ID) {
    // A code in it opens the account to whoever reads it: it is told that something came, not what.
    return said({ ...frame, content: { type: 'unsupported', nativeKind: 'telegram_notice' } });
  }
  if (message._ === 'messageService') {
    const events = mapService(message, frame);
    return events.length === 0
      ? { type: 'skipped', reason: 'service' }
      : { type: 'entry', entry: { events, files: [] } };
  }
  const draft = mapContent(message);
  const replyTo = readReply(objectAt(message, 'replyTo'));
  const groupedId = longAt(message, 'groupedId');
  const whole: InboundMessage = {
    ...frame,
    content: draft.content,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(groupedId === undefined ? {} : { albumId: String(groupedId) }),
    ...(objectAt(message, 'fwdFrom') === undefined ? {} : { forwarded: true }),
    ...(draft.isWhole && !saysMore(message) ? {} : { raw: toRawJson(message) }),
  };
  return said(whole, draft.files);
}

/** What is left of a message that could not be mapped. */
export function mapFrame(message: TlObject, facts: MapFacts): MappedMessage {
  const peer = chatPeerOf(message);
  if (peer === undefined) return { type: 'skipped', reason: 'empty' };
  const content = { type: 'unsupported', nativeKind: 'unmappable' } as const;
  return said({ ...frameOf(message, peer, facts), content, raw: toRawJson(message) });
}

function said(message: InboundMessage, files: JournalEntry['files'] = []): MappedMessage {
  const event: ConnectorEvent = { type: 'message', message };
  return { type: 'entry', entry: { events: [event], files } };
}

function frameOf(message: TlObject, peer: Peer, facts: MapFacts): Omit<InboundMessage, 'content'> {
  const isOut = isOutbound(message, facts.selfId);
  const self: Peer = { type: 'user', id: facts.selfId };
  // Without an author it is the guest of a private chat, or a group speaking as itself (an anonymous admin).
  const author = isOut ? self : (readPeer(objectAt(message, 'fromId')) ?? peer);
  return {
    networkId: String(numberAt(message, 'id') ?? 0),
    chat: facts.chat(peer),
    sender: facts.person(author),
    direction: isOut ? 'outbound' : 'inbound',
    sentAt: (numberAt(message, 'date') ?? 0) * MS_PER_SECOND,
  };
}

/** A message of the same chat; in a forum the topic itself is named as well, which is no answer to anything. */
function readReply(header: TlObject | undefined): MessageReference | undefined {
  const id = header === undefined ? undefined : numberAt(header, 'replyToMsgId');
  if (header === undefined || id === undefined || objectAt(header, 'replyToPeerId') !== undefined) return undefined;
  const isTopicOnly = isSet(header, 'forumTopic') && numberAt(header, 'replyToTopId') === undefined;
  return isTopicOnly ? undefined : { networkId: String(id) };
}

function saysMore(message: TlObject): boolean {
  const reply = objectAt(message, 'replyTo');
  return hasOthers(message, MAPPED) || (reply !== undefined && hasOthers(reply, MAPPED_REPLY));
}

function hasOthers(object: TlObject, known: ReadonlySet<string>): boolean {
  return Object.entries(object).some(([name, value]) => value !== undefined && value !== false && !known.has(name));
}
