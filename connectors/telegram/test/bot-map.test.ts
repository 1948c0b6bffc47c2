import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectorEvent, OutboundContent } from '../../../src/connector-api/index.ts';
import { readBotEntities, writeBotEntities } from '../bot/bot-entities.ts';
import { chatAddressOf, chatIdOf } from '../bot/bot-people.ts';
import { botMessage } from '../bot/bot-schemas.ts';
import { mapReaction, mapVote } from '../bot/map-bot-doings.ts';
import { mapBotEdit, mapBotMessage } from '../bot/map-bot-message.ts';
import { planBotCalls } from '../bot/map-bot-outbound.ts';
import { refOf } from './send-support.ts';

const chat = { id: 81, type: 'private', first_name: 'Anna', username: 'Anna_Guest' };
const from = { id: 81, is_bot: false, first_name: 'Anna', last_name: 'Berg', username: 'Anna_Guest' };
const frame = { message_id: 5, date: 1_700_000_000, chat, from };

function map(said: object): ReturnType<typeof mapBotMessage> {
  const raw = { ...frame, ...said };
  return mapBotMessage(botMessage.parse(raw), raw);
}

function messageOf(said: object) {
  const [event] = map(said).events;
  if (event?.type !== 'message') throw new Error('no message');
  return event.message;
}

describe('a message that a bot is told', () => {
  it('has its author, chat, time and words, and nothing raw where all has a place', () => {
    expect(messageOf({ text: 'Hello' })).toEqual({
      networkId: '5',
      chat: { kind: 'direct', addresses: ['id:81', '@anna_guest'] },
      sender: { addresses: ['id:81', '@anna_guest'], displayName: 'Anna Berg' },
      direction: 'inbound',
      sentAt: 1_700_000_000_000,
      content: { type: 'text', body: 'Hello' },
    });
  });

  it.each([
    [{ id: -77, type: 'group', title: 'Family' }, 'group:77'],
    [{ id: -1_001_234_567_890, type: 'supergroup', title: 'Family' }, 'group:c1234567890'],
  ])('belongs to the group %j', (group, address) => {
    const said = messageOf({ text: 'Hello', chat: group });
    expect(said.chat).toEqual({ kind: 'group', addresses: [address], title: 'Family' });
    expect(said.sender.addresses[0]).toBe('id:81');
  });

  it('is the group itself speaking where an admin hides', () => {
    const group = { id: -1_001_234_567_890, type: 'supergroup', title: 'Family' };
    const said = messageOf({
      text: 'Hello',
      chat: group,
      sender_chat: group,
      from: { id: 1_087_968_824, is_bot: true },
    });
    expect(said.sender).toEqual({ addresses: ['group:c1234567890'], displayName: 'Family' });
  });

  const file = { file_id: 'F', file_size: 9 };
  it.each([
    [
      'image',
      {
        photo: [
          { ...file, width: 90 },
          { ...file, file_id: 'L', width: 800 },
        ],
      },
      'image/jpeg',
    ],
    ['video', { video: { ...file, duration: 3, width: 6, height: 4 } }, 'video/mp4'],
    ['video', { animation: file, document: { ...file, mime_type: 'video/mp4' } }, 'video/mp4'],
    ['video_note', { video_note: { ...file, length: 384 } }, 'video/mp4'],
    ['voice', { voice: { ...file, duration: 2 } }, 'audio/ogg'],
    ['audio', { audio: file }, 'audio/mpeg'],
    ['file', { document: { ...file, file_name: 'bill.pdf', mime_type: 'application/pdf' } }, 'application/pdf'],
    ['sticker', { sticker: { ...file, is_animated: true } }, 'application/x-tgsticker'],
    ['sticker', { sticker: file }, 'image/webp'],
  ] as const)('brings a file of kind %s: %j', (kind, said, mimeType) => {
    const { events, files } = map({ ...said, caption: 'Look', media_group_id: '77' });
    expect(files).toMatchObject([{ kind, mimeType, source: { fileId: kind === 'image' ? 'L' : 'F' } }]);
    expect(events[0]).toMatchObject({
      message: {
        albumId: '77',
        content: { type: 'media', body: 'Look', attachments: [{ kind, status: 'unavailable' }] },
      },
    });
  });

  it.each([
    [
      { location: { latitude: 52.5, longitude: 13.4 } },
      { type: 'location', location: { latitude: 52.5, longitude: 13.4 } },
    ],
    [
      {
        location: { latitude: 1, longitude: 2 },
        venue: { location: { latitude: 1, longitude: 2 }, title: 'Inn', address: 'Road 1' },
      },
      { type: 'location', location: { latitude: 1, longitude: 2, name: 'Inn, Road 1' } },
    ],
    [
      { contact: { phone_number: '49 30 555123', first_name: 'Taxi' } },
      { type: 'contacts', contacts: [{ name: 'Taxi', phones: ['+4930555123'] }] },
    ],
    [
      { poll: { id: '1', question: 'Pool?', options: [{ text: 'yes' }], allows_multiple_answers: true } },
      { type: 'poll', poll: { question: 'Pool?', options: ['yes'], multiple: true } },
    ],
    [{ dice: { emoji: '🎲', value: 3 } }, { type: 'unsupported', nativeKind: 'dice' }],
    [{ successful_payment: {} }, { type: 'unsupported', nativeKind: 'successful_payment' }],
  ])('says %j', (said, content) => {
    expect(messageOf(said)).toMatchObject({ content, raw: expect.any(String) });
  });

  it('answers a message, but not the topic of a forum', () => {
    expect(messageOf({ text: 'Yes', reply_to_message: { message_id: 3 } }).replyTo).toEqual({ networkId: '3' });
    const topic = { message_id: 3, forum_topic_created: { name: 'Rooms' } };
    expect(messageOf({ text: 'Yes', reply_to_message: topic }).replyTo).toBeUndefined();
  });

  it('tells what is passed on, and keeps from whom', () => {
    const said = messageOf({ text: 'Hi', forward_origin: { type: 'hidden_user', sender_user_name: 'Aunt', date: 1 } });
    expect(said).toMatchObject({ forwarded: true, raw: expect.stringContaining('Aunt') });
  });

  it.each(['new_chat_members', 'left_chat_member', 'pinned_message', 'group_chat_created', 'migrate_from_chat_id'])(
    'is nothing where it is housekeeping: %s',
    (field) => expect(map({ [field]: [] }).events).toEqual([]),
  );

  it('renames a group', () => {
    const group = { id: -77, type: 'group', title: 'Old' };
    expect(map({ chat: group, new_chat_title: 'New' }).events).toEqual([
      { type: 'chat_updated', chat: { kind: 'group', addresses: ['group:77'], title: 'New' } },
    ]);
  });
});

