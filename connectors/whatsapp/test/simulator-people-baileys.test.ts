import type { WAMessage } from '@whiskeysockets/baileys';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WhatsAppNetwork } from '../simulator/network.ts';
import type { Phone } from '../simulator/people/phone.ts';
import { HotelScene } from './simulator-people-support.ts';
import { makeAuth, TestClient } from './simulator-wire-support.ts';

const LAMP = new Uint8Array(Buffer.from('the bytes of a picture of a lamp'.repeat(200)));

let scene: HotelScene;
let network: WhatsAppNetwork;
let phone: Phone;
let client: TestClient;

beforeEach(async () => {
  scene = await HotelScene.open();
  ({ network, phone, client } = scene);
});

afterEach(() => scene.close());

describe('people of the simulated network, with unmodified Baileys as the hotel', () => {
  it('hand a new companion the key for shared settings', async () => {
    await client.until(() =>
      client.messages.find(({ message }) => message.message?.protocolMessage?.appStateSyncKeyShare),
    );
    await client.until(() => scene.auth.creds.myAppStateKeyId);
    expect(phone.companions()).toEqual(['10000000001:1@lid']);
    expect(network.violations.all()).toEqual([]);
  });

  it.each(['lid', 'pn'] as const)(
    'text with the hotel both ways, addressed by %s, up to the read mark',
    async (addressing) => {
      const guest = scene.makeGuest({ addressing });
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
      await client.until(() => scene.statusOf(answer?.key.id ?? '') === 4);
      expect(await phone.inbox.waitForText('Willkommen')).toMatchObject({ fromMe: true, chat: guest.lid });
      expect(network.violations.all()).toEqual([]);
    },
  );

  it('keep a hidden number to themselves', async () => {
    const guest = scene.makeGuest({ hidesNumber: true, addressing: 'pn' });
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
    const guest = scene.makeGuest();
    const file = { bytes: LAMP, mimeType: 'application/octet-stream' };
    const ids = [
      await guest.showImage({ ...file, mimeType: 'image/jpeg', caption: 'kaputt' }),
      await guest.showVideo({ ...file, mimeType: 'video/mp4' }),
      await guest.recordVoice({ ...file, mimeType: 'audio/ogg; codecs=opus' }),
      await guest.sendFile({ ...file, mimeType: 'application/pdf', fileName: 'rechnung.pdf' }),
      await guest.sendSticker({ ...file, mimeType: 'image/webp' }),
    ];
    for (const id of ids) expect(new Uint8Array(await scene.download(await client.message(id)))).toEqual(LAMP);
    const [image, , voice, document] = await Promise.all(ids.map((id) => client.message(id)));
    expect(image?.message?.imageMessage?.caption).toBe('kaputt');
    expect(voice?.message?.audioMessage?.ptt).toBe(true);
    expect(document?.message?.documentMessage?.fileName).toBe('rechnung.pdf');
    expect(network.violations.all()).toEqual([]);
  });

  it('see every kind of file that the hotel sends', async () => {
    const guest = scene.makeGuest();
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
    const guest = scene.makeGuest();
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
    const [mother, son] = [scene.makeGuest(), scene.makeGuest()];
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

  it('tell a new companion what was said before it was linked', async () => {
    const guest = scene.makeGuest();
    await client.message(await guest.say('von früher'));
    await phone.sayFromPhone(guest.pn, 'auch von früher');
    const secondAuth = makeAuth();
    const first = new TestClient(network, secondAuth);
    await phone.scan(await first.qr());
    await first.closed();
    const second = new TestClient(network, secondAuth, { shouldSyncHistoryMessage: () => true });
    const history: WAMessage[] = [];
    second.sock.ev.on('messaging-history.set', ({ messages }) => history.push(...messages));
    await second.until(() => history.length === 2);
    expect(
      history.map((message) => [message.key.remoteJid, message.key.fromMe, message.message?.conversation]),
    ).toEqual([
      [guest.lid, true, 'auch von früher'],
      [guest.lid, false, 'von früher'],
    ]);
    await second.end();
    expect(network.violations.all()).toEqual([]);
  });

  it('write and read on the phone itself; the companion is told, the guest sees it', async () => {
    const guest = scene.makeGuest();
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
    const guest = scene.makeGuest();
    await client.message(await guest.say('bin gleich weg'));
    guest.goOffline();
    const sent = await client.sock.sendMessage(guest.lid, { text: 'gute Reise' });
    expect(guest.inbox.texts()).toEqual([]);
    guest.goOnline();
    await guest.inbox.waitForText('gute Reise');
    await client.until(() => scene.statusOf(sent?.key.id ?? '') === 3);
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
    const guest = scene.makeGuest();
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
