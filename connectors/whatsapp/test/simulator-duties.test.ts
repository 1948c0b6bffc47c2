import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import { ControlServer } from '../simulator/control/control-server.ts';
import { TownControl } from '../simulator/control/town-control.ts';
import { WhatsAppNetwork } from '../simulator/network.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { Town } from '../simulator/people/town.ts';
import type { TestClient } from './simulator-wire-support.ts';
import { linkClient, makeAuth, muteLibsignal, TestDevice, TestPhone } from './simulator-wire-support.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

let clock: VirtualClock;
let network: WhatsAppNetwork;
let phone: TestPhone;
let guest: TestDevice;
let client: TestClient;
let me: string;

beforeEach(async () => {
  muteLibsignal();
  clock = new VirtualClock();
  network = new WhatsAppNetwork({ clock, random: seededRandom(5) });
  await network.start();
  phone = new TestPhone(network, '301001', 'Hotel');
  guest = new TestDevice(network, '1511001', 'Guest');
  client = await linkClient(network, phone, makeAuth());
  me = network.companionsOf(phone.lid)[0] ?? '';
});
afterEach(async () => {
  await client.end();
  await network.stop();
});

const owed = () => network.duties.owed(me);
const kinds = () => new Set(owed().map(({ kind }) => kind));

describe('the ledger of what a client owes', () => {
  it('has the server’s pings, which the library alone leaves unanswered, and remits them with the line', async () => {
    expect(kinds()).toEqual(new Set(['answer']));
    await clock.advance(20_000);
    expect(owed().map(({ ageMs }) => ageMs)).toEqual([20_000, 0]);
    await client.end();
    await network.traffic.seen({ kind: 'closed', account: me });
    expect(owed()).toEqual([]);
  });

  it('has a client that says nothing for too long', async () => {
    await clock.advance(45_000);
    expect(kinds()).not.toContain('keep_alive');
    await clock.advance(1_000);
    expect(owed()).toContainEqual({ kind: 'keep_alive', detail: 'nothing heard', ageMs: 46_000 });
    const ping = { tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' }, content: [] };
    await client.sock.query(ping);
    expect(kinds()).not.toContain('keep_alive');
  });

  it('has a signed pre-key that was not replaced in time', async () => {
    clock.jump(31 * DAY_MS);
    expect(kinds()).toContain('signed_pre_key');
    await client.sock.rotateSignedPreKey();
    expect(kinds()).not.toContain('signed_pre_key');
    expect(network.fetchBundle(me)?.signedPreKey.id).toBe(client.sock.authState.creds.signedPreKey.keyId);
  });

  it('has a message that is not acknowledged, and one whose sender is not told', async () => {
    client.sock.ws.removeAllListeners('CB:message');
    await guest.say(phone.lid, 'IN1', 'hello?');
    await network.traffic.seen({ kind: 'delivered', account: me, id: 'IN1' });
    expect(owed()).toContainEqual({ kind: 'acknowledgement', detail: 'message IN1 text', ageMs: 0 });
    const taken = network.traffic.next({ kind: 'ack', account: me });
    const to = guest.lid;
    await client.sock.sendNode({ tag: 'ack', attrs: { class: 'message', id: 'IN1', to } });
    await taken;
    expect(kinds()).toEqual(new Set(['answer', 'delivery_receipt']));
    const told = network.traffic.next({ kind: 'receipt', account: me });
    await client.sock.sendNode({ tag: 'receipt', attrs: { id: 'IN1', to } });
    await told;
    expect(kinds()).toEqual(new Set(['answer']));
  });

  it('sends nothing to a client that turns passive, until it turns active again', async () => {
    const turn = (tag: string) =>
      client.sock.query({
        tag: 'iq',
        attrs: { to: '@s.whatsapp.net', type: 'set', xmlns: 'passive' },
        content: [{ tag, attrs: {} }],
      });
    await turn('passive');
    await guest.say(phone.lid, 'IN2', 'later');
    await client.sock.query({ tag: 'iq', attrs: { to: '@s.whatsapp.net', type: 'get', xmlns: 'w:p' }, content: [] });
    expect(network.traffic.count({ kind: 'delivered', id: 'IN2' })).toBe(0);
    await turn('active');
    await client.message('IN2');
  });

  it('is told over the control interface, where a line can be made deaf and a phone be switched off', async () => {
    const town = new Town({ network, media: new MediaServer({ clock }) });
    town.start();
    const control = new ControlServer({ network, actions: new TownControl({ town }) });
    await control.start();
    const call = async (method: string, path: string, body?: object): Promise<unknown> => {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = { 'content-type': 'application/json' };
      return (await fetch(`${control.url}${path}`, { method, headers, ...sent })).json();
    };
    try {
      expect(await call('GET', '/owed')).toEqual({ [me]: [{ kind: 'answer', detail: expect.anything(), ageMs: 0 }] });
      await call('POST', '/faults/withhold', { target: me });
      expect(network.faults.withholdsFrom(me)).toBe(true);
      await call('POST', '/faults/speak', { target: me });
      expect(network.faults.withholdsFrom(me)).toBe(false);
      const katrin = town.guest('katrin');
      await call('POST', '/phone/offline', {});
      await katrin.say('Is the phone on?');
      expect(town.phone.inbox.messages()).toEqual([]);
      await call('POST', '/phone/online', {});
      await town.phone.inbox.waitForText('Is the phone on?');
    } finally {
      await control.stop();
      town.stop();
    }
  });
});
