import { describe, expect, it } from 'vitest';
import type { AttachmentKind, OutboundAttachment, OutboundContent } from '../../../src/connector-api/index.ts';
import { partRandomId, planCalls } from '../map-outbound.ts';
import type { TlObject } from '../tl.ts';
import { ChatServer } from './chat-server.ts';
import { lost } from './scripted-client.ts';
import { ADA, Desk, messageOf, never, refOf } from './send-support.ts';

const TYPES: Readonly<Record<AttachmentKind, string>> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  video_note: 'video/mp4',
  voice: 'audio/ogg; codecs=opus',
  audio: 'audio/mpeg',
  file: 'application/pdf',
  sticker: 'image/webp',
};

function scene(): { desk: Desk; server: ChatServer; send: (content: OutboundContent) => Promise<readonly TlObject[]> } {
  const desk = new Desk();
  const server = new ChatServer(() => desk.clock.now());
  return {
    desk,
    server,
    send: async (content) => {
      const client = server.client();
      await desk.life(client).sender.send(messageOf(content), never);
      return client.calls.filter(({ _ }) => _.startsWith('messages.'));
    },
  };
}

const file = (kind: AttachmentKind, mimeType: string = TYPES[kind]): OutboundAttachment => ({
  kind,
  media: { ...refOf('a', new Uint8Array(3), mimeType) },
});
const album = (...kinds: AttachmentKind[]): OutboundContent => {
  const [first, ...rest] = kinds.map((kind) => file(kind));
  return { type: 'media', body: 'Look', attachments: [first ?? file('image'), ...rest] };
};

describe('a file', () => {
  it.each([
    ['image', 'inputMediaUploadedPhoto', undefined],
    ['video', 'inputMediaUploadedDocument', { _: 'documentAttributeVideo', supportsStreaming: true }],
    ['video_note', 'inputMediaUploadedDocument', { _: 'documentAttributeVideo', roundMessage: true }],
    ['voice', 'inputMediaUploadedDocument', { _: 'documentAttributeAudio', voice: true }],
    ['audio', 'inputMediaUploadedDocument', { _: 'documentAttributeAudio' }],
    ['file', 'inputMediaUploadedDocument', { _: 'documentAttributeFilename', fileName: 'file.pdf' }],
    ['sticker', 'inputMediaUploadedDocument', { _: 'documentAttributeSticker' }],
  ] as const)('of kind %s goes as %s', async (kind, constructor, attribute) => {
    const { desk, send } = scene();
    desk.files.set('a', new Uint8Array(3));
    const [call] = await send({ type: 'media', attachments: [file(kind)] });
    expect(call?._).toBe('messages.sendMedia');
    const media = call?.['media'] as TlObject;
    expect(media._).toBe(constructor);
    if (attribute !== undefined) expect(media['attributes']).toContainEqual(expect.objectContaining(attribute));
  });

  it('keeps its name, and a voice note the only type that phones play', async () => {
    const { desk, send } = scene();
    desk.files.set('a', new Uint8Array(3));
    const [bill] = await send({ type: 'media', attachments: [{ ...file('file'), filename: 'Rechnung 4.pdf' }] });
    const attributes = [{ _: 'documentAttributeFilename', fileName: 'Rechnung 4.pdf' }];
    expect(bill?.['media']).toMatchObject({ attributes });
    const other = scene();
    other.desk.files.set('a', new Uint8Array(3));
    const [voice] = await other.send({ type: 'media', attachments: [file('voice')] });
    expect(voice?.['media']).toMatchObject({ mimeType: 'audio/ogg' });
  });

  it.each(['image/heic', 'image/gif'])('of type %s is no photo, and goes whole', async (type) => {
    const { desk, send } = scene();
    desk.files.set('a', new Uint8Array(3));
    const [call] = await send({ type: 'media', attachments: [file('image', type)] });
    expect(call?.['media']).toMatchObject({ _: 'inputMediaUploadedDocument', mimeType: type });
  });

  it('carries its caption with formatting', async () => {
    const { desk, send } = scene();
    desk.files.set('a', new Uint8Array(3));
    const entities = [{ type: 'bold', offset: 0, length: 4 }] as const;
    const [call] = await send({ type: 'media', body: 'Look', entities, attachments: [file('image')] });
    expect(call).toMatchObject({ message: 'Look', entities: [{ _: 'messageEntityBold', offset: 0, length: 4 }] });
  });

  it('goes without its words where Telegram shows none, and they follow', async () => {
    const { desk, send, server } = scene();
    desk.files.set('a', new Uint8Array(3));
    const calls = await send({ type: 'media', body: 'Good night', attachments: [file('sticker')] });
    expect(calls.map(({ _ }) => _)).toEqual(['messages.sendMedia', 'messages.sendMessage']);
    expect(server.seen).toEqual(['', 'Good night']);
  });
});

