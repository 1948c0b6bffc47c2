import type { Chat, ConnectorEvent } from '../../src/connector-api/index.ts';
import { readAddress } from './ids.ts';
import { readWords } from './map-content.ts';
import type { MapFacts } from './map-facts.ts';
import { chatPeerOf } from './map-message.ts';
import type { Peer } from './peers.ts';
import { addressOf, readPeer } from './peers.ts';
import type { TlObject } from './tl.ts';
import { isSet, listAt, longAt, numberAt, objectAt, textAt, valuesAt } from './tl-fields.ts';

const MS_PER_SECOND = 1_000;
/** What Telegram shows for a reaction that was paid for. */
const PAID_REACTION = '⭐';

/** Maps an edit, deletion, reading or reaction: what happens to messages after they were said. */
export function mapChange(update: TlObject, facts: MapFacts): readonly ConnectorEvent[] {
  switch (update._) {
    case 'updateEditMessage':
    case 'updateEditChannelMessage':
      return mapEdited(objectAt(update, 'message'), facts);
    case 'updateDeleteMessages':
      return idsOf(update).flatMap((id) => {
        const chat = facts.chatOf(id);
        const peer = chat === undefined ? undefined : readAddress(chat);
        return peer !== undefined && 'id' in peer ? [deleted(facts.chat(peer), id, facts)] : [];
      });
    case 'updateDeleteChannelMessages': {
      const peer = channelOf(update);
      return peer === undefined ? [] : idsOf(update).map((id) => deleted(facts.chat(peer), id, facts));
    }
    case 'updateReadHistoryInbox':
    case 'updateReadChannelInbox':
      return mapReadByAccount(readPeer(objectAt(update, 'peer')) ?? channelOf(update), update, facts);
    case 'updateReadHistoryOutbox':
    case 'updateReadChannelOutbox':
      return mapReadByGuest(readPeer(objectAt(update, 'peer')) ?? channelOf(update), update, facts);
    case 'updateMessageReactions': {
      const peer = readPeer(objectAt(update, 'peer'));
      const reactions = objectAt(update, 'reactions');
      const id = numberAt(update, 'msgId');
      return peer === undefined || reactions === undefined || id === undefined
        ? []
        : mapReactions({ peer, id, reactions }, facts);
    }
    default:
      return [];
  }
}

/** Whether a kind of update is one that `mapChange` knows. */
export function isChange({ _: name }: TlObject): boolean {
  return /^update(?:Edit(?:Channel)?Message|Delete(?:Channel)?Messages|Read(?:History|Channel)(?:In|Out)box|MessageReactions)$/.test(
    name,
  );
}

/** New words, or new reactions: in a difference they come as an edit that no client shows as one. */
function mapEdited(message: TlObject | undefined, facts: MapFacts): readonly ConnectorEvent[] {
  const peer = message === undefined ? undefined : chatPeerOf(message);
  const id = message === undefined ? undefined : numberAt(message, 'id');
  if (message === undefined || peer === undefined || id === undefined) return [];
  const given = objectAt(message, 'reactions');
  const reactions = given ?? (isSet(message, 'editHide') ? { _: 'messageReactions' } : undefined);
  const reacted = reactions === undefined ? [] : mapReactions({ peer, id, reactions }, facts);
  return [...mapEdit(message, facts), ...reacted];
}

/** Telegram calls it an edit as well when a link's preview is found or a live location moves: those are no new words. */
function mapEdit(message: TlObject, facts: MapFacts): readonly ConnectorEvent[] {
  const peer = chatPeerOf(message);
  const at = numberAt(message, 'editDate');
  if (peer === undefined || at === undefined || isSet(message, 'editHide')) return [];
  const media = objectAt(message, 'media')?._;
  if (media !== undefined && !EDITABLE.has(media)) return [];
  const { body, entities } = readWords(message);
  const words = { body, ...(entities === undefined ? {} : { entities }) };
  const target = { networkId: String(numberAt(message, 'id') ?? 0) };
  return [{ type: 'edited', chat: facts.chat(peer), target, ...words, at: at * MS_PER_SECOND }];
}