describe('what happens to messages of a bot', () => {
  const edit = (said: object): readonly ConnectorEvent[] =>
    mapBotEdit(botMessage.parse({ ...frame, edit_date: 1_700_000_060, ...said })).events;

  it('are new words, also under a file; a place that moves is none', () => {
    const facts = { type: 'edited', target: { networkId: '5' }, at: 1_700_000_060_000 };
    expect(edit({ text: 'New' })).toMatchObject([{ ...facts, body: 'New' }]);
    expect(edit({ photo: [{ file_id: 'F' }], caption: 'New' })).toMatchObject([{ ...facts, body: 'New' }]);
    expect(edit({ photo: [{ file_id: 'F' }] })).toMatchObject([{ ...facts, body: '' }]);
    expect(edit({ location: { latitude: 1, longitude: 2 } })).toEqual([]);
  });

  it('are reactions: the last sign, none where it was taken back, nothing for a picture', () => {
    const base = { chat: { id: 81, type: 'private' as const }, message_id: 5, user: from, date: 1 };
    const emoji = (new_reaction: { type: string; emoji?: string }[]): unknown => {
      const event = mapReaction({ ...base, new_reaction });
      return event?.type === 'reaction' ? event.emoji : event;
    };
    expect(emoji([{ type: 'emoji', emoji: '👍' }])).toBe('👍');
    expect(
      emoji([
        { type: 'emoji', emoji: '👍' },
        { type: 'emoji', emoji: '🔥' },
      ]),
    ).toBe('🔥');
    expect(emoji([{ type: 'paid' }])).toBe('⭐');
    expect(emoji([])).toBe('');
    expect(emoji([{ type: 'custom_emoji' }])).toBeUndefined();
  });

  it('are votes, of a group too', () => {
    const asked = { chat: 'id:81', messageId: 9 };
    const group = { id: -77, type: 'group' as const, title: 'Family' };
    const vote = { poll_id: '1', option_ids: [0, 2] };
    expect(mapVote({ ...vote, user: from }, asked, 7)).toMatchObject({
      chat: { kind: 'direct', addresses: ['id:81'] },
      target: { networkId: '9' },
      by: { addresses: ['id:81', '@anna_guest'] },
      options: [0, 2],
    });
    expect(mapVote({ ...vote, user: from, voter_chat: group }, asked, 7)).toMatchObject({
      by: { addresses: ['group:77'] },
    });
    expect(mapVote(vote, asked, 7)).toBeUndefined();
  });
});

