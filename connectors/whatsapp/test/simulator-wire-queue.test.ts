import type { AuthenticationState, BinaryNode } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WhatsAppNetwork } from '../simulator/network.ts';
import {
  linkClient,
  makeAuth,
  muteLibsignal,
  startNetwork,
  TestClient,
  TestDevice,
  TestPhone,
} from './simulator-wire-support.ts';

describe('the queue of the simulated network', () => {
  let network: WhatsAppNetwork;
  let phone: TestPhone;
  let guest: TestDevice;
  let auth: AuthenticationState;
  let client: TestClient;
  let me: string;
  const clients: TestClient[] = [];
  const connect = (): TestClient => {
    const next = new TestClient(network, auth);
    clients.push(next);
    return next;
  };

  beforeEach(async () => {
    muteLibsignal();
    network = await startNetwork();
    phone = new TestPhone(network, '15100000001', 'Hotel');
    guest = new TestDevice(network, '15100000002', 'Anna');
    auth = makeAuth();
    client = await linkClient(network, phone, auth);
    clients.push(client);
    me = network.companionsOf(phone.lid)[0] ?? '';
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((open) => open.end()));
    await network.stop();
  });

  it('delivers what came while the client was away, in order, marked as offline', async () => {
    await client.end();
    await network.traffic.seen({ kind: 'closed', account: me });
    for (const id of ['IN1', 'IN2', 'IN3']) await guest.say(phone.lid, id, `text of ${id}`);
    const back = connect();
    const stanzas: BinaryNode[] = [];
    back.sock.ws.on('CB:message', (stanza: BinaryNode) => stanzas.push(stanza));
    await back.message('IN3');
    expect(back.messages.map(({ message, type }) => [message.key.id, type])).toEqual([
      ['IN1', 'append'],
      ['IN2', 'append'],
      ['IN3', 'append'],
    ]);
    expect(stanzas.map((stanza) => stanza.attrs['offline'])).toEqual(['0', '1', '2']);
    await network.traffic.seen({ kind: 'receipt', account: me, id: 'IN3' });
    expect(network.duties.unanswered(me)).toEqual([]);
    expect(network.violations.all()).toEqual([]);
  });

  it('delivers a message again when its receipt was lost, until one arrives', async () => {
    network.faults.dropNextReceipt(me);
    const lost = network.traffic.next({ kind: 'receipt', account: me, id: 'IN1' });
    await guest.say(phone.lid, 'IN1', 'once or twice');
    await lost;
    expect(network.duties.unanswered(me)).toEqual(['message IN1 text']);
    network.faults.cut(me);
    await client.closed();
    const redelivered = network.traffic.next({ kind: 'delivered', account: me, id: 'IN1' });
    connect();
    await redelivered;
    await network.traffic.next({ kind: 'ack', account: me, id: 'IN1' }); // stock Baileys cannot read the copy and says so
    expect(network.duties.unanswered(me).filter((stanza) => stanza.includes('IN1'))).toEqual([]);
  });

  it('delivers receipts again until the client has acknowledged them', async () => {
    await client.sock.sendMessage(guest.lid, { text: 'hello' }, { messageId: 'OUT1' });
    await guest.text('hello');
    await network.traffic.seen({ kind: 'ack', account: me, id: 'OUT1', peer: guest.lid });
    network.faults.silence(me, 'from_client');
    const written = network.traffic.next({ kind: 'delivered', account: me, id: 'OUT1', type: 'receipt' });
    await network.submit(guest, { tag: 'receipt', attrs: { id: 'OUT1', to: me, type: 'read' } });
    await written;
    expect(network.duties.unanswered(me)).toContain('receipt OUT1 read');
    network.faults.cut(me);
    await client.closed();
    const acked = network.traffic.next({ kind: 'ack', account: me, id: 'OUT1', type: 'read' });
    connect();
    await acked;
    expect(network.duties.unanswered(me)).toEqual([]);
    expect(network.violations.all()).toEqual([]);
  });

  it('shows a read mark to the author and to the reader’s own phone', async () => {
    await guest.say(phone.lid, 'IN1', 'please read');
    const { key } = await client.message('IN1');
    await client.sock.readMessages([key]);
    expect((await guest.receipt('IN1', 'read')).attrs['from']).toBe(me);
    expect((await phone.receipt('IN1', 'read-self')).attrs).toMatchObject({ from: me, recipient: guest.lid });
    expect(network.violations.all()).toEqual([]);
  });

  it('keeps what waits for a resident that is offline', async () => {
    network.setOnline(guest, false);
    await client.sock.sendMessage(guest.pn, { text: 'are you there?' }, { messageId: 'OUT1' });
    await network.traffic.seen({ kind: 'message', account: me, id: 'OUT1' });
    expect(guest.received).toEqual([]);
    network.setOnline(guest, true);
    expect((await guest.text('are you there?')).id).toBe('OUT1');
  });

  it('carries a retry to the sender and the re-sealed copy back, and blames nobody for a garbled message', async () => {
    await guest.say(phone.lid, 'IN0', 'warm up');
    await client.message('IN0');
    network.faults.garbleNext(me);
    const asked = network.traffic.next({ kind: 'receipt', account: me, id: 'IN1', type: 'retry' });
    await guest.say(phone.lid, 'IN1', 'can you read this?');
    await asked;
    await guest.receipt('IN1', 'retry');
    const { attrs } = await guest.receipt('IN1', 'retry');
    expect(attrs['from']).toBe(me);
    await guest.resend(me, 'IN1', 'can you read this?', 1);
    expect((await client.message('IN1')).message?.conversation).toBe('can you read this?');
    await network.traffic.seen({ kind: 'receipt', account: me, id: 'IN1', type: 'inactive' });
    expect(network.duties.unanswered(me)).toEqual([]);
    expect(network.violations.all()).toEqual([]);
  });

  it('tells a client that a guest has a new phone, so that the next message is readable there', async () => {
    await client.sock.sendMessage(guest.lid, { text: 'to the old phone' }, { messageId: 'OUT1' });
    await guest.text('to the old phone');
    const renewed = new TestDevice(network, '15100000002', 'Anna');
    const told = network.traffic.next({ kind: 'ack', account: me, type: 'encrypt', peer: guest.lid });
    network.announceNewIdentity(renewed);
    await told;
    await client.sock.sendMessage(guest.lid, { text: 'to the new phone' }, { messageId: 'OUT2' });
    expect((await renewed.text('to the new phone')).id).toBe('OUT2');
    expect(network.violations.all()).toEqual([]);
  });

  it('records a client that cannot read an untouched message, and one that acknowledges what it never got', async () => {
    await client.sock.sendReceipt(guest.lid, undefined, ['NEVER'], undefined);
    await network.traffic.seen({ kind: 'receipt', account: me, id: 'NEVER' });
    expect(network.violations.all()).toMatchObject([{ kind: 'unexpected_ack', account: me }]);
  });

  it('answers an unknown query with an error and records it', async () => {
    const query = client.sock.query({
      tag: 'iq',
      attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'no-such-thing' },
    });
    await expect(query).rejects.toThrow('feature-not-implemented');
    expect(network.violations.of('unknown_iq')).toHaveLength(1);
  });
});
