import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Message } from '../../src/engine/model/message.ts';
import { TelegramHouse } from '../support/telegram-house.ts';

const KATRIN = 'id:7000000002';
const AMIRA_NUMBER = '+447700900456';
const basis = { reservation: 'R-1', consent: 'asked at booking' };

/** Whole files by their first bytes, so that types read from the content are right; the rest is arbitrary. */
const JPEG = fileOf([0xff, 0xd8, 0xff, 0xe0], 70_001);
const PDF = fileOf([...Buffer.from('%PDF-1.7\n')], 600_003); // more than one part of 512 KiB
const MP4 = fileOf([0, 0, 0, 0x18, ...Buffer.from('ftypisom')], 30_001);
const OGG = fileOf([...Buffer.from('OggS'), ...Array.from({ length: 24 }, () => 0), ...Buffer.from('OpusHead')], 9_001);

/** What can be said in a chat of Telegram, through the built product, as the API and the guest's phone show it. */
describe('a Telegram chat, both ways', { timeout: 60_000 }, () => {
  const house = new TelegramHouse();

  beforeAll(async () => {
    await house.start();
    await house.link('front-desk');
  }, 60_000);

  afterAll(async () => {
    const violations = await house.violations();
    await house.end();
    expect(violations).toEqual([]);
  });

  const fromGuest = (id: string): Promise<Message> =>
    house.told('message.received', (message) => message.channelMessageId === id);

  const say = async (text: string): Promise<Message> => fromGuest(await house.guest('katrin', 'say', { text }));

  it('carries words with their formatting, and quotes of either side', async () => {
    const entities = [
      { type: 'bold', offset: 3, length: 4 },
      { type: 'link', offset: 8, length: 4, url: 'https://hotel.example/spa' },
    ];
    const asked = await fromGuest(await house.guest('katrin', 'say', { text: '🏨 Spa? hier', entities }));
    expect(asked).toMatchObject({ type: 'text', body: '🏨 Spa? hier', entities, from: KATRIN });
    const answered = await house.send({
      to: KATRIN,
      body: '🧖 Ja, ab 9',
      entities: [{ type: 'italic', offset: 3, length: 2 }],
      replyTo: asked.id,
    });
    const shown = await house.shown('katrin', ({ content }) => content?.text === '🧖 Ja, ab 9');
    expect(shown).toMatchObject({
      id: Number(answered.channelMessageId),
      replyTo: Number(asked.channelMessageId),
      entities: [{ _: 'messageEntityItalic', offset: 3, length: 2 }],
    });
    const id = await house.guest('katrin', 'reply', { id: Number(answered.channelMessageId), text: 'Danke!' });
    expect(await fromGuest(id)).toMatchObject({ body: 'Danke!', replyTo: answered.id });
  });

  it('shows the guest what the hotel edits, reacts to and deletes', async () => {
    const word = await say('Frühstück?');
    const first = await house.send({ to: KATRIN, body: 'ab 6' });
    const second = await house.send({ to: KATRIN, body: 'falscher Chat' });
    const edited = await house.api.call<Message>('PATCH', `/v1/messages/${first.id}`, { body: 'ab 7' });
    expect(edited).toMatchObject({ status: 200, body: { body: 'ab 7', editedAt: expect.any(String) } });
    await house.shown('katrin', ({ type, text, id }) => type === 'edited' && text === 'ab 7' && idOf(first) === id);
    await house.api.post(`/v1/messages/${word.id}/reactions`, { emoji: '👍' });
    await house.shown('katrin', ({ type, emoji, id }) => type === 'reaction' && emoji === '👍' && id === idOf(word));
    const deleted = await house.api.call<Message>('DELETE', `/v1/messages/${second.id}`);
    expect(deleted.body.deletedAt).toEqual(expect.any(String));
    await house.shown('katrin', ({ type, id }) => type === 'deleted' && id === idOf(second));
  });

  it('tells the hotel what the guest edits, reacts to and deletes', async () => {
    const own = await house.send({ to: KATRIN, body: 'Bis morgen' });
    await house.guest('katrin', 'react', { id: idOf(own), emoji: '❤' });
    const reacted = await house.told('message.reaction', ({ id, reactions }) => id === own.id && reactions.length > 0);
    expect(reacted.reactions).toMatchObject([{ emoji: '❤', by: KATRIN }]);
    const word = await say('Zimmer 12');
    await house.guest('katrin', 'edit', { id: idOf(word), text: 'Zimmer 21' });
    await house.told('message.edited', ({ id, body }) => id === word.id && body === 'Zimmer 21');
    await house.guest('katrin', 'delete', { id: idOf(word) });
    await house.told('message.deleted', ({ id }) => id === word.id);
  });

  it.each([
    ['photo', 'image', JPEG, 'image/jpeg'],
    ['video', 'video', MP4, 'video/mp4'],
    ['video-note', 'video_note', MP4, 'video/mp4'],
    ['voice', 'voice', OGG, 'audio/ogg'],
    ['file', 'file', PDF, 'application/pdf'],
  ])('keeps a %s of a guest byte for byte', async (verb, kind, bytes, mimeType) => {
    const base64 = Buffer.from(bytes).toString('base64');
    const message = await fromGuest(
      await house.guest('katrin', verb, { bytes: base64, mimeType, caption: 'sehen Sie' }),
    );
    expect(message).toMatchObject({
      type: kind,
      body: 'sehen Sie',
      attachments: [{ kind, status: 'stored', mimeType }],
    });
    expect(sha256(await house.download(message.attachments[0]?.mediaId))).toBe(sha256(bytes));
  });

  it.each([
    ['photo', JPEG, 'anreise.jpg', {}],
    ['video', MP4, 'haus.mp4', {}],
    ['video_note', MP4, 'gruss.mp4', { videoNote: true }],
    ['voice', OGG, 'gruss.ogg', { voice: true }],
    ['file', PDF, 'rechnung.pdf', {}],
  ])('brings a %s of the hotel byte for byte', async (kind, bytes, filename, extra) => {
    const mediaId = await house.upload(bytes, filename);
    const sent = await house.send({ to: KATRIN, attachments: [{ mediaId, filename, ...extra }] });
    const shown = await house.shown('katrin', ({ type, id }) => type === 'message' && id === idOf(sent));
    expect(shown.content).toMatchObject({ type: 'file', kind, bytes: sha256(bytes) });
  });

  it('brings an album as one, and keeps together what a guest sent as one', async () => {
    const attachments = [await house.upload(JPEG, 'a.jpg'), await house.upload(MP4, 'b.mp4')].map((mediaId) => ({
      mediaId,
    }));
    await house.send({ to: KATRIN, body: 'Ihr Zimmer', attachments });
    await house.until(async () => {
      const parts = (await house.seen('katrin')).filter(({ albumId }) => albumId !== undefined);
      const hashes = parts.map(({ content }) => content?.bytes);
      return parts.length === 2 && hashes.includes(sha256(JPEG)) && hashes.includes(sha256(MP4)) ? parts : undefined;
    });
    const page = { kind: 'photo', bytes: Buffer.from(JPEG).toString('base64'), mimeType: 'image/jpeg' };
    const { ids } = await house.control<{ ids: number[] }>('POST', '/guests/katrin/album', {
      files: [{ ...page, caption: 'zwei Ansichten' }, page],
    });
    const [one, two] = await Promise.all(ids.map((id) => fromGuest(String(id))));
    expect(one?.albumId).toEqual(expect.any(String));
    expect(two?.albumId).toBe(one?.albumId);
    expect([one?.body, two?.body]).toEqual(['zwei Ansichten', null]);
  });

  it('carries places and contact cards', async () => {
    const place = { latitude: 47.65, longitude: 9.48, name: 'Anleger' };
    expect(await fromGuest(await house.guest('katrin', 'location', place))).toMatchObject({ location: place });
    const card = { name: 'Taxi Berger', phones: ['+493023125999'] };
    expect(await fromGuest(await house.guest('katrin', 'contact', card))).toMatchObject({ contacts: [card] });
    const there = await house.send({ to: KATRIN, location: place });
    const seen = await house.shown('katrin', ({ type, id }) => type === 'message' && id === idOf(there));
    expect(seen.content).toMatchObject({ type: 'place', title: 'Anleger' });
    const whom = await house.send({ to: KATRIN, contacts: [card] });
    const shown = await house.shown('katrin', ({ type, id }) => type === 'message' && id === idOf(whom));
    expect(shown.content).toMatchObject({ type: 'contact', name: 'Taxi Berger' });
  });

  it('says that a message was passed on', async () => {
    const word = await say('Wegbeschreibung');
    const id = await house.guest('katrin', 'forward', { id: idOf(word) });
    expect(await fromGuest(id)).toMatchObject({ body: 'Wegbeschreibung', forwarded: true });
  });

  it.each([
    ['basic group', false, /^group:\d+$/],
    ['supergroup', true, /^group:c\d+$/],
  ])('answers in a %s, asks there, and hears each vote', async (_name, large, address) => {
    const title = large ? 'Großes Fest' : 'Familie Berger';
    const to = await house.guest('katrin', 'group', { title, members: ['amira'], large });
    await house.guest('amira', 'say', { to, text: `Wann geht es los? ${title}` });
    const asked = await house.event('message.received', ({ data }) => data.message?.body?.includes(title) === true);
    expect(asked.data.conversation).toMatchObject({ kind: 'group', address: expect.stringMatching(address) });
    const conversationId = asked.data.conversation?.id;
    await house.send({ channel: undefined, conversationId, body: `Um elf, ${title}` });
    for (const guest of ['katrin', 'amira'])
      await house.shown(guest, ({ content }) => content?.text === `Um elf, ${title}`);
    const poll = { question: 'Fisch oder Fleisch?', options: ['Fisch', 'Fleisch'] };
    const ballot = await house.send({ channel: undefined, conversationId, poll });
    await house.guest('amira', 'vote', { to, id: idOf(ballot), options: [1] });
    const told = await house.told('message.poll_vote', ({ id }) => id === ballot.id);
    expect(told.poll?.votes).toMatchObject([{ options: [1] }]);
  });

  it('shows typing both ways, and reading both ways', async () => {
    const word = await say('Sind Sie da?');
    const { conversationId } = word;
    const live = house.api.waitForLive(({ type }) => type === 'presence.typing');
    await house.until(async () => {
      await house.guest('katrin', 'type', { on: true }); // until the stream is open
      return (await Promise.race([live, house.tick()])) ?? undefined;
    });
    await house.api.post(`/v1/conversations/${conversationId}/typing`, { on: true });
    await house.shown('katrin', ({ type, on }) => type === 'typing' && on === true);
    await house.api.post(`/v1/conversations/${conversationId}/read`);
    await house.shown('katrin', ({ type, id }) => type === 'read' && id === idOf(word));
    const answer = await house.send({ to: KATRIN, body: 'Ja' });
    await house.guest('katrin', 'read');
    await house.told('message.read', ({ id }) => id === answer.id);
  });

  it('tells what staff write and read on the phone itself', async () => {
    await house.control('POST', '/phone/say', { to: 'katrin', text: 'vom Handy' });
    const own = await house.told('message.sent', ({ body }) => body === 'vom Handy');
    expect(own).toMatchObject({ direction: 'outbound', to: KATRIN, status: 'sent' });
    const word = await say('Noch eine Frage');
    await house.control('POST', '/phone/read', { chat: 'katrin' });
    await house.event('conversation.read', ({ conversationId }) => conversationId === word.conversationId);
  });

  it('finds people by name and number, as one person with their id', async () => {
    await house.send({ to: AMIRA_NUMBER, body: 'an die Nummer', basis });
    await house.send({ to: '@Amira_H', body: 'an den Namen', basis });
    const heard = await fromGuest(await house.guest('amira', 'say', { text: 'Who is this?' }));
    const { body } = await house.api.get<{ identities: { address: string }[] }>(`/v1/guests/${heard.guestId}`);
    expect(body.identities.map(({ address }) => address)).toEqual(
      expect.arrayContaining([AMIRA_NUMBER, 'id:7000000003', '@amira_h']),
    );
    const { conversationId } = await house.send({ to: 'id:7000000003', body: 'an die id' });
    expect(conversationId).toBe(heard.conversationId);
    expect(await house.textsSeen('amira')).toEqual(
      expect.arrayContaining(['an die Nummer', 'an den Namen', 'an die id']),
    );
  });

  it('says of a name that nobody has that the recipient is unknown, once it has asked', async () => {
    const { id, status } = await house.post({ to: '@nobody_at_all', body: 'hallo', basis });
    expect(status).toBe('queued');
    const failed = await house.told('message.failed', (message) => message.id === id);
    expect(failed.error).toMatchObject({
      code: 'recipient_unknown',
      certainty: 'not_sent',
      nativeCode: 'USERNAME_NOT_OCCUPIED',
      detail: expect.stringContaining('Nobody has this @name'),
    });
  });
});

function fileOf(head: readonly number[], length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => head[index] ?? (index * 7) % 251);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function idOf(message: Message): number {
  return Number(message.channelMessageId);
}