describe('what a bot says', () => {
  const media = (mimeType: string) => refOf('x', Buffer.from('x'), mimeType);
  const open = (): never => {
    throw new Error('nothing is opened before its bytes are due');
  };
  const methods = (content: OutboundContent): readonly string[] =>
    planBotCalls(content, open).map(({ method }) => method);

  it.each([
    ['image', 'image/jpeg', 'sendPhoto'],
    ['image', 'image/gif', 'sendAnimation'],
    ['image', 'image/tiff', 'sendDocument'],
    ['video', 'video/mp4', 'sendVideo'],
    ['video_note', 'video/mp4', 'sendVideoNote'],
    ['voice', 'audio/ogg', 'sendVoice'],
    ['audio', 'audio/mpeg', 'sendAudio'],
    ['file', 'application/pdf', 'sendDocument'],
    ['sticker', 'image/webp', 'sendSticker'],
  ] as const)('goes as %s of type %s by %s', (kind, mimeType, method) => {
    expect(methods({ type: 'media', attachments: [{ kind, media: media(mimeType) }] })).toEqual([method]);
  });

  it('puts words under no sticker, and files of different sorts into no album', () => {
    const sticker = { kind: 'sticker', media: media('image/webp') } as const;
    expect(methods({ type: 'media', body: 'Hi', attachments: [sticker] })).toEqual(['sendSticker', 'sendMessage']);
    const [image, pdf] = [
      { kind: 'image', media: media('image/png') } as const,
      { kind: 'file', media: media('application/pdf') } as const,
    ];
    expect(methods({ type: 'media', attachments: [image, image, pdf, pdf] })).toEqual([
      'sendMediaGroup',
      'sendMediaGroup',
    ]);
    expect(methods({ type: 'media', attachments: [image, pdf] })).toEqual(['sendPhoto', 'sendDocument']);
  });

  it('is a venue where the place has a name, and a poll that shows who voted', () => {
    const [venue] = planBotCalls(
      { type: 'location', location: { latitude: 52.5, longitude: 13.4, name: 'Inn' } },
      open,
    );
    expect(venue).toMatchObject({ method: 'sendVenue', payload: { title: 'Inn', address: '52.50000, 13.40000' } });
    expect(methods({ type: 'location', location: { latitude: 1, longitude: 2 } })).toEqual(['sendLocation']);
    const [poll] = planBotCalls({ type: 'poll', poll: { question: 'Q', options: ['a', 'b'], multiple: true } }, open);
    expect(poll?.payload).toMatchObject({ is_anonymous: false, allows_multiple_answers: true });
  });

  it('is a card with all its numbers', () => {
    const [card] = planBotCalls({ type: 'contacts', contacts: [{ name: 'Taxi', phones: ['+491', '+492'] }] }, open);
    expect(card?.payload).toMatchObject({
      phone_number: '+491',
      first_name: 'Taxi',
      vcard: expect.stringContaining('+492'),
    });
  });
});

describe('names of the Bot API', () => {
  it('of chats are read as they are written', () => {
    const id = fc.integer({ min: 1, max: 900_000_000_000 });
    fc.assert(
      fc.property(id, fc.constantFrom(1, -1, -2), (number, sort) => {
        const chatId = sort === -2 ? -1_000_000_000_000 - number : sort * number;
        expect(chatIdOf({ addresses: [chatAddressOf(chatId)] })).toBe(chatId);
      }),
    );
  });

  it('of formatting are read as they are written, and lie inside the text', () => {
    const body = '🛎️ welcome to the house';
    const written = writeBotEntities([
      { type: 'bold', offset: 0, length: 3 },
      { type: 'quote', offset: 4, length: 7 },
      { type: 'link', offset: 4, length: 7, url: 'https://hotel.example' },
      { type: 'mention', offset: 4, length: 7, url: 'id:81' },
      { type: 'pre', offset: 0, length: 3, language: 'sql' },
    ]);
    expect(written.map(({ type }) => type)).toEqual(['bold', 'blockquote', 'text_link', 'text_mention', 'pre']);
    expect(
      writeBotEntities([
        { type: 'link', offset: 0, length: 3 },
        { type: 'mention', offset: 0, length: 3 },
      ]),
    ).toEqual([]);
    expect(readBotEntities(body, [{ type: 'text_mention', offset: 0, length: 3, user: from }])).toMatchObject([
      { url: 'id:81' },
    ]);
    const odd = fc.record({ type: fc.constantFrom('bold', 'url', 'odd'), offset: fc.integer(), length: fc.integer() });
    fc.assert(
      fc.property(fc.array(odd), (entities) => {
        for (const { offset, length } of readBotEntities(body, entities)) {
          expect(offset >= 0 && length > 0 && offset + length <= body.length).toBe(true);
        }
      }),
    );
  });
});
