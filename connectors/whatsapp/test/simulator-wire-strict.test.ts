import type { BinaryNode } from '@whiskeysockets/baileys';
import { Curve } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import { node, uintBytes } from '../simulator/wire/stanza.ts';
import { linkClient, makeAuth, muteLibsignal, TestClient, TestDevice, TestPhone } from './simulator-wire-support.ts';

describe('the strictness of the simulated network', () => {
  let clock: VirtualClock;
  let network: WhatsAppNetwork;
  let phone: TestPhone;
  let guest: TestDevice;
  let client: TestClient;
  let me: string;
  const clients: TestClient[] = [];

  beforeEach(async () => {
    muteLibsignal();
    clock = new VirtualClock();
    network = new WhatsAppNetwork({ clock, random: systemRandom });
    await network.start();
    phone = new TestPhone(network, '15100000001', 'Hotel');
    guest = new TestDevice(network, '15100000002', 'Anna');
    client = await linkClient(network, phone);
    clients.push(client);
    me = network.companionsOf(phone.lid)[0] ?? '';
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((open) => open.end()));
    await network.stop();
  });

  /** Sends a stanza as it is and waits until the server has dealt with it. */
  const send = async (stanza: BinaryNode): Promise<void> => {
    await client.sock.sendNode(stanza);
    await client.sock.query(node('iq', { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' }, [node('ping')]));
  };
  const recorded = (): string[] => network.violations.all().map(({ kind, detail }) => `${kind}: ${detail}`);
  const enc = (attrs: Record<string, string>): BinaryNode => node('enc', attrs, Buffer.from('sealed'));
  const message = (to: string, encs: BinaryNode[]): BinaryNode =>
    node('message', { id: 'X1', to, type: 'text' }, [node('participants', {}, [node('to', { jid: guest.lid }, encs)])]);

  const wrongs: readonly [string, BinaryNode, string][] = [
    ['a stanza that does not exist', node('gossip', { id: '1' }), 'unknown_stanza: <gossip>'],
    ['a message without recipient', node('message', { id: '1' }, []), 'malformed: message without id or recipient'],
    ['an ack without class', node('ack', { id: '1' }), 'malformed: ack without id or class'],
    [
      'an ack for nothing',
      node('ack', { id: '1', class: 'receipt' }),
      'unexpected_ack: ack of a receipt that was not delivered',
    ],
    ['a presence of no known type', node('presence', { type: 'bored' }), 'malformed: presence of unknown type bored'],
    [
      'a chat state without state',
      node('chatstate', { to: '1@lid' }),
      'malformed: chat state without recipient or state',
    ],
    [
      'a receipt of no known type',
      node('receipt', { id: '1', to: '1@lid', type: 'seen' }),
      'malformed: receipt of unknown type seen',
    ],
  ];

  it('records what a client says that makes no sense', async () => {
    for (const [name, stanza, violation] of wrongs) {
      await send(stanza);
      expect(recorded(), name).toEqual([violation]);
      expect(network.violations.all()[0]?.account).toBe(me);
      network.violations.clear();
    }
  });

  it('refuses messages that nobody could open, and delivers nothing of them', async () => {
    await send(message(guest.lid, [enc({ v: '2', type: 'pkmsg' })]));
    await send(message(guest.lid, [enc({ v: '1', type: 'msg' })]));
    await send(message(guest.lid, [enc({ v: '2', type: 'plain' })]));
    await send(message(guest.lid, []));
    await send(message('99999@lid', [enc({ v: '2', type: 'msg' })]));
    await send(message('1203600@g.us', [enc({ v: '2', type: 'msg' })]));
    expect(recorded()).toEqual([
      'malformed: pkmsg without device identity',
      'malformed: cipher text of an unknown version',
      'malformed: cipher text of an unknown type',
      'malformed: message without content',
      'unknown_recipient: no such user',
      'unknown_recipient: no such group',
    ]);
    expect(guest.stanzas).toEqual([]);
  });

  it('records a message that leaves out the recipient’s phone', async () => {
    const identity = node('device-identity', {}, Buffer.from('identity'));
    const own = node('to', { jid: phone.lid }, [enc({ v: '2', type: 'msg' })]);
    await send(node('message', { id: 'X1', to: guest.lid }, [node('participants', {}, [own]), identity]));
    expect(network.violations.of('missing_device')).toHaveLength(1);
  });

  it('records forged signatures and foreign identities in uploaded keys, and keeps the old keys', async () => {
    const { signedIdentityKey, registrationId } = client.sock.authState.creds;
    const pair = Curve.generateKeyPair();
    const key = (id: number): BinaryNode[] => [
      node('id', {}, uintBytes(id, 3)),
      node('value', {}, Buffer.from(pair.public)),
    ];
    const upload = (identity: Uint8Array, signature: Uint8Array) =>
      client.sock.query(
        node('iq', { to: '@s.whatsapp.net', type: 'set', xmlns: 'encrypt' }, [
          node('registration', {}, uintBytes(registrationId, 4)),
          node('type', {}, uintBytes(5, 1)),
          node('identity', {}, identity),
          node('list', {}, [node('key', {}, key(9000))]),
          node('skey', {}, [...key(2), node('signature', {}, signature)]),
        ]),
      );
    const before = network.oneTimeKeysOf(me);
    await expect(upload(signedIdentityKey.public, Buffer.alloc(64, 7))).rejects.toThrow('not-acceptable');
    await expect(upload(pair.public, Buffer.alloc(64, 7))).rejects.toThrow('not-acceptable');
    expect(network.violations.of('bad_signature')).toHaveLength(2);
    expect(network.oneTimeKeysOf(me)).toBe(before);
    const message = Buffer.concat([Buffer.of(5), pair.public]);
    await upload(signedIdentityKey.public, Curve.sign(signedIdentityKey.private, message));
    expect(network.oneTimeKeysOf(me)).toBe(before + 1);
  });

  it('does not link a client whose answer is not signed by the identity it registered', async () => {
    const auth = makeAuth();
    const forger = new TestClient(network, auth);
    clients.push(forger);
    const qr = await forger.qr();
    Object.assign(auth.creds.signedIdentityKey, { private: Curve.generateKeyPair().private });
    await expect(network.completeLink(qr, phone)).rejects.toThrow('device signature does not verify');
    expect(network.violations.of('bad_signature')).toHaveLength(1);
    expect(network.companionsOf(phone.lid)).toEqual([me]);
  });

  it('records a client that registers with a forged signed pre-key', async () => {
    const auth = makeAuth();
    Object.assign(auth.creds.signedPreKey, { signature: Buffer.alloc(64, 1) });
    const forger = new TestClient(network, auth);
    clients.push(forger);
    expect((await forger.closed()).code).toBe(400);
    expect(network.violations.of('handshake')).toHaveLength(1);
  });

  it('ends a socket that does not speak the protocol', async () => {
    const socket = new WebSocket(network.wsUrl);
    await new Promise((resolve) => socket.once('open', resolve));
    socket.send(Buffer.from('GET / HTTP/1.1'));
    await new Promise((resolve) => socket.once('close', resolve));
    expect(network.violations.of('handshake')).toHaveLength(1);
  });

  it('records what a client left unanswered on a line that worked', async () => {
    client.sock.ws.removeAllListeners('CB:message');
    await guest.say(phone.lid, 'IN1', 'hello?');
    await network.traffic.seen({ kind: 'delivered', account: me, id: 'IN1' });
    expect(network.duties.unanswered(me)).toContain('message IN1 text');
    await clock.advance(61_000);
    await client.end();
    await network.traffic.seen({ kind: 'closed', account: me });
    expect(recorded()).toEqual(['missing_ack: message unanswered until the line went down']);
  });

  it('lifts a temporary ban when its time is over', async () => {
    const auth = client.sock.authState;
    network.faults.tempBan(phone.lid, { code: 102, expireSeconds: 600 });
    await client.closed();
    await clock.advance(599_000);
    const early = new TestClient(network, auth);
    clients.push(early);
    expect((await early.closed()).code).toBe(402);
    await clock.advance(1_000);
    const late = new TestClient(network, auth);
    clients.push(late);
    await late.open();
  });

  it('delays an acknowledgement by the given time', async () => {
    network.faults.onNextMessage(me, { delayMs: 5_000 });
    let acked = false;
    const ack = client.ackOf('OUT1').then(() => (acked = true));
    await client.sock.sendMessage(guest.lid, { text: 'slow' }, { messageId: 'OUT1' });
    await guest.text('slow');
    expect(acked).toBe(false);
    await clock.advance(5_000);
    await ack;
  });
});
