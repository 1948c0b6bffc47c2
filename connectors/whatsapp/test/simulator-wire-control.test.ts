import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { ControlServer } from '../simulator/control/control-server.ts';
import { TownControl } from '../simulator/control/town-control.ts';
import type { WhatsAppNetwork } from '../simulator/network.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { Town } from '../simulator/people/town.ts';
import { makeAuth, muteLibsignal, startNetwork, TestClient } from './simulator-wire-support.ts';

interface Answer {
  id: string;
  error: string;
  companions: unknown;
  people: { guests: { key: string; seen: unknown[] }[] };
}

describe('the control interface of the simulator', () => {
  let network: WhatsAppNetwork;
  let town: Town;
  let control: ControlServer;
  const clients: TestClient[] = [];

  const call = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; body: Answer }>((resolve, reject) => {
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const type = sent === undefined ? {} : { 'content-type': 'application/json' };
      const asked = request(`${control.url}${path}`, { method, headers: { ...type, ...headers } }, (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer }));
      });
      asked.on('error', reject);
      asked.end(sent);
    });

  beforeEach(async () => {
    muteLibsignal();
    network = await startNetwork();
    town = new Town({ network, media: new MediaServer({ clock: systemClock }) });
    town.start();
    control = new ControlServer({ network, actions: new TownControl({ town }) });
    await control.start();
  });

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.end()));
    town.stop();
    await control.stop();
    await network.stop();
  });

  const link = async (): Promise<TestClient> => {
    const auth = makeAuth();
    const first = new TestClient(network, auth);
    clients.push(first);
    expect(await call('POST', '/phone/scan', { qr: await first.qr() })).toEqual({ status: 200, body: {} });
    await first.closed();
    const client = new TestClient(network, auth);
    clients.push(client);
    await client.open();
    return client;
  };

  it('links a client by the QR code it is given, and lets a guest write to it', async () => {
    const client = await link();
    const [key = ''] = town.guests.keys();
    const said = await call('POST', `/guests/${key}/say`, { text: 'Hello from outside' });
    expect(said.status).toBe(200);
    const message = await client.message(said.body.id);
    expect(message.message?.conversation ?? message.message?.extendedTextMessage?.text).toBe('Hello from outside');

    await client.sock.sendMessage(town.guest(key).lid, { text: 'Hello back' }, { messageId: 'OUT1' });
    await network.traffic.seen({ kind: 'delivered', type: 'receipt', id: 'OUT1' });
    const { body } = await call('GET', '/state');
    const shown = body.people.guests.find((guest) => guest.key === key);
    expect(shown?.seen).toContainEqual(expect.objectContaining({ id: 'OUT1' }));
    expect(body.companions).toMatchObject([{ online: true }]);
    expect((await call('GET', '/violations')).body).toEqual([]);
    expect((await call('GET', '/traffic')).body).toContainEqual(
      expect.objectContaining({ kind: 'message', id: 'OUT1' }),
    );
  });

  it('lets staff write on the phone itself, and guests meet in a group and send what no hotel system maps', async () => {
    const client = await link();
    const [key = '', other = ''] = town.guests.keys();
    const said = await call('POST', '/phone/say', { to: key, text: 'From the desk' });
    expect((await client.message(said.body.id)).key).toMatchObject({ fromMe: true, remoteJid: town.guest(key).lid });
    const { id: group } = (await call('POST', `/guests/${key}/group`, { subject: 'Familie', members: [other] })).body;
    const asked = await call('POST', `/guests/${other}/say`, { to: group, text: 'Wann?' });
    expect((await client.message(asked.body.id)).key).toMatchObject({
      remoteJid: group,
      participant: town.guest(other).lid,
    });
    const odd = await call('POST', `/guests/${key}/unknown`, {});
    expect((await client.message(odd.body.id)).message?.paymentInviteMessage).toBeTruthy();
    const place = await call('POST', `/guests/${key}/location`, { latitude: 47.5, longitude: 9.7 });
    expect((await client.message(place.body.id)).message?.locationMessage).toMatchObject({ degreesLatitude: 47.5 });
    expect((await call('POST', '/phone/read', {})).status).toBe(200);
    expect((await call('POST', '/phone/say', { to: 'nobody', text: 'x' })).status).toBe(404);
    expect((await call('POST', '/phone/dance', {})).status).toBe(404);
    expect((await call('GET', '/violations')).body).toEqual([]);
  });

  it('pulls levers', async () => {
    const client = await link();
    expect((await call('POST', '/faults/ban', { target: town.phone.pn })).status).toBe(200);
    expect((await client.closed()).code).toBe(403);
    expect((await call('POST', '/faults/clear')).status).toBe(415);
    expect((await call('POST', '/faults/clear', {})).status).toBe(200);
    expect((await call('POST', '/faults/accept-versions', { oldest: [2, 3000] })).status).toBe(422);
    expect((await call('POST', '/faults/earthquake', {})).status).toBe(404);
    expect((await call('POST', '/faults/ban', { who: 'all' })).status).toBe(422);
  });

  it('says what is wrong with a call', async () => {
    const [key = ''] = town.guests.keys();
    expect((await call('POST', '/guests/nobody/say', { text: 'x' })).body.error).toContain('no guest is called nobody');
    expect((await call('POST', `/guests/${key}/sing`, {})).body.error).toContain('guests cannot sing');
    expect((await call('POST', `/guests/${key}/toString`, {})).status).toBe(404);
    expect((await call('POST', `/guests/${key}/say`, { words: 'x' })).status).toBe(422);
    expect((await call('POST', '/phone/scan', { qr: 'nothing' })).body.error).toContain('nobody waits');
    expect((await call('GET', '/nothing')).status).toBe(404);
    expect((await call('GET', '/%E0%A4%A')).status).toBe(400);
  });

  it('answers neither other hosts nor web pages', async () => {
    expect((await call('GET', '/state', undefined, { host: 'hotel.example' })).status).toBe(421);
    expect((await call('GET', '/state', undefined, { origin: 'https://hotel.example' })).status).toBe(403);
  });
});
