import type { BinaryNode, WASocket } from '@whiskeysockets/baileys';
import { beforeEach, describe, expect, it } from 'vitest';
import { settle } from '../../../test/support/virtual-clock.ts';
import { loadBaileys } from '../baileys.ts';
import { FakeSocket, GUEST, House, Peer } from './durable-support.ts';

let house: House;
let line: ReturnType<House['open']>;
let guest: Peer;

beforeEach(async () => {
  const baileys = await loadBaileys();
  house = new House(baileys);
  line = house.open();
  guest = new Peer(baileys, GUEST);
});

const read: BinaryNode = { tag: 'receipt', attrs: { from: GUEST, id: 'A1', t: '1772600001', type: 'read' } };

describe('a stanza that is acknowledged before anybody looks at it', () => {
  it('is in the vault before Baileys hears of it', () => {
    let depthThen = -1;
    const sock = new FakeSocket();
    sock.ws.on('CB:receipt', () => (depthThen = house.vault.spool.depth())); // as Baileys does when it is made
    house.prepare().attach(sock as unknown as WASocket);
    sock.ws.emit('CB:receipt', read);
    expect(depthThen).toBe(1);
  });

  it.each([
    ['CB:receipt', 'onReceipt', read],
    ['CB:notification', 'onNotification', { tag: 'notification', attrs: { from: 'g@g.us', id: '7', type: 'w:gp2' } }],
    [
      'CB:call',
      'onCall',
      { tag: 'call', attrs: { from: GUEST, id: '9', t: '1' }, content: [{ tag: 'offer', attrs: {} }] },
    ],
  ] as const)('reaches its handler in the next life: %s', async (event, handler, stanza) => {
    line.sock.ws.emit(event, stanza);
    await house.nextLife().replay(new AbortController().signal);
    expect(house.handed.map(({ kind, stanza: handed }) => [kind, handed])).toEqual([[handler, stanza]]);
  });

  it('counts once when the server delivers it twice, and twice when it says something else', async () => {
    house.inbox.start();
    line.sock.ws.emit('CB:receipt', read);
    line.sock.ws.emit('CB:receipt', { ...read, attrs: { ...read.attrs, offline: '3' } });
    await settle();
    line.sock.ws.emit('CB:receipt', read);
    line.sock.ws.emit('CB:receipt', { ...read, attrs: { ...read.attrs, type: 'played' } });
    await settle();
    expect(house.handed.map(({ stanza }) => stanza.attrs['type'])).toEqual(['read', 'played']);
  });

  it('is left to Baileys when it acts before it acknowledges', () => {
    line.sock.ws.emit('CB:receipt', { ...read, attrs: { ...read.attrs, type: 'retry' } });
    line.sock.ws.emit('CB:notification', { tag: 'notification', attrs: { from: 's', id: '7', type: 'encrypt' } });
    expect(house.vault.spool.depth()).toBe(0);
  });

  it('ends the line when it cannot be kept, before it can be acknowledged', () => {
    let wasEndedThen = false;
    line.sock.ws.on('CB:receipt', () => (wasEndedThen = line.sock.ended));
    house.vault.beforeCommit = () => {
      throw new Error('full');
    };
    line.sock.ws.emit('CB:receipt', read);
    expect(wasEndedThen).toBe(true);
    expect(house.failures.map(({ type }) => type)).toEqual(['store_failed']);
  });
});

describe('a message without cipher text', () => {
  it('is kept as it is when it can be read', async () => {
    house.inbox.start();
    const { encodeWAMessage } = await loadBaileys();
    const padded = encodeWAMessage({ conversation: 'channel news' });
    const plain = padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
    const stanza = guest.stanza([{ tag: 'plaintext', attrs: {}, content: plain }], { from: '120363@newsletter' });
    line.sock.ws.emit('CB:message', stanza);
    await settle();
    expect(house.texts).toEqual(['channel news']);
  });

  it('is shown as a gap when nobody will ever be able to read it, e.g. view once', async () => {
    house.inbox.start();
    line.sock.ws.emit('CB:message', guest.stanza([{ tag: 'unavailable', attrs: { type: 'view_once' } }]));
    await settle();
    expect(house.handed.map(({ kind, message }) => [kind, message?.key.isViewOnce])).toEqual([['onMessage', true]]);
  });
});