describe('an album', () => {
  it('goes as one call of files that were stored first, each under a random id of its own', async () => {
    const { desk, send, server } = scene();
    desk.files.set('a', new Uint8Array(3));
    const calls = await send(album('image', 'video', 'image'));
    expect(calls.map(({ _ }) => _)).toEqual([...Array(3).fill('messages.uploadMedia'), 'messages.sendMultiMedia']);
    const items = calls.at(-1)?.['multiMedia'] as readonly TlObject[];
    expect(items.map((item) => (item['media'] as TlObject)._)).toEqual([
      'inputMediaPhoto',
      'inputMediaDocument',
      'inputMediaPhoto',
    ]);
    expect(items.map((item) => item['message'])).toEqual(['Look', '', '']);
    expect(server.kept.map(({ randomId }) => randomId)).toEqual([0, 1, 2].map((index) => partRandomId(4711n, index)));
  });

  it('is one message to the daemon: one id, and deleted together, also by a later process', async () => {
    const { desk, server } = scene();
    desk.files.set('a', new Uint8Array(3));
    const sent = await desk.life(server.client()).sender.send(messageOf(album('image', 'image')), never);
    expect(sent.networkId).toBe('101');
    const later = server
      .client()
      .on('messages.deleteMessages', () => ({ _: 'messages.affectedMessages', pts: 9, ptsCount: 2 }));
    await desk.life(later).changes.deleteForEveryone(ADA, '101');
    expect(later.called('messages.deleteMessages')).toMatchObject([{ revoke: true, id: [101, 102] }]);
  });

  it('is shown once when the first answer was lost', async () => {
    const { desk, server } = scene();
    desk.files.set('a', new Uint8Array(3));
    let isLost = false;
    server.beforeAnswer = () => {
      if (isLost) return;
      isLost = true;
      throw lost(true);
    };
    const attempt = (): Promise<unknown> =>
      desk.life(server.client()).sender.send(messageOf(album('image', 'image')), never);
    await expect(attempt()).rejects.toMatchObject({ certainty: 'maybe_sent' });
    await expect(attempt()).resolves.toMatchObject({ networkId: '101' });
    expect(server.kept).toHaveLength(2);
  });

  it('is cut where Telegram shows no album', () => {
    const calls = planCalls(album('image', 'video', 'file', 'file', 'audio', 'voice'));
    expect(calls.map((call) => call.map((part) => part.file?.kind))).toEqual([
      ['image', 'video'],
      ['file', 'file'],
      ['audio'],
      ['voice'],
    ]);
  });

  it('sends the rest, and nothing twice, when it broke between two calls', async () => {
    const { desk, server } = scene();
    desk.files.set('a', new Uint8Array(3));
    let calls = 0;
    server.beforeAct = () => {
      calls += 1;
      if (calls === 2) throw lost(false);
    };
    const attempt = (): Promise<unknown> =>
      desk.life(server.client()).sender.send(messageOf(album('sticker', 'file')), never);
    await expect(attempt()).rejects.toMatchObject({ certainty: 'not_sent' });
    await expect(attempt()).resolves.toMatchObject({ networkId: '101' });
    expect(server.kept).toHaveLength(2);
  });
});

describe('other content', () => {
  it('points to a place, with its name where it has one', async () => {
    const point = { latitude: 48.1, longitude: 11.5 };
    const [bare] = await scene().send({ type: 'location', location: point });
    expect(bare?.['media']).toEqual({
      _: 'inputMediaGeoPoint',
      geoPoint: { _: 'inputGeoPoint', lat: 48.1, long: 11.5 },
    });
    const [named] = await scene().send({ type: 'location', location: { ...point, name: 'Grand Hotel' } });
    expect(named?.['media']).toMatchObject({ _: 'inputMediaVenue', title: 'Grand Hotel' });
  });

  it('sends one contact a message, all numbers of one together', async () => {
    const calls = await scene().send({
      type: 'contacts',
      contacts: [
        { name: 'Spa; east', phones: ['+4915550001', '+4915550002'] },
        { name: 'Bar', phones: ['+4915550003'] },
      ],
    });
    expect(calls.map((call) => call['media'])).toMatchObject([
      { _: 'inputMediaContact', phoneNumber: '+4915550001', firstName: 'Spa; east' },
      { phoneNumber: '+4915550003', firstName: 'Bar', vcard: '' },
    ]);
    const vcard = expect.stringMatching(/FN:Spa\\; east\n[^]*\+4915550002/);
    expect(calls[0]?.['media']).toMatchObject({ vcard });
  });

  it('asks a poll whose answers can be told apart, and shows who voted', async () => {
    const poll = { question: 'Breakfast?', options: ['8', '9'], multiple: true };
    const [call] = await scene().send({ type: 'poll', poll });
    expect(call?.['media']).toMatchObject({
      _: 'inputMediaPoll',
      poll: {
        question: { text: 'Breakfast?' },
        multipleChoice: true,
        publicVoters: true,
        answers: [
          { text: { text: '8' }, option: Uint8Array.of(0) },
          { text: { text: '9' }, option: Uint8Array.of(1) },
        ],
      },
    });
  });
});