/** Media beside which words can stand. */
const EDITABLE: ReadonlySet<string> = new Set([
  'messageMediaEmpty',
  'messageMediaWebPage',
  'messageMediaPhoto',
  'messageMediaDocument',
]);

function deleted(chat: Chat, id: number, { now }: MapFacts): ConnectorEvent {
  return { type: 'deleted', chat, target: { networkId: String(id) }, at: now };
}

function mapReadByAccount(peer: Peer | undefined, update: TlObject, facts: MapFacts): readonly ConnectorEvent[] {
  const maxId = numberAt(update, 'maxId') ?? 0;
  if (peer === undefined || maxId === 0 || facts.isBroadcast(peer)) return [];
  return [{ type: 'chat_read', chat: facts.chat(peer), upTo: { networkId: String(maxId) }, at: facts.now }];
}

function mapReadByGuest(peer: Peer | undefined, update: TlObject, facts: MapFacts): readonly ConnectorEvent[] {
  if (peer === undefined) return [];
  const [first, ...rest] = facts.takeRead(addressOf(peer), numberAt(update, 'maxId') ?? 0).map(String);
  if (first === undefined) return [];
  const receipt = { chat: facts.chat(peer), networkIds: [first, ...rest], status: 'read', at: facts.now } as const;
  return [{ type: 'receipt', receipt: { ...receipt, networkIds: [first, ...rest] } }];
}

/**
 * The reactions that a message has now. In a private chat both sides are known, so that a missing one was taken back; whose it was is
 * not said, and the account's own is believed to have been one only where nobody's is left. In a group only the latest are listed, and
 * one that was taken back there is not noticed.
 */
function mapReactions(
  { peer: chatPeer, id, reactions }: { readonly peer: Peer; readonly id: number; readonly reactions: TlObject },
  facts: MapFacts,
): readonly ConnectorEvent[] {
  const self: Peer = { type: 'user', id: facts.selfId };
  const latest = new Map<string, { readonly by: Peer; readonly emoji: string; readonly at: number }>();
  if (chatPeer.type === 'user') {
    const isBare = listAt(reactions, 'recentReactions').length === 0;
    for (const by of isBare ? [chatPeer, self] : [chatPeer])
      latest.set(addressOf(by), { by, emoji: '', at: facts.now });
  }
  for (const given of listAt(reactions, 'recentReactions').toReversed()) {
    const by = isSet(given, 'my') ? self : readPeer(objectAt(given, 'peerId'));
    const emoji = emojiOf(objectAt(given, 'reaction'));
    const at = (numberAt(given, 'date') ?? 0) * MS_PER_SECOND;
    if (by !== undefined && emoji !== undefined) latest.set(addressOf(by), { by, emoji, at });
  }
  const [chat, target] = [facts.chat(chatPeer), { networkId: String(id) }];
  return [...latest.values()].map(({ by, emoji, at }) => {
    const fromAccount = by.type === 'user' && by.id === facts.selfId;
    return { type: 'reaction', chat, target, by: facts.person(by), fromAccount, emoji, at };
  });
}

/** Undefined for an emoji that is a picture of its own: no text stands for it. */
function emojiOf(reaction: TlObject | undefined): string | undefined {
  if (reaction?._ === 'reactionPaid') return PAID_REACTION;
  return reaction === undefined ? undefined : textAt(reaction, 'emoticon');
}

function channelOf(update: TlObject): Peer | undefined {
  const id = longAt(update, 'channelId');
  return id === undefined ? undefined : { type: 'channel', id };
}

function idsOf(update: TlObject): readonly number[] {
  return valuesAt(update, 'messages').filter((id) => typeof id === 'number');
}
