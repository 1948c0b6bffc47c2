import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OutboundContent } from '../../../src/connector-api/index.ts';
import type { BotAnswer } from './bot-server.ts';
import { refused } from './bot-server.ts';
import { BotBench, ScriptedBotApi } from './bot-support.ts';
import { refOf } from './send-support.ts';

const text = (body: string): OutboundContent => ({ type: 'text', body });
const ID = 'r4711';

let api: ScriptedBotApi;
let desk: BotBench;

beforeEach(async () => {
  api = new ScriptedBotApi();
  await api.server.start();
  desk = new BotBench(api.server.root);
  await desk.session.connect();
});
afterEach(async () => {
  await desk.stop();
  await api.server.stop();
});

function keep(name: string, mimeType: string, bytes = Buffer.from(`bytes of ${name}`)) {
  desk.files.set(name, bytes);
  return refOf(name, bytes, mimeType);
}

describe('a send of a bot whose answer nobody heard', () => {
  it('is never made again, not even by another process', async () => {
    api.answers.set('sendMessage', 'silence');
    const cancelling = new AbortController();
    const sending = desk.send(text('Your taxi is here'), { networkId: ID, signal: cancelling.signal });
    const lost = expect(sending).rejects.toMatchObject({ certainty: 'maybe_sent', retryable: false });
    await api.call('sendMessage');
    cancelling.abort();
    await lost;
    api.answers.clear();
    await desk.restart().connect();
    await expect(desk.send(text('Your taxi is here'), { networkId: ID, attempt: 2 })).rejects.toMatchObject({
      code: 'send_timeout',
      certainty: 'maybe_sent',
      retryable: false,
    });
    expect(api.of('sendMessage')).toHaveLength(1);
  });

  it.each<[string, BotAnswer]>([
    ['the server has trouble', refused(502, 'Bad Gateway')],
    ['what answers is no Bot API server', { bytes: Buffer.from('<html>'), status: 200 }],
    ['the answer names no message', { ok: true, result: true }],
  ])('is told as one that may have gone where %s', async (_name, answer) => {
    api.answers.set('sendMessage', answer);
    for (const attempt of [1, 2]) {
      await expect(desk.send(text('Hello'), { networkId: ID, attempt })).rejects.toMatchObject({
        certainty: 'maybe_sent',
        retryable: false,
      });
    }
    expect(api.of('sendMessage')).toHaveLength(1);
  });

  it('is noted in the vault before its first byte leaves', async () => {
    desk.vault.beforeCommit = () => {
      throw new Error('disk full');
    };
    await expect(desk.send(text('Hello'))).rejects.toMatchObject({ certainty: 'not_sent', retryable: true });
    expect(api.of('sendMessage')).toEqual([]);
  });

  it('is told as one that may have gone where its answer cannot be kept', async () => {
    let commits = 0;
    desk.vault.beforeCommit = () => {
      commits += 1;
      if (commits > 1) throw new Error('disk full');
    };
    await expect(desk.send(text('Hello'), { networkId: ID })).rejects.toMatchObject({ certainty: 'maybe_sent' });
    desk.vault.beforeCommit = undefined;
    await desk.restart().connect();
    await expect(desk.send(text('Hello'), { networkId: ID, attempt: 2 })).rejects.toMatchObject({
      certainty: 'maybe_sent',
      retryable: false,
    });
    expect(api.of('sendMessage')).toHaveLength(1);
  });
});

