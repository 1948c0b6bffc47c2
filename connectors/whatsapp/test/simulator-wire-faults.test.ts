import type { AuthenticationState } from '@whiskeysockets/baileys';
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

describe('the levers of the simulated network', () => {
  let network: WhatsAppNetwork;
  let phone: TestPhone;
  let guest: TestDevice;
  let auth: AuthenticationState;
  let client: TestClient;
  const clients: TestClient[] = [];
  const connect = (options = {}): TestClient => {
    const next = new TestClient(network, auth, options);
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
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((open) => open.end()));
    await network.stop();
  });

  it('refuses other versions with 405 at login and at registration, and lets the right one in', async () => {
    network.faults.acceptVersions({ oldest: [2, 3000, 2_000_000_000] });
    await client.end();
    expect((await connect().closed()).code).toBe(405);
    const stranger = new TestClient(network, makeAuth());
    clients.push(stranger);
    expect((await stranger.closed()).code).toBe(405);
    await connect({ version: [2, 3000, 2_000_000_001] }).open();
  });

  it('cuts a line, after which the client may come back', async () => {
    network.faults.cut(phone.lid);
    expect((await client.closed()).code).toBe(428);
    await connect().open();
  });

  it('replaces a client, also when a second socket logs in with the same link', async () => {
    network.faults.replace();
    expect((await client.closed()).code).toBe(440);
    const second = connect();
    await second.open();
    const third = connect();
    await third.open();
    expect((await second.closed()).code).toBe(440);
  });

  it('logs a client out for good', async () => {
    network.faults.logOut(phone.pn);
    expect((await client.closed()).code).toBe(401);
    expect((await connect().closed()).code).toBe(401);
    expect(network.companionsOf(phone.pn)).toEqual([]);
  });

  it('bans an account until the ban is lifted, and leaves others alone', async () => {
    const other = await linkClient(network, new TestPhone(network, '15100000003', 'Other'));
    clients.push(other);
    network.faults.ban(phone.lid);
    expect((await client.closed()).code).toBe(403);
    expect((await connect().closed()).code).toBe(403);
    network.faults.lift(phone.lid);
    await connect().open();
    expect(network.traffic.count({ kind: 'closed', account: other.sock.authState.creds.me?.lid ?? '' })).toBe(0);
  });

  it('announces a temporary ban with its code and time', async () => {
    network.faults.tempBan(phone.lid, { code: 101, expireSeconds: 3600 });
    expect(await client.closed()).toMatchObject({ code: 402, data: { code: '101', expire: '3600' } });
    expect((await connect().closed()).code).toBe(402);
  });

  it('fails for all with 503, and ends streams with 500 and without a reason', async () => {
    network.faults.outage();
    expect((await client.closed()).code).toBe(503);
    expect((await connect().closed()).code).toBe(503);
    network.faults.lift();
    const second = connect();
    await second.open();
    network.faults.streamError();
    expect((await second.closed()).code).toBe(500);
    const third = connect();
    await third.open();
    network.faults.endStream();
    expect((await third.closed()).code).toBe(428);
  });

  it('turns the upgrade away with an HTTP status', async () => {
    await client.end();
    network.faults.refuseUpgrade(503);
    const refused = connect();
    const status = await new Promise((resolve) => {
      refused.sock.ws.once('unexpected-response', (_request: unknown, response: { statusCode: number }) =>
        resolve(response.statusCode),
      );
    });
    expect(status).toBe(503);
    network.faults.refuseUpgrade(undefined);
    await connect().open();
  });

  it.each(['upgrade', 'handshake'] as const)('leaves a client waiting for the %s', async (at) => {
    await client.end();
    network.faults.stall(at);
    expect((await connect({ connectTimeoutMs: 100 }).closed()).code).toBe(408);
    network.faults.stall(undefined);
    await connect().open();
  });

  it('refuses a message with an error in its ack, and does not deliver it', async () => {
    await client.sock.sendMessage(guest.lid, { text: 'first' }, { messageId: 'OUT1' });
    await guest.text('first');
    network.faults.onNextMessage(phone.lid, { error: 463 });
    const ack = client.ackOf('OUT2');
    await client.sock.sendMessage(guest.lid, { text: 'second' }, { messageId: 'OUT2' });
    expect((await ack).attrs).toMatchObject({ class: 'message', error: '463' });
    await client.sock.sendMessage(guest.lid, { text: 'third' }, { messageId: 'OUT3' });
    await guest.text('third');
    expect(guest.received.map((entry) => entry.id)).toEqual(['OUT1', 'OUT3']);
  });

  it('locks an account out of new chats, tells it so, and lets existing ones go on', async () => {
    const stranger = new TestDevice(network, '15100000009', 'Stranger');
    await guest.say(phone.lid, 'IN1', 'hello');
    await client.message('IN1');
    const locks: (boolean | undefined)[] = [];
    client.sock.ev.on('connection.update', ({ reachoutTimeLock }) => {
      if (reachoutTimeLock !== undefined) locks.push(reachoutTimeLock.isActive);
    });
    network.faults.timelock(phone.pn, 3600);
    await client.until(() => locks.includes(true));
    const refused = client.ackOf('OUT1');
    await client.sock.sendMessage(stranger.lid, { text: 'hello stranger' }, { messageId: 'OUT1' });
    expect((await refused).attrs).toMatchObject({ error: '463' });
    await client.sock.sendMessage(guest.pn, { text: 'hello guest' }, { messageId: 'OUT2' });
    await guest.text('hello guest');
    expect(await client.sock.fetchAccountReachoutTimelock()).toMatchObject({ isActive: true });
    network.faults.timelock(phone.pn, 0);
    await client.until(() => locks.at(-1) === false);
    await client.sock.sendMessage(stranger.lid, { text: 'hello again' }, { messageId: 'OUT3' });
    await stranger.text('hello again');
    expect(stranger.received.map((entry) => entry.id)).toEqual(['OUT3']);
    expect(network.violations.all()).toEqual([]);
  });

  it('drops an ack: the message arrives and the same id again is counted as a duplicate', async () => {
    network.faults.onNextMessage(phone.lid, { drop: true });
    await client.sock.sendMessage(guest.lid, { text: 'hello' }, { messageId: 'OUT1' });
    await guest.text('hello');
    const ack = client.ackOf('OUT1');
    await client.sock.sendMessage(guest.lid, { text: 'hello' }, { messageId: 'OUT1' });
    await ack;
    expect(network.ledger.arrivalsOf('OUT1')).toBe(2);
    expect(network.ledger.duplicates).toBe(1);
  });

  it('swallows a duplicate itself when asked to', async () => {
    network.ledger.mode = 'server';
    await client.sock.sendMessage(guest.lid, { text: 'hello' }, { messageId: 'OUT1' });
    const ack = client.ackOf('OUT1');
    await client.sock.sendMessage(guest.lid, { text: 'hello' }, { messageId: 'OUT1' });
    await ack;
    await client.sock.sendMessage(guest.lid, { text: 'bye' }, { messageId: 'OUT2' });
    await guest.text('bye');
    expect(guest.received.map((entry) => entry.id)).toEqual(['OUT1', 'OUT2']);
  });

  it('keeps what a silent line could not carry and sends it when the line speaks again', async () => {
    network.faults.silence(phone.lid, 'to_client');
    await guest.say(phone.lid, 'IN1', 'anyone there?');
    expect(network.duties.unanswered(network.companionsOf(phone.pn)[0] ?? '')).toEqual([]);
    network.faults.speak(phone.lid);
    expect((await client.message('IN1')).message?.conversation).toBe('anyone there?');
    expect(network.violations.all()).toEqual([]);
  });

  it('loses what a client says on a line that is deaf', async () => {
    network.faults.silence(phone.lid, 'from_client');
    await client.sock.sendPresenceUpdate('composing', guest.lid);
    network.faults.speak(phone.lid);
    await client.sock.sendPresenceUpdate('paused', guest.lid);
    await network.traffic.seen({ kind: 'chatstate' });
    await guest.until(() => guest.stanzas.find((stanza) => stanza.tag === 'chatstate'));
    expect(network.traffic.count({ kind: 'chatstate' })).toBe(1);
  });

  it.each(['altered_leaf', 'altered_intermediate', 'other_root', 'replayed'] as const)(
    'shows an impostor’s certificate chain (%s), which stock Baileys does not notice',
    async (variant) => {
      await client.end();
      network.faults.showCertificates(variant);
      await connect().open();
    },
  );

  it('turns a login away whose Noise key is not the linked one', async () => {
    await client.end();
    Object.assign(auth.creds, { noiseKey: makeAuth().creds.noiseKey });
    expect((await connect().closed()).code).toBe(401);
  });
});
