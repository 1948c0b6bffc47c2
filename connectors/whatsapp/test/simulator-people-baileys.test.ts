import { Agent } from 'node:https';
import {
  type AuthenticationState,
  type BinaryNode,
  downloadMediaMessage,
  type WAMessage,
} from '@whiskeysockets/baileys';
import { Agent as FetchAgent } from 'undici';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { WhatsAppNetwork } from '../simulator/network.ts';
import { Guest, type GuestOptions } from '../simulator/people/guest.ts';
import { MediaServer } from '../simulator/people/media-server.ts';
import { Phone } from '../simulator/people/phone.ts';
import { makeAuth, muteLibsignal, startNetwork, TestClient } from './simulator-wire-support.ts';

const LAMP = new Uint8Array(Buffer.from('the bytes of a picture of a lamp'.repeat(200)));

let network: WhatsAppNetwork;
let media: MediaServer;
let phone: Phone;
let auth: AuthenticationState;
let client: TestClient;
let uploads: Agent;
let downloads: FetchAgent;
let serial = 1;

function makeGuest(options: Partial<GuestOptions> = {}): Guest {
  serial += 1;
  const guest = new Guest({
    network,
    shelf: media.shelf,
    name: `Guest ${serial}`,
    pn: `4915110000${serial}@s.whatsapp.net`,
    lid: `1000000000${serial}@lid`,
    hotel: phone.pn,
    ...options,
  });
  guest.start();
  return guest;
}

function openClient(): TestClient {
  return new TestClient(network, auth, {
    fetchAgent: uploads,
    options: downloadOptions(),
    shouldSyncHistoryMessage: () => true,
  });
}

/** Baileys hands these to fetch, whose types do not know undici's dispatcher. */
function downloadOptions(): RequestInit {
  const options: object = { dispatcher: downloads };
  return options;
}

function download(message: WAMessage): Promise<Buffer> {
  return downloadMediaMessage(message, 'buffer', { options: downloadOptions() });
}

function alterLastByte(node: BinaryNode): Uint8Array {
  const bytes = Uint8Array.from(node.content as Uint8Array);
  const last = bytes.length - 1;
  return bytes.with(last, (bytes[last] ?? 0) ^ 1);
}

function statusOf(id: string): number {
  const fromUpdates = client.updates.filter((update) => update.id === id).map((update) => update.status ?? 0);
  const merged = client.messages
    .filter(({ message }) => message.key.id === id)
    .map(({ message }) => message.status ?? 0);
  return Math.max(0, ...fromUpdates, ...merged);
}

beforeEach(async () => {
  muteLibsignal();
  network = await startNetwork();
  media = new MediaServer({ clock: systemClock, violations: network.violations });
  await media.start();
  network.setMediaHost({ hostname: media.hostname, auth: media.auth });
  uploads = new Agent({ ca: media.caPem });
  downloads = new FetchAgent({ connect: { ca: media.caPem } });
  phone = new Phone({
    network,
    shelf: media.shelf,
    name: 'Hotel Seeblick',
    pn: '4930123456@s.whatsapp.net',
    lid: '10000000001@lid',
  });
  phone.start();
  auth = makeAuth();
  const first = openClient();
  await phone.scan(await first.qr());
  await first.closed();
  client = openClient();
  await client.open();
});

afterEach(async () => {
  await client.end();
  await network.stop();
  await media.stop();
  uploads.destroy();
  await downloads.close();
});