describe('a send of a bot that surely did not go', () => {
  it.each<[string, BotAnswer, string, object]>([
    [
      'a wait for everything that it sends',
      refused(429, 'Too Many Requests: retry after 7', { retry_after: 7 }),
      'id:81',
      { code: 'rate_limited', scope: 'account', retryAfterMs: 7_000, retryable: true },
    ],
    [
      'a wait for one group',
      refused(429, 'Too Many Requests: retry after 40', { retry_after: 40 }),
      'group:5',
      { code: 'rate_limited', scope: 'chat', retryAfterMs: 40_000, retryable: true },
    ],
    [
      'a guest who blocked it',
      refused(403, 'Forbidden: bot was blocked by the user'),
      'id:81',
      { code: 'send_rejected', retryable: false, message: 'The guest has blocked the bot.' },
    ],
    [
      'a guest who never wrote',
      refused(403, "Forbidden: bot can't initiate conversation with a user"),
      'id:81',
      { code: 'recipient_unknown' },
    ],
    ['nobody', refused(400, 'Bad Request: chat not found'), 'id:81', { code: 'recipient_unknown', retryable: false }],
    ['a long text', refused(400, 'Bad Request: message is too long'), 'id:81', { code: 'unsupported_content' }],
    ['a large file', refused(413, 'Request Entity Too Large'), 'id:81', { code: 'media_too_large' }],
    ['a revoked token', refused(401, 'Unauthorized'), 'id:81', { code: 'session_down', retryable: true }],
  ])('meets %s, and may go at the next attempt', async (_name, answer, to, expected) => {
    api.answers.set('sendMessage', answer);
    await expect(desk.send(text('Hello'), { networkId: ID, to })).rejects.toMatchObject({
      ...expected,
      certainty: 'not_sent',
    });
    api.answers.clear();
    await expect(desk.send(text('Hello'), { networkId: ID, to, attempt: 2 })).resolves.toMatchObject({
      networkId: '101',
      acceptedAt: 1_700_000_000_000,
    });
  });

  it('has nobody to go to where only a name or a number is known', async () => {
    for (const to of ['@guest_of_ours', '+4915112345678']) {
      await expect(desk.send(text('Hello'), { to })).rejects.toMatchObject({
        code: 'recipient_unknown',
        certainty: 'not_sent',
      });
    }
    expect(api.of('sendMessage')).toEqual([]);
  });

  it('has a file that is gone', async () => {
    const media = refOf('gone', Buffer.from('was here'), 'application/pdf');
    const content = { type: 'media', attachments: [{ kind: 'file', media }] } as const;
    await expect(desk.send(content, { networkId: ID })).rejects.toMatchObject({
      code: 'media_gone',
      certainty: 'not_sent',
      retryable: false,
    });
    keep('gone', 'application/pdf', Buffer.from('was here'));
    await expect(desk.send(content, { networkId: ID, attempt: 2 })).resolves.toBeDefined();
  });

  it('follows a group to where it moved', async () => {
    const moved = { migrate_to_chat_id: -1_002_000_000_005 };
    api.answers.set('sendMessage', [refused(400, 'Bad Request: group chat was upgraded to a supergroup chat', moved)]);
    const options = { networkId: ID, to: 'group:5' };
    await expect(desk.send(text('Hello'), options)).rejects.toMatchObject({ certainty: 'not_sent', retryable: true });
    await desk.send(text('Hello'), { ...options, attempt: 2 });
    expect(api.of('sendMessage').map(({ fields }) => fields['chat_id'])).toEqual([-5, -1_002_000_000_005]);
  });
});

