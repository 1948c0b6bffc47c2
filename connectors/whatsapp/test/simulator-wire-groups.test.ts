import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WhatsAppNetwork } from '../simulator/network.ts';
import {
  linkClient,
  muteLibsignal,
  startNetwork,
  type TestClient,
  TestDevice,
  TestPhone,
} from './simulator-wire-support.ts';

describe('groups, presence and queries of the simulated network', () => {
  let network: WhatsAppNetwork;
  let phone: TestPhone;
  let anna: TestDevice;
  let ben: TestDevice;
  let client: TestClient;
  let me: string;

  beforeEach(async () => {
    muteLibsignal();
    network = await startNetwork();
    phone = new TestPhone(network, '15100000001', 'Hotel');
    anna = new TestDevice(network, '15100000002', 'Anna');
    ben = new TestDevice(network, '15100000003', 'Ben');
    client = await linkClient(network, phone);
    me = network.companionsOf(phone.lid)[0] ?? '';
  });

  afterEach(async () => {
    await client.end();
    await network.stop();
  });

  it('carries group messages both ways under sender keys', async () => {
    const group = network.createGroup('Family', anna, [ben.pn, phone.pn]);
    await anna.sayInGroup(group, 'IN1', 'when is breakfast?');
    const received = await client.message('IN1');
    expect(received.message?.conversation).toBe('when is breakfast?');
    expect(received.key).toMatchObject({ remoteJid: group, participant: anna.lid, participantAlt: anna.pn });
    expect((await ben.text('when is breakfast?')).id).toBe('IN1');

    await client.sock.sendMessage(group, { text: 'from seven' }, { messageId: 'OUT1' });
    await Promise.all([anna, ben, phone].map((device) => device.text('from seven')));
    await client.sock.sendMessage(group, { text: 'to eleven' }, { messageId: 'OUT2' });
    await Promise.all([anna, ben, phone].map((device) => device.text('to eleven')));
    await network.traffic.seen({ kind: 'receipt', account: me, id: 'IN1' });
    expect(network.violations.all()).toEqual([]);
  });

  it('tells a client of its groups, and of who comes and goes', async () => {
    const told: string[] = [];
    client.sock.ev.on('group-participants.update', ({ action, participants }) =>
      told.push(...participants.map((participant) => `${action} ${participant.id}`)),
    );
    const group = network.createGroup('Family', anna, [phone.pn]);
    network.addToGroup(group, anna, ben.pn);
    await client.until(() => told.includes(`add ${ben.lid}`));
    const metadata = await client.sock.groupMetadata(group);
    expect(metadata).toMatchObject({ id: group, subject: 'Family', addressingMode: 'lid', owner: anna.lid });
    expect(metadata.participants.map((participant) => participant.id)).toEqual([anna.lid, phone.lid, ben.lid]);
    network.removeFromGroup(group, anna, ben.pn);
    await client.until(() => told.includes(`remove ${ben.lid}`));
    expect(Object.keys(await client.sock.groupFetchAllParticipating())).toEqual([group]);
    expect(network.violations.all()).toEqual([]);
  });

  it('lets a client create a group, and refuses strangers', async () => {
    const { id } = await client.sock.groupCreate('Staff', [anna.pn, '4900000@s.whatsapp.net']);
    expect(network.groupMembers(id)).toEqual([phone.lid, anna.lid]);
    await client.sock.groupParticipantsUpdate(id, [ben.pn], 'add');
    expect(network.groupMembers(id)).toContain(ben.lid);
    const other = network.createGroup('Private', anna, [ben.pn]);
    await expect(client.sock.groupMetadata(other)).rejects.toThrow('forbidden');
  });

  it('shows typing both ways, and presence to those who asked', async () => {
    const seen: string[] = [];
    client.sock.ev.on('presence.update', ({ presences }) =>
      seen.push(...Object.entries(presences).map(([jid, { lastKnownPresence }]) => `${jid} ${lastKnownPresence}`)),
    );
    await client.sock.presenceSubscribe(anna.lid);
    await client.until(() => seen.includes(`${anna.lid} unavailable`));
    await network.submit(anna, { tag: 'presence', attrs: { type: 'available' } });
    await client.until(() => seen.includes(`${anna.lid} available`));
    const composing = { tag: 'composing', attrs: {} };
    await network.submit(anna, { tag: 'chatstate', attrs: { to: phone.lid }, content: [composing] });
    await client.until(() => seen.includes(`${anna.lid} composing`));

    await client.sock.sendPresenceUpdate('composing', anna.pn);
    const typing = await anna.until(() => anna.stanzas.find((stanza) => stanza.tag === 'chatstate'));
    expect(typing.attrs['from']).toBe(network.pnOf(phone.lid)?.replace('@', ':1@'));
    expect(network.violations.all()).toEqual([]);
  });

  it('finds who is on the network and says who is not', async () => {
    const found = await client.sock.onWhatsApp('+4915100000002', '+4915199999999');
    expect(found).toEqual([{ jid: anna.pn, exists: true }]); // Baileys leaves out who is not
  });

  it('tells a client that its one-time keys run low, and takes the new ones', async () => {
    const uploads = (): number => network.traffic.count({ kind: 'iq', account: me, type: 'encrypt' });
    while (network.oneTimeKeysOf(me) > 4) network.fetchBundle(me);
    const before = uploads();
    await network.traffic.seen({ kind: 'ack', account: me, type: 'encrypt' });
    expect(uploads()).toBeGreaterThan(before);
    expect(network.oneTimeKeysOf(me)).toBe(9);
    expect(network.violations.all()).toEqual([]);
  });

  it('stores settings patches and refuses those that build on an old version', async () => {
    const sync = (version: string) =>
      client.sock.query({
        tag: 'iq',
        attrs: { to: '@s.whatsapp.net', type: 'set', xmlns: 'w:sync:app:state' },
        content: [
          {
            tag: 'sync',
            attrs: {},
            content: [
              {
                tag: 'collection',
                attrs: { name: 'regular', version },
                content: [{ tag: 'patch', attrs: {}, content: Buffer.from('patch') }],
              },
            ],
          },
        ],
      });
    expect(JSON.stringify(await sync('0'))).not.toContain('conflict');
    expect(JSON.stringify(await sync('0'))).toContain('conflict');
    expect(JSON.stringify(await sync('1'))).not.toContain('conflict');
  });

  it('unlinks a client that logs itself out', async () => {
    await client.sock.logout();
    await network.traffic.seen({ kind: 'closed', account: me });
    expect(network.companionsOf(phone.lid)).toEqual([]);
  });
});
