import type { BinaryNode } from '@whiskeysockets/baileys';
import type { ConnectorEvent } from '../../src/connector-api/index.ts';
import type { AddressBook } from './chats.ts';
import { addressesOf, chatOf, isMe } from './chats.ts';
import { parseJid } from './ids.ts';

const MS_PER_SECOND = 1000;

/** Reads a raw `<chatstate>`: somebody types, records, or stopped. Pure. */
export function mapChatState(stanza: BinaryNode, book: AddressBook): ConnectorEvent | undefined {
  const { from, participant } = stanza.attrs;
  const [state] = Array.isArray(stanza.content) ? stanza.content : [];
  if (state === undefined || (state.tag !== 'composing' && state.tag !== 'paused')) return undefined;
  const author = parseJid(from)?.kind === 'group' ? participant : from;
  const chat = chatOf([from], book);
  const by = addressesOf([author], book)?.[0];
  if (chat === undefined || by === undefined || isMe(author, book)) return undefined;
  return { type: 'typing', chat, by, on: state.tag === 'composing' };
}

/** Reads a raw `<presence>` of a guest: online, or away since. Pure. */
export function mapPresence(stanza: BinaryNode, book: AddressBook): ConnectorEvent | undefined {
  const { from, type, last } = stanza.attrs;
  const kind = parseJid(from)?.kind;
  const by = addressesOf([from], book)?.[0];
  if ((kind !== 'phone' && kind !== 'hidden') || by === undefined || isMe(from, book)) return undefined;
  const lastSeenAt = Number(last) * MS_PER_SECOND; // `deny` where the guest hides it
  return {
    type: 'presence',
    by,
    online: type !== 'unavailable',
    ...(Number.isFinite(lastSeenAt) ? { lastSeenAt } : {}),
  };
}
