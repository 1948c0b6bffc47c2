import type { BinaryNode } from '@whiskeysockets/baileys';
import type { Chat, ConnectorEvent, ReceiptStatus } from '../../src/connector-api/index.ts';
import type { AddressBook } from './chats.ts';
import { addressesOf, chatOf, isMe } from './chats.ts';
import { parseJid } from './ids.ts';

/**
 * Receipt types and what they say of a message of the account. A missing type is delivery; `inactive` is delivery to a
 * device that is not in use; `sender` comes from the account's own phone. Others (retry, hist_sync, peer_msg,
 * server-error) are talk between devices. Names as in Baileys' `STATUS_MAP` and whatsmeow's `types.ReceiptType`.
 */
const STATUS_BY_TYPE: ReadonlyMap<string, ReceiptStatus> = new Map([
  ['', 'delivered'],
  ['delivery', 'delivered'],
  ['inactive', 'delivered'],
  ['sender', 'sent'],
  ['read', 'read'],
  ['played', 'read'],
]);
const READ_ON_OWN_PHONE: ReadonlySet<string> = new Set(['read', 'read-self', 'played', 'played-self']);
const MS_PER_SECOND = 1000;

/** Reads one raw `<receipt>` stanza. Pure. Empty when it says nothing that the daemon keeps. */
export function mapReceipt(stanza: BinaryNode, book: AddressBook): readonly ConnectorEvent[] {
  const { attrs } = stanza;
  const type = attrs['type'] ?? '';
  const isGroup = parseJid(attrs['from'])?.kind === 'group';
  const fromOwn = isMe(isGroup ? attrs['participant'] : attrs['from'], book);
  const chat = receiptChat(attrs, isGroup, fromOwn, book);
  const ids = idsOf(stanza);
  if (chat === undefined || ids === undefined) return [];
  const at = Number(attrs['t'] ?? 0) * MS_PER_SECOND;
  if (fromOwn) return ownReceipt({ type, chat, ids, at });
  const status = STATUS_BY_TYPE.get(type);
  if (status === undefined) return [];
  const bundled = isGroup ? bundledReceipts(stanza, { chat, status, at }, book) : [];
  if (bundled.length > 0) return bundled;
  const by = isGroup ? memberAddress(attrs, book) : undefined;
  return [{ type: 'receipt', receipt: { chat, networkIds: ids, status, at, ...(by === undefined ? {} : { by }) } }];
}

function receiptChat(
  attrs: BinaryNode['attrs'],
  isGroup: boolean,
  fromOwn: boolean,
  book: AddressBook,
): Chat | undefined {
  if (isGroup) return chatOf([attrs['from']], book);
  if (!fromOwn) return chatOf([attrs['from'], attrs['sender_pn'], attrs['sender_lid']], book);
  return chatOf([attrs['recipient'], attrs['recipient_pn'], attrs['recipient_lid']], book);
}

const memberAddress = (attrs: BinaryNode['attrs'], book: AddressBook): string | undefined =>
  addressesOf([attrs['participant'], attrs['participant_pn'], attrs['participant_lid']], book)?.[0];

/** What the account's own phone did: it sent a message, or staff read a chat on it. */
function ownReceipt(facts: {
  type: string;
  chat: Chat;
  ids: readonly [string, ...string[]];
  at: number;
}): readonly ConnectorEvent[] {
  const { type, chat, ids, at } = facts;
  if (type === 'sender') return [{ type: 'receipt', receipt: { chat, networkIds: ids, status: 'sent', at } }];
  if (!READ_ON_OWN_PHONE.has(type)) return [];
  // The list is in the order of the chat: its last message is how far the reader came.
  const networkId = ids.at(-1) ?? ids[0];
  const sender = chat.kind === 'direct' ? { sender: chat.addresses[0] } : {};
  return [{ type: 'chat_read', chat, upTo: { networkId, ...sender }, at }];
}

/** `<list><item id/></list>` names further messages of the same receipt. */
function idsOf(stanza: BinaryNode): readonly [string, ...string[]] | undefined {
  const first = stanza.attrs['id'];
  if (first === undefined || first === '') return undefined;
  const more = childrenOf(stanza, 'list').flatMap((list) => childrenOf(list, 'item'));
  const ids = more.map((item) => item.attrs['id']).filter((id): id is string => id !== undefined && id !== first);
  return [first, ...ids];
}

/** `<participants key=…><user jid t/>…</participants>`: what a group's members did while this client was away. */
function bundledReceipts(
  stanza: BinaryNode,
  common: { chat: Chat; status: ReceiptStatus; at: number },
  book: AddressBook,
): readonly ConnectorEvent[] {
  const { chat, status } = common;
  return childrenOf(stanza, 'participants').flatMap((bundle) =>
    childrenOf(bundle, 'user').flatMap((user): ConnectorEvent[] => {
      const networkId = bundle.attrs['key'] ?? stanza.attrs['id'];
      const by = addressesOf([user.attrs['jid']], book)?.[0];
      if (networkId === undefined || by === undefined) return [];
      const at = user.attrs['t'] === undefined ? common.at : Number(user.attrs['t']) * MS_PER_SECOND;
      return [{ type: 'receipt', receipt: { chat, networkIds: [networkId], status, by, at } }];
    }),
  );
}

const childrenOf = (node: BinaryNode, tag: string): readonly BinaryNode[] =>
  Array.isArray(node.content) ? node.content.filter((child) => child.tag === tag) : [];
