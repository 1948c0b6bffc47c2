import type { Element } from '@xmpp/client';
import type { Chat, ConnectorEvent } from '../../src/connector-api/index.ts';
import { bareAddress } from './ids.ts';
import { CHAT_MARKERS, CHAT_STATES, DELAY, RECEIPTS } from './map-outbound.ts';

/** What one stanza says: what must be kept, what is only of this moment, and whom to confirm it to. */
export interface Reading {
  readonly durable: readonly ConnectorEvent[];
  readonly live: readonly ConnectorEvent[];
  /** The sender asked for a receipt (XEP-0184) of this message. */
  readonly confirm?: { readonly to: string; readonly id: string };
}

const NOTHING: Reading = { durable: [], live: [] };

/** Reads a `<message>`. Pure; `fallbackId` names a message whose sender gave it no id. */
export function readMessage(stanza: Element, facts: { ownAddress: string; now: number; fallbackId: string }): Reading {
  const from = bareAddress(stanza.attrs['from']);
  const type = stanza.attrs['type'] ?? 'normal';
  if (from === undefined || from === facts.ownAddress || (type !== 'chat' && type !== 'normal')) return NOTHING;
  const chat: Chat = { kind: 'direct', addresses: [from] };
  const at = sentAt(stanza) ?? facts.now;
  const body = stanza.getChildText('body');
  const id = stanza.attrs['id'] ?? facts.fallbackId;
  const said: ConnectorEvent[] =
    body === null || body === ''
      ? []
      : [
          {
            type: 'message',
            message: {
              networkId: id,
              chat,
              sender: { addresses: [from] },
              direction: 'inbound',
              content: { type: 'text', body },
              sentAt: at,
            },
          },
        ];
  const isAsked = said.length > 0 && stanza.attrs['id'] !== undefined && stanza.getChild('request', RECEIPTS);
  return {
    durable: [...said, ...readReceipts(stanza, chat, at)],
    live: said.length === 0 ? readTyping(stanza, chat, from) : [],
    ...(isAsked ? { confirm: { to: from, id } } : {}),
  };
}

function readReceipts(stanza: Element, chat: Chat, at: number): readonly ConnectorEvent[] {
  const delivered = stanza.getChild('received', RECEIPTS) ?? stanza.getChild('received', CHAT_MARKERS);
  const read = stanza.getChild('displayed', CHAT_MARKERS);
  const receipts: ConnectorEvent[] = [];
  for (const [mark, status] of [[delivered, 'delivered'] as const, [read, 'read'] as const]) {
    const id = mark?.attrs['id'];
    if (id !== undefined) receipts.push({ type: 'receipt', receipt: { chat, networkIds: [id], status, at } });
  }
  return receipts;
}

/** What was typed long ago, and waited for us at the server, is nobody's news. */
function readTyping(stanza: Element, chat: Chat, by: string): readonly ConnectorEvent[] {
  if (stanza.getChild('delay', DELAY) !== undefined) return [];
  if (stanza.getChild('composing', CHAT_STATES) !== undefined) return [{ type: 'typing', chat, by, on: true }];
  const isOver = ['active', 'paused', 'inactive', 'gone'].some((state) => stanza.getChild(state, CHAT_STATES));
  return isOver ? [{ type: 'typing', chat, by, on: false }] : [];
}

function sentAt(stanza: Element): number | undefined {
  const stamp = Date.parse(stanza.getChild('delay', DELAY)?.attrs['stamp'] ?? '');
  return Number.isNaN(stamp) ? undefined : stamp;
}

/** Answers to our questions do not count, nor what the account itself has sent. */
export function isUnasked(stanza: Element, ownAddress: string): boolean {
  const { type, from } = stanza.attrs;
  return stanza.name === 'iq' ? type === 'get' || type === 'set' : bareAddress(from) !== ownAddress;
}