describe('a message of a bot that takes several calls', () => {
  const cards = {
    type: 'contacts',
    contacts: [
      { name: 'Taxi', phones: ['+4930555123'] },
      { name: 'Doctor', phones: ['+4930555124'] },
    ],
  } as const;

  it('goes on where it was refused, and repeats nothing', async () => {
    const first = { ok: true, result: { message_id: 7, date: 1_700_000_000 } } as const;
    api.answers.set('sendContact', [first, refused(429, 'Too Many Requests: retry after 3', { retry_after: 3 })]);
    await expect(desk.send(cards, { networkId: ID })).rejects.toMatchObject({ code: 'rate_limited' });
    await desk.restart().connect();
    await expect(desk.send(cards, { networkId: ID, attempt: 2 })).resolves.toMatchObject({ networkId: '7' });
    const names = api.of('sendContact').map(({ fields }) => fields['first_name']);
    expect(names).toEqual(['Taxi', 'Doctor', 'Doctor']);
  });

  it('shows files that share an album in one, and is deleted as one', async () => {
    const album = [1, 2, 3].map((id) => ({ message_id: id, date: 1_700_000_000 }));
    api.answers.set('sendMediaGroup', { ok: true, result: album });
    const names = ['pool.jpg', 'sauna; "hot".jpg', 'film.mp4'];
    const [pool, sauna, film] = names.map((name) => ({
      kind: name.endsWith('mp4') ? ('video' as const) : ('image' as const),
      media: keep(name, name.endsWith('mp4') ? 'video/mp4' : 'image/jpeg'),
      filename: name,
    }));
    if (pool === undefined || sauna === undefined || film === undefined) throw new Error('three files');
    const attachments = [pool, sauna, film] as const;
    const { networkId } = await desk.send({ type: 'media', body: 'Our spa', attachments });
    expect(networkId).toBe('1');
    const [call] = api.of('sendMediaGroup');
    expect(call?.fields['media']).toMatchObject([
      { type: 'photo', caption: 'Our spa' },
      { type: 'photo' },
      { type: 'video' },
    ]);
    const sent = [...(call?.files.values() ?? [])];
    expect(sent.map(({ bytes }) => bytes.toString())).toEqual(names.map((name) => `bytes of ${name}`));
    expect(sent.map(({ filename }) => filename)).toEqual(['pool.jpg', 'sauna; _hot_.jpg', 'film.mp4']);
    await desk.session.deleteForEveryone?.({ kind: 'direct', addresses: ['id:81'] }, networkId);
    expect(api.of('deleteMessages')[0]?.fields).toEqual({ chat_id: 81, message_ids: [1, 2, 3] });
  });
});

describe('what a bot changes', () => {
  const chat = { kind: 'direct', addresses: ['id:81'] } as const;

  it('keeps the buttons under a text whose words are changed', async () => {
    const buttons = [{ id: 'late', label: 'Late check-out' }] as const;
    const { networkId } = await desk.send({ type: 'text', body: 'What shal it be?', buttons });
    await desk.session.edit?.(chat, networkId, 'What shall it be?');
    const [sent, edit] = [api.of('sendMessage')[0], api.of('editMessageText')[0]];
    expect(edit?.fields).toMatchObject({ message_id: 101, text: 'What shall it be?' });
    expect(edit?.fields['reply_markup']).toEqual(sent?.fields['reply_markup']);
  });

  it('are the words under a file where the message is one', async () => {
    api.answers.set('editMessageText', refused(400, 'Bad Request: there is no text in the message to edit'));
    await desk.session.edit?.(chat, '55', 'Our pool');
    expect(api.of('editMessageCaption')[0]?.fields).toMatchObject({ message_id: 55, caption: 'Our pool' });
  });

  it('is no failure where it says so already', async () => {
    api.answers.set(
      'editMessageText',
      refused(400, 'Bad Request: message is not modified: specified new message content …'),
    );
    await expect(desk.session.edit?.(chat, '55', 'Same')).resolves.toBeUndefined();
  });

  it('is deleted for everyone', async () => {
    await desk.session.deleteForEveryone?.(chat, '55');
    expect(api.of('deleteMessage')[0]?.fields).toEqual({ chat_id: 81, message_id: 55 });
  });

  it('is a reaction without the sign that asks for colour', async () => {
    await desk.session.react?.(chat, { networkId: '55' }, '❤\uFE0F');
    await desk.session.react?.(chat, { networkId: '55' }, '');
    expect(api.of('setMessageReaction').map(({ fields }) => fields['reaction'])).toEqual([
      [{ type: 'emoji', emoji: '❤' }],
      [],
    ]);
  });

  it('shows that it types, and asks nothing to hide it', async () => {
    await desk.session.setTyping?.(chat, true);
    await desk.session.setTyping?.(chat, false);
    expect(api.of('sendChatAction').map(({ fields }) => fields)).toEqual([{ chat_id: 81, action: 'typing' }]);
  });

  it('has no read marks and no presence', () => {
    expect(desk.session.markRead).toBeUndefined();
    expect(desk.session.setPresence).toBeUndefined();
    expect(desk.session.probe).toBeTypeOf('function');
  });
});
