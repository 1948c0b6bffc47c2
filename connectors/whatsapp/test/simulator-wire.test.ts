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

describe('the simulated network and an unmodified Baileys client', () => {
  let network: WhatsAppNetwork;
  let phone: TestPhone;
  let guest: TestDevice;
  const clients: TestClient[] = [];
  const keep = (client: TestClient): TestClient => {
    clients.push(client);
    return client;
  };

  beforeEach(async () => {
    muteLibsignal();
    network = await startNetwork();
    phone = new TestPhone(network, '15100000001', 'Hotel');
    guest = new TestDevice(network, '15100000002', 'Anna');
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    await network.stop();
  });

  it('links by QR, restarts with 515, logs in and uploads its pre-keys', async () => {
    const auth = makeAuth();
    const first = keep(new TestClient(network, auth));
    await network.completeLink(await first.qr(), phone);
    expect((await first.closed()).code).toBe(515);
    expect(phone.linked).toEqual([`100015100000001:1@lid`]);

    const second = keep(new TestClient(network, auth));
    await second.open();
    expect(second.sock.authState.creds.me?.lid).toBe('100015100000001:1@lid');
    expect(phone.online).toEqual(['100015100000001:1@lid']);
    expect(network.fetchBundle('100015100000001:1@lid')?.preKey).toBeDefined();
    expect(network.violations.all()).toEqual([]);
  });

  it('answers keep-alive pings, also of a client whose QR code nobody has scanned yet', async () => {
    const waiting = keep(new TestClient(network, makeAuth(), { keepAliveIntervalMs: 20 }));
    await waiting.qr();
    await network.traffic.next({ kind: 'iq', account: '-', type: 'w:p' });
    const client = keep(await linkClient(network, phone, makeAuth(), { keepAliveIntervalMs: 20 }));
    const me = client.sock.authState.creds.me?.lid ?? '';
    await network.traffic.next({ kind: 'iq', account: me, type: 'w:p' });
    await network.traffic.next({ kind: 'iq', account: me, type: 'w:p' });
    expect(network.violations.all()).toEqual([]);
  });

  it('understands a client that comes back with the routing information it was given', async () => {
    const auth = makeAuth();
    const client = await linkClient(network, phone, auth);
    await client.until(() => auth.creds.routingInfo !== undefined);
    await client.end();
    await keep(new TestClient(network, auth)).open();
    expect(network.violations.all()).toEqual([]);
  });

  it('tells a client of a second companion, so that it seals for it too', async () => {
    const first = keep(await linkClient(network, phone));
    await first.sock.sendMessage(guest.lid, { text: 'one' }, { messageId: 'OUT1' });
    await guest.text('one');
    const told = network.traffic.next({
      kind: 'ack',
      account: first.sock.authState.creds.me?.lid ?? '',
      type: 'devices',
    });
    const second = keep(await linkClient(network, phone));
    await told;
    await first.sock.sendMessage(guest.lid, { text: 'two' }, { messageId: 'OUT2' });
    const copy = await second.message('OUT2');
    expect(copy.key).toMatchObject({ remoteJid: guest.lid, fromMe: true });
    expect(network.violations.all()).toEqual([]);
  });

  it('links by a code typed into the phone', async () => {
    const auth = makeAuth();
    const first = keep(new TestClient(network, auth));
    await first.qr();
    const code = await first.sock.requestPairingCode('4915100000001');
    await network.traffic.seen({ kind: 'iq', type: 'md' });
    await network.completeLink({ code }, phone);
    expect((await first.closed()).code).toBe(515);
    await keep(new TestClient(network, auth)).open();
    expect(network.violations.all()).toEqual([]);
  });

  it('refuses a wrong code and a code nobody asked for', async () => {
    await expect(network.completeLink({ code: 'ABCD1234' }, phone)).rejects.toThrow('no companion waits');
    const first = keep(new TestClient(network, makeAuth()));
    await first.qr();
    await first.sock.requestPairingCode('4915100000001', 'ABCD1234');
    await network.traffic.seen({ kind: 'iq', type: 'md' });
    await expect(network.completeLink({ code: 'ABCD1235' }, phone)).rejects.toThrow('the code is wrong');
    expect(network.companionsOf(phone.lid)).toEqual([]);
  });

  it('refuses a QR code that no client shows', async () => {
    await expect(network.completeLink('https://wa.me/settings/linked_devices#2@x,a,b,c,1', phone)).rejects.toThrow(
      'nobody waits',
    );
  });

  it('carries text both ways, with acknowledgement and delivery receipts', async () => {
    const client = keep(await linkClient(network, phone));
    await guest.say(guest.network.lidOf(phone.pn) ?? '', 'IN1', 'Guten Tag');
    const received = await client.message('IN1');
    expect(received.message?.conversation).toBe('Guten Tag');
    expect(received.key).toMatchObject({ remoteJid: guest.lid, remoteJidAlt: guest.pn, fromMe: false });
    await guest.receipt('IN1');

    const ack = client.ackOf('OUT1');
    await client.sock.sendMessage(guest.lid, { text: 'Willkommen' }, { messageId: 'OUT1' });
    expect((await ack).attrs).toMatchObject({ class: 'message', id: 'OUT1' });
    expect((await guest.text('Willkommen')).id).toBe('OUT1');
    expect((await phone.text('Willkommen')).id).toBe('OUT1');
    await network.traffic.seen({ kind: 'ack', id: 'OUT1', peer: guest.lid });
    await network.traffic.seen({ kind: 'ack', id: 'OUT1', type: 'sender' });
    expect(network.duties.unanswered(client.sock.authState.creds.me?.lid ?? '')).toEqual([]);
    expect(network.violations.all()).toEqual([]);
  });
});
