import type { BinaryNode } from '@whiskeysockets/baileys';
import { describe, expect, it } from 'vitest';
import type { AddressBook } from '../chats.ts';
import { mapChatState, mapPresence } from '../map-presence.ts';
import { mapReceipt } from '../map-receipt.ts';

const GUEST = '4915112345678@s.whatsapp.net';
const GUEST_LID = '100000000000001@lid';
const GROUP = '120363041234567890@g.us';
const book: AddressBook = {
  me: ['4930111111@s.whatsapp.net', '100000000000009@lid'],
  aliases: new Map([
    [GUEST, GUEST_LID],
    [GUEST_LID, GUEST],
  ]),
  titles: new Map(),
};
const direct = { kind: 'direct', addresses: ['+4915112345678', 'lid:100000000000001'] };
const group = { kind: 'group', addresses: ['group:120363041234567890'] };

const receipt = (attrs: Record<string, string>, content?: BinaryNode[]): BinaryNode => ({
  tag: 'receipt',
  attrs: { id: 'M1', t: '1700000000', ...attrs },
  ...(content === undefined ? {} : { content }),
});
const node = (tag: string, attrs: Record<string, string>, content: BinaryNode[] = []): BinaryNode => ({
  tag,
  attrs,
  content,
});

describe('a receipt', () => {
  it.each([
    [undefined, 'delivered'],
    ['inactive', 'delivered'],
    ['read', 'read'],
    ['played', 'read'],
  ])('of type %s says %s', (type, status) => {
    const stanza = receipt({ from: `4915112345678:0@s.whatsapp.net`, ...(type === undefined ? {} : { type }) });
    expect(mapReceipt(stanza, book)).toEqual([
      { type: 'receipt', receipt: { chat: direct, networkIds: ['M1'], status, at: 1_700_000_000_000 } },
    ]);
  });

  it('names every message of its list', () => {
    const list = node('list', {}, [node('item', { id: 'M2' }), node('item', { id: 'M3' })]);
    expect(mapReceipt(receipt({ from: GUEST_LID, type: 'read' }, [list]), book)).toMatchObject([
      { receipt: { networkIds: ['M1', 'M2', 'M3'] } },
    ]);
  });

  it('names the member in a group', () => {
    expect(mapReceipt(receipt({ from: GROUP, participant: '100000000000001:3@lid' }), book)).toMatchObject([
      { receipt: { chat: group, status: 'delivered', by: '+4915112345678' } },
    ]);
  });

  it('is taken apart where the server bundled several members', () => {
    const users = [node('user', { jid: GUEST_LID, t: '1700000001' }), node('user', { jid: '300000000000003@lid' })];
    const bundle = node('participants', { key: 'M9' }, users);
    expect(mapReceipt(receipt({ from: GROUP, type: 'read' }, [bundle]), book)).toMatchObject([
      { receipt: { networkIds: ['M9'], by: '+4915112345678', at: 1_700_000_001_000, status: 'read' } },
      { receipt: { networkIds: ['M9'], by: 'lid:300000000000003', at: 1_700_000_000_000 } },
    ]);
  });

  it.each(['read-self', 'read'])('of type %s from the own phone says that staff read the chat', (type) => {
    const list = node('list', {}, [node('item', { id: 'M2' })]);
    const stanza = receipt({ from: '100000000000009@lid', recipient: GUEST_LID, type }, [list]);
    expect(mapReceipt(stanza, book)).toEqual([
      { type: 'chat_read', chat: direct, upTo: { networkId: 'M2', sender: '+4915112345678' }, at: 1_700_000_000_000 },
    ]);
  });

  it('from the own phone can show that a message is out', () => {
    const stanza = receipt({ from: '4930111111@s.whatsapp.net', recipient: GUEST, type: 'sender' });
    expect(mapReceipt(stanza, book)).toMatchObject([{ receipt: { chat: direct, status: 'sent' } }]);
  });

  it.each(['retry', 'hist_sync', 'peer_msg', 'server-error', 'enc_rekey_retry'])(
    'of type %s is for devices',
    (type) => {
      expect(mapReceipt(receipt({ from: GUEST, type }), book)).toEqual([]);
    },
  );

  it('between own devices says nothing', () => {
    expect(mapReceipt(receipt({ from: '4930111111@s.whatsapp.net', recipient: GUEST }), book)).toEqual([]);
    expect(mapReceipt(receipt({ from: 'status@broadcast', participant: GUEST }), book)).toEqual([]);
  });
});

describe('a chat state', () => {
  it('tells who types and who stopped', () => {
    const composing = node('chatstate', { from: GUEST }, [node('composing', { media: 'audio' })]);
    const paused = node('chatstate', { from: GROUP, participant: GUEST_LID }, [node('paused', {})]);
    expect(mapChatState(composing, book)).toEqual({ type: 'typing', chat: direct, by: '+4915112345678', on: true });
    expect(mapChatState(paused, book)).toEqual({ type: 'typing', chat: group, by: '+4915112345678', on: false });
  });

  it('of the account itself or of an unknown kind is left out', () => {
    expect(mapChatState(node('chatstate', { from: GUEST }, [node('dancing', {})]), book)).toBeUndefined();
    const own = node('chatstate', { from: '4930111111:2@s.whatsapp.net' }, [node('composing', {})]);
    expect(mapChatState(own, book)).toBeUndefined();
  });
});

describe('a presence', () => {
  it('tells who is online, and since when somebody is away', () => {
    expect(mapPresence(node('presence', { from: GUEST }), book)).toEqual({
      type: 'presence',
      by: '+4915112345678',
      online: true,
    });
    const away = node('presence', { from: GUEST, type: 'unavailable', last: '1700000000' });
    expect(mapPresence(away, book)).toMatchObject({ online: false, lastSeenAt: 1_700_000_000_000 });
    const hidden = node('presence', { from: GUEST, type: 'unavailable', last: 'deny' });
    expect(mapPresence(hidden, book)).not.toHaveProperty('lastSeenAt');
  });

  it('of groups and of the account is left out', () => {
    expect(mapPresence(node('presence', { from: GROUP }), book)).toBeUndefined();
    expect(mapPresence(node('presence', { from: '100000000000009@lid' }), book)).toBeUndefined();
  });
});
