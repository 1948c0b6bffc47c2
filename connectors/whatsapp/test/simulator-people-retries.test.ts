import { type BinaryNode, proto } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WhatsAppNetwork } from '../simulator/network.ts';
import type { Phone } from '../simulator/people/phone.ts';
import { HotelScene } from './simulator-people-support.ts';
import type { TestClient } from './simulator-wire-support.ts';

let scene: HotelScene;
let network: WhatsAppNetwork;
let phone: Phone;
let client: TestClient;

beforeEach(async () => {
  scene = await HotelScene.open();
  ({ network, phone, client } = scene);
});

afterEach(() => scene.close());

function alterLastByte(node: BinaryNode): Uint8Array {
  const bytes = Uint8Array.from(node.content as Uint8Array);
  const last = bytes.length - 1;
  return bytes.with(last, (bytes[last] ?? 0) ^ 1);
}

describe('people of the simulated network when something cannot be read', () => {
  it('get a message again that they could not read, and show it once', async () => {
    const guest = scene.makeGuest();
    await client.message(await guest.say('eins'));
    await client.sock.sendMessage(guest.lid, { text: 'zwei' });
    await guest.inbox.waitForText('zwei');
    guest.handset.loseSessions();
    const sent = await client.sock.sendMessage(guest.lid, { text: 'drei' });
    expect((await guest.inbox.waitForText('drei')).id).toBe(sent?.key.id);
    const group = guest.createGroup('Zimmer 12', [phone.lid]);
    await client.message(await guest.say('vier', group));
    await client.sock.sendMessage(group, { text: 'fünf' });
    await guest.inbox.waitForText('fünf');
    guest.handset.loseSessions();
    await client.sock.sendMessage(group, { text: 'sechs' });
    await guest.inbox.waitForText('sechs');
    expect(guest.inbox.texts()).toEqual(['zwei', 'drei', 'fünf', 'sechs']);
    expect(network.violations.all().map(({ kind, account }) => [kind, account])).toEqual([
      ['undecryptable', guest.lid],
      ['undecryptable', guest.lid],
    ]);
  });

  it.each([
    ['missing', 'malformed', (): BinaryNode[] => []],
    ['altered', 'bad_signature', (proof: BinaryNode): BinaryNode[] => [{ ...proof, content: alterLastByte(proof) }]],
  ])('notice when the proof that a companion belongs to the hotel is %s', async (_name, kind, change) => {
    const guest = scene.makeGuest();
    const receive = guest.handset.receive.bind(guest.handset);
    vi.spyOn(guest.handset, 'receive').mockImplementation((stanza) => {
      const children = Array.isArray(stanza.content) ? stanza.content : [];
      const content = children.flatMap((child) => (child.tag === 'device-identity' ? change(child) : [child]));
      return receive({ ...stanza, content });
    });
    await client.sock.sendMessage(guest.pn, { text: 'Willkommen' });
    await guest.inbox.waitForText('Willkommen');
    expect(network.violations.all()).toMatchObject([{ kind, account: '10000000001:1@lid' }]);
  });

  it('seal a message again that the hotel could not read', async () => {
    const guest = scene.makeGuest();
    await client.message(await guest.say('eins'));
    await client.sock.sendMessage(guest.lid, { text: 'zwei' });
    await guest.inbox.waitForText('zwei');
    await client.message(await guest.say('drei'));
    await scene.auth.keys.set({ session: { [`${guest.lid.split('@')[0]}_1.0`]: null } });
    const again = await client.message(await guest.say('vier'));
    expect(again.message?.conversation).toBe('vier');
    expect(again.retryCount).toBe(1);
  });

  it('seal a group message again for a hotel that lost the sender key', async () => {
    const guest = scene.makeGuest();
    const group = guest.createGroup('Zimmer 12', [phone.lid]);
    await client.message(await guest.say('eins', group));
    await scene.auth.keys.set({ 'sender-key': { [`${group}::${guest.lid.split('@')[0]}_1::0`]: null } });
    const again = await client.message(await guest.say('zwei', group));
    expect(again).toMatchObject({ retryCount: 1, message: { conversation: 'zwei' } });
    expect((await client.message(await guest.say('drei', group))).retryCount).toBeUndefined();
  });

  it('seal a copy of the phone again for a companion that could not read it', async () => {
    const guest = scene.makeGuest();
    await client.message(await guest.say('Hallo'));
    await scene.auth.keys.set({ session: { '10000000001_1.0': null } });
    await phone.sayFromPhone(guest.pn, 'erste');
    const again = await client.message(await phone.sayFromPhone(guest.pn, 'zweite'));
    expect(again).toMatchObject({ key: { fromMe: true, remoteJid: guest.lid }, message: { conversation: 'zweite' } });
  });

  it('give a companion the copy of a message that it asks its phone for', async () => {
    const guest = scene.makeGuest();
    const lost = await guest.say('verloren');
    await client.message(lost);
    const seen = client.messages.length;
    await client.sock.sendPeerDataOperationMessage({
      placeholderMessageResendRequest: [{ messageKey: { remoteJid: guest.lid, fromMe: false, id: lost } }],
      peerDataOperationRequestType: proto.Message.PeerDataOperationRequestType.PLACEHOLDER_MESSAGE_RESEND,
    });
    const copy = await client.until(() =>
      client.messages.slice(seen).find(({ message }) => message.key.id === lost && message.message?.conversation),
    );
    expect(copy.message.message?.conversation).toBe('verloren');
    expect(network.violations.all()).toEqual([]);
  });
});