describe('people of the simulated network, with unmodified Baileys as the hotel', () => {
  it('hand a new companion the key for shared settings and their name', async () => {
    await client.until(() =>
      client.messages.find(({ message }) => message.message?.protocolMessage?.appStateSyncKeyShare),
    );
    await client.until(() => auth.creds.myAppStateKeyId);
    expect(phone.companions()).toEqual(['10000000001:1@lid']);
    expect(network.violations.all()).toEqual([]);
  });

  it.each(['lid', 'pn'] as const)(
    'text with the hotel both ways, addressed by %s, up to the read mark',
    async (addressing) => {
      const guest = makeGuest({ addressing });
      const greeting = await guest.say('Guten Tag');
      const { key, message } = await client.message(greeting);
      expect(message?.conversation).toBe('Guten Tag');
      expect(key.addressingMode).toBe(addressing);
      expect(new Set([key.remoteJid, key.remoteJidAlt])).toEqual(new Set([guest.lid, guest.pn]));
      await client.sock.readMessages([key]);
      await guest.inbox.waitForMark(greeting, 'read');
      await client.sock.sendPresenceUpdate('available');
      await client.sock.sendPresenceUpdate('composing', key.remoteJid ?? '');
      const answer = await client.sock.sendMessage(key.remoteJid ?? '', { text: 'Willkommen' });
      const shown = await guest.inbox.waitForText('Willkommen');
      expect(shown).toMatchObject({ id: answer?.key.id, author: phone.lid, fromMe: false });
      expect(guest.inbox.items.some((item) => item.type === 'chat_state' && item.state === 'composing')).toBe(true);
      await guest.read();
      await client.until(() => statusOf(answer?.key.id ?? '') === 4);
      expect(await phone.inbox.waitForText('Willkommen')).toMatchObject({ fromMe: true, chat: guest.lid });
      expect(network.violations.all()).toEqual([]);
    },
  );

  it('keep a hidden number to themselves', async () => {
    const guest = makeGuest({ hidesNumber: true, addressing: 'pn' });
    const { key } = await client.message(await guest.say('Hello'));
    expect(key).toMatchObject({ remoteJid: guest.lid });
    expect(key.remoteJidAlt ?? undefined).toBeUndefined();
    await client.sock.sendMessage(guest.lid, { text: 'Hello to you' });
    await guest.inbox.waitForText('Hello to you');
    guest.handset.showNumber();
    const known = await client.message(await guest.say('Here is my number'));
    expect(new Set([known.key.remoteJid, known.key.remoteJidAlt])).toEqual(new Set([guest.lid, guest.pn]));
    expect(network.violations.all()).toEqual([]);
  });

  it('send every kind of file, readable to the hotel', async () => {
    const guest = makeGuest();
    const file = { bytes: LAMP, mimeType: 'application/octet-stream' };
    const ids = [
      await guest.showImage({ ...file, mimeType: 'image/jpeg', caption: 'kaputt' }),
      await guest.showVideo({ ...file, mimeType: 'video/mp4' }),
      await guest.recordVoice({ ...file, mimeType: 'audio/ogg; codecs=opus' }),
      await guest.sendFile({ ...file, mimeType: 'application/pdf', fileName: 'rechnung.pdf' }),
      await guest.sendSticker({ ...file, mimeType: 'image/webp' }),
    ];
    for (const id of ids) expect(new Uint8Array(await download(await client.message(id)))).toEqual(LAMP);
    const [image, , voice, document] = await Promise.all(ids.map((id) => client.message(id)));
    expect(image?.message?.imageMessage?.caption).toBe('kaputt');
    expect(voice?.message?.audioMessage?.ptt).toBe(true);
    expect(document?.message?.documentMessage?.fileName).toBe('rechnung.pdf');
    expect(network.violations.all()).toEqual([]);
  });

  it('see every kind of file that the hotel sends', async () => {
    const guest = makeGuest();
    await client.message(await guest.say('Bitte Unterlagen'));
    const bytes = Buffer.from(LAMP);
    const sent = [
      { image: bytes, caption: 'Lageplan', mimetype: 'image/png', jpegThumbnail: '' },
      { video: bytes, mimetype: 'video/mp4', jpegThumbnail: '' },
      { audio: bytes, ptt: true, mimetype: 'audio/ogg; codecs=opus', seconds: 2, waveform: new Uint8Array(64) },
      { document: bytes, fileName: 'plan.pdf', mimetype: 'application/pdf' },
      { sticker: bytes, mimetype: 'image/webp' },
    ];
    for (const content of sent) await client.sock.sendMessage(guest.lid, content);
    await guest.inbox.waitFor((item) => item.type === 'message' && item.content.kind === 'sticker');
    expect(guest.inbox.messages().map((item) => item.content)).toMatchObject([
      { kind: 'image', caption: 'Lageplan', mimeType: 'image/png', bytes: LAMP },
      { kind: 'video', bytes: LAMP },
      { kind: 'voice', bytes: LAMP },
      { kind: 'file', fileName: 'plan.pdf', bytes: LAMP },
      { kind: 'sticker', bytes: LAMP },
    ]);
    expect(network.violations.all()).toEqual([]);
  });

  it('quote, react, edit, delete, and send cards, polls and what nobody knows', async () => {
    const guest = makeGuest();
    const { key } = await client.message(await guest.say('Frühstück?'));
    const answer = await client.sock.sendMessage(
      guest.lid,
      { text: 'Ab sieben' },
      { quoted: await client.message(key.id ?? '') },
    );
    const shown = await guest.inbox.waitForText('Ab sieben');
    expect(shown.quotedId).toBe(key.id);
    const reply = await client.message(await guest.reply(shown.id, 'Danke'));
    expect(reply.message?.extendedTextMessage?.contextInfo?.stanzaId).toBe(answer?.key.id);
    const reaction = await client.message(await guest.react(shown.id, '👍'));
    expect(reaction.message?.reactionMessage).toMatchObject({ text: '👍', key: { id: shown.id } });
    const edit = await client.message(await guest.edit(key.id ?? '', 'Frühstück morgen?'));
    const edited = edit.message?.protocolMessage;
    expect([edited?.key?.id, edited?.editedMessage?.conversation]).toEqual([key.id, 'Frühstück morgen?']);
    const revoked = await client.message(await guest.delete(key.id ?? ''));
    expect(revoked.message?.protocolMessage?.key?.id).toBe(key.id);
    const location = { kind: 'location', latitude: 52.5, longitude: 13.4, name: 'Bahnhof' } as const;
    expect((await client.message(await guest.send(guest.hotel, location))).message?.locationMessage?.name).toBe(
      'Bahnhof',
    );
    const poll = { kind: 'poll', question: 'Sauna?', options: ['18', '19'] } as const;
    expect((await client.message(await guest.send(guest.hotel, poll))).message?.pollCreationMessageV3?.name).toBe(
      'Sauna?',
    );
    expect(
      (await client.message(await guest.send(guest.hotel, { kind: 'unknown' }))).message?.paymentInviteMessage,
    ).toBeTruthy();
    expect(network.violations.all()).toEqual([]);
  });

  it('talk with the hotel in a group', async () => {
    const [mother, son] = [makeGuest(), makeGuest()];
    const group = mother.createGroup('Familie Berger', [son.lid, phone.lid]);
    const asked = await client.message(await mother.say('Wann ist Check-in?', group));
    expect(asked.key).toMatchObject({ remoteJid: group, participant: mother.lid });
    await client.message(await son.say('Und der Pool?', group));
    await client.sock.sendMessage(group, { text: 'Um drei' });
    await Promise.all([mother.inbox.waitForText('Um drei'), son.inbox.waitForText('Um drei')]);
    await client.sock.sendMessage(group, { text: 'Pool bis acht' });
    const shown = await son.inbox.waitForText('Pool bis acht');
    expect(shown).toMatchObject({ chat: group, author: phone.lid });
    expect(await son.inbox.waitForText('Wann ist Check-in?')).toMatchObject({ author: mother.lid });
    expect(network.violations.all()).toEqual([]);
  });

  it('get a message again that they could not read, and show it once', async () => {
    const guest = makeGuest();
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
    const guest = makeGuest();
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
    const guest = makeGuest();
    await client.message(await guest.say('eins'));
    await client.sock.sendMessage(guest.lid, { text: 'zwei' });
    await guest.inbox.waitForText('zwei');
    await client.message(await guest.say('drei'));
    await auth.keys.set({ session: { [`${guest.lid.split('@')[0]}_1.0`]: null } });
    const again = await client.message(await guest.say('vier'));
    expect(again.message?.conversation).toBe('vier');
    expect(again.retryCount).toBe(1);
  });

  it('write and read on the phone itself; the companion is told, the guest sees it', async () => {
    const guest = makeGuest();
    const asked = await guest.say('Ist jemand da?');
    await phone.inbox.waitForText('Ist jemand da?');
    await client.message(asked);
    const copy = await client.message(await phone.sayFromPhone(guest.pn, 'Ja, hier die Rezeption'));
    expect(copy.key).toMatchObject({ fromMe: true });
    expect([guest.lid, guest.pn]).toContain(copy.key.remoteJid);
    await guest.inbox.waitForText('Ja, hier die Rezeption');
    await phone.readOnPhone();
    await guest.inbox.waitForMark(asked, 'read');
    await client.until(() => client.updates.find((update) => update.id === asked && update.status === 4));
    expect(network.violations.all()).toEqual([]);
  });

  it('wait offline for what the hotel wrote meanwhile', async () => {
    const guest = makeGuest();
    await client.message(await guest.say('bin gleich weg'));
    guest.goOffline();
    const sent = await client.sock.sendMessage(guest.lid, { text: 'gute Reise' });
    expect(guest.inbox.texts()).toEqual([]);
    guest.goOnline();
    await guest.inbox.waitForText('gute Reise');
    await client.until(() => statusOf(sent?.key.id ?? '') === 3);
  });

  it('link a second companion by a code that is typed into the phone', async () => {
    const secondAuth = makeAuth();
    const second = new TestClient(network, secondAuth);
    await second.qr();
    const code = await second.sock.requestPairingCode('4930123456');
    await network.traffic.seen({ kind: 'iq', type: 'md' });
    await phone.enterCode(code);
    expect((await second.closed()).code).toBe(515);
    expect(phone.companions()).toEqual(['10000000001:1@lid', '10000000001:2@lid']);
    const linked = new TestClient(network, secondAuth);
    await linked.open();
    const guest = makeGuest();
    const id = await guest.say('Hallo an alle');
    await Promise.all([client.message(id), linked.message(id)]);
    await linked.end();
    expect(network.violations.all()).toEqual([]);
  });

  it('log the hotel out from the phone', async () => {
    phone.removeCompanion(phone.companions()[0] ?? '');
    expect((await client.closed()).code).toBe(401);
    expect(phone.companions()).toEqual([]);
  });
});
