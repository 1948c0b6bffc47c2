import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BotAnswer } from './bot-server.ts';
import { refused } from './bot-server.ts';
import { BotBench, ScriptedBotApi } from './bot-support.ts';
import { isEnd, isMessage } from './session-support.ts';

const chat = { id: 81, type: 'private', first_name: 'Anna' };
const from = { id: 81, is_bot: false, first_name: 'Anna', username: 'Anna_Guest' };
const say = (update_id: number, said: object): Record<string, unknown> => ({
  update_id,
  message: { message_id: update_id, date: 1_700_000_000, chat, from, ...said },
});

let api: ScriptedBotApi;
let desk: BotBench;

beforeEach(async () => {
  api = new ScriptedBotApi();
  await api.server.start();
  desk = new BotBench(api.server.root);
});
afterEach(async () => {
  await desk.stop();
  await api.server.stop();
});

const offsets = (): readonly unknown[] => api.of('getUpdates').map(({ fields }) => fields['offset']);

describe('updates of a bot', () => {
  it('are asked for with all the kinds that are read, long, and from where it was', async () => {
    await desk.session.connect();
    const { fields } = await api.call('getUpdates', 2);
    expect(fields['timeout']).toBe(20);
    expect(fields['allowed_updates']).toEqual(
      expect.arrayContaining(['message', 'edited_message', 'callback_query', 'message_reaction', 'poll_answer']),
    );
    api.tell(say(7, { text: 'Hello' }));
    await api.call('getUpdates', 3);
    expect(offsets()).toEqual([undefined, undefined, 8]);
    await desk.restart().connect();
    expect(offsets()[3]).toBe(8);
  });

  it('are acknowledged only once they are in the vault', async () => {
    await desk.session.connect();
    await api.call('getUpdates', 2);
    desk.vault.beforeCommit = () => {
      throw new Error('disk full');
    };
    api.tell(say(7, { text: 'Hello' }));
    expect((await desk.event(isEnd)).cause).toMatchObject({ kind: 'unknown', code: 'telegram_store_failed' });
    desk.vault.beforeCommit = undefined;
    api.answers.set('getUpdates', [{ ok: true, result: [say(7, { text: 'Hello' })] }]);
    await desk.session.connect();
    expect((await desk.event(isMessage)).message.content).toEqual({ type: 'text', body: 'Hello' });
    expect(offsets().slice(0, 3)).toEqual([undefined, undefined, undefined]);
    expect(desk.events.filter(isMessage)).toHaveLength(1);
  });

  it('that came while it was away are journalled before it counts as connected, however many', async () => {
    const many = Array.from({ length: 100 }, (_, index) => say(index + 1, { text: `${index}` }));
    const rest = [say(101, { text: '100' })];
    api.answers.set('getUpdates', [
      { ok: true, result: many },
      { ok: true, result: rest },
    ]);
    await desk.session.connect();
    expect(desk.vault.cursor.get('telegram.bot.offset')).toBe('102');
    expect(offsets().slice(0, 2)).toEqual([undefined, 101]);
  });

  it('that cannot be read do not come for ever', async () => {
    api.answers.set('getUpdates', [
      {
        ok: true,
        result: [
          { update_id: 1, message: { text: 'of nobody' } },
          { update_id: 2, callback_query: 'odd' },
          { update_id: 3, something_new: {} },
          say(4, { text: { not: 'a text' } }),
          say(5, { text: 'Hello' }),
        ],
      },
    ]);
    await desk.session.connect();
    await desk.event((event): event is never => isMessage(event) && event.message.networkId === '5');
    expect(desk.events.filter(isMessage).map(({ message }) => message.content.type)).toEqual(['unsupported', 'text']);
    expect(desk.events.find(isMessage)?.message).toMatchObject({ networkId: '4', raw: expect.stringContaining('not') });
    expect(desk.vault.cursor.get('telegram.bot.offset')).toBe('6');
  });

  it('of a press are answered once the press is in the vault', async () => {
    await desk.session.connect();
    const keyboard = { inline_keyboard: [[{ text: 'Late check-out', callback_data: 'late' }]] };
    const message = { message_id: 5, date: 0, chat, reply_markup: keyboard };
    let isStored = false;
    desk.vault.beforeCommit = () => {
      isStored ||= desk.vault.spool.depth() > 0;
    };
    await api.call('getUpdates', 2);
    api.tell({ update_id: 9, callback_query: { id: '777', from, data: 'late', message } });
    expect((await api.call('answerCallbackQuery')).fields).toEqual({ callback_query_id: '777' });
    expect(isStored).toBe(true);
    expect((await desk.event(isMessage)).message).toMatchObject({
      networkId: 'q777',
      content: { type: 'button', buttonId: 'late', label: 'Late check-out' },
      replyTo: { networkId: '5' },
    });
  });

  it('of a vote name the poll that the bot asked, after a restart too', async () => {
    await desk.session.connect();
    api.answers.set('sendPoll', { ok: true, result: { message_id: 31, date: 1, poll: { id: '9000000000000000001' } } });
    const poll = { question: 'Pool?', options: ['yes', 'no'], multiple: false };
    await desk.send({ type: 'poll', poll }, { to: 'group:c5' });
    expect(api.of('sendPoll')[0]?.fields).toMatchObject({ is_anonymous: false, chat_id: -1_000_000_000_005 });
    const vote = { poll_id: '9000000000000000001', user: from, option_ids: [1] };
    api.answers.set('getUpdates', [{ ok: true, result: [{ update_id: 1, poll_answer: vote }] }]);
    await desk.restart().connect();
    await desk.event((event): event is never => event.type === 'poll_vote');
    expect(desk.events.find(({ type }) => type === 'poll_vote')).toMatchObject({
      chat: { kind: 'group', addresses: ['group:c5'] },
      target: { networkId: '31' },
      options: [1],
      by: { addresses: ['id:81', '@anna_guest'] },
    });
  });
});

describe('files of guests', () => {
  const photo = { photo: [{ file_id: 'F1', width: 9, height: 9, file_size: 4 }] };

  it('are fetched by the place that the server tells', async () => {
    api.answers.set('getFile', { ok: true, result: { file_path: 'photos/a b.jpg', file_size: 4 } });
    api.answers.set('file:photos/a b.jpg', { bytes: Buffer.from('room'), status: 200 });
    api.answers.set('getUpdates', [{ ok: true, result: [say(1, photo)] }]);
    await desk.session.connect();
    const { content } = (await desk.event(isMessage)).message;
    expect(content).toMatchObject({ type: 'media', attachments: [{ status: 'stored', kind: 'image' }] });
    expect(Buffer.from(desk.files.get('in-4') ?? []).toString()).toBe('room');
  });

  it.each<[string, string, BotAnswer]>([
    ['too_large', 'is above what the Bot API hands out', refused(400, 'Bad Request: file is too big')],
    [
      'gone',
      'is not there any more',
      refused(400, 'Bad Request: wrong file_id or the file is temporarily unavailable'),
    ],
    ['elsewhere', 'lies on the disk of another machine', { ok: true, result: { file_path: '/var/lib/bot/a.jpg' } }],
  ])('are unavailable as %s where the file %s, and the message comes all the same', async (reason, _name, answer) => {
    api.answers.set('getFile', answer);
    api.answers.set('getUpdates', [{ ok: true, result: [say(1, { ...photo, caption: 'Look' })] }]);
    await desk.session.connect();
    expect((await desk.event(isMessage)).message.content).toMatchObject({
      type: 'media',
      body: 'Look',
      attachments: [{ status: 'unavailable', reason }],
    });
  });
});

describe('a connection of a bot', () => {
  it.each<[string, BotAnswer, object]>([
    ['its token was revoked', refused(401, 'Unauthorized'), { kind: 'logged_out', code: 'telegram_bot_token_revoked' }],
    [
      'a webhook is set',
      refused(409, "Conflict: can't use getUpdates method while webhook is active"),
      { kind: 'replaced', code: 'telegram_bot_webhook', detail: expect.stringContaining('deleteWebhook') },
    ],
    [
      'another program asks',
      refused(409, 'Conflict: terminated by other getUpdates request'),
      { kind: 'replaced', code: 'telegram_bot_conflict' },
    ],
    [
      'it asks too often',
      refused(429, 'Too Many Requests: retry after 5', { retry_after: 5 }),
      { kind: 'restricted', retryAfterMs: 5_000 },
    ],
    ['the server has trouble', refused(502, 'Bad Gateway'), { kind: 'network', code: 'telegram_server_error' }],
    ['what answers is no list', { ok: true, result: 'odd' }, { kind: 'protocol_changed' }],
  ])('is refused, and ends, where %s', async (_name, answer, cause) => {
    api.answers.set('getUpdates', answer);
    await expect(desk.session.connect()).rejects.toMatchObject({ reason: cause });
    api.answers.clear();
    await desk.session.connect();
    await api.call('getUpdates', 3);
    api.answers.set('getUpdates', [answer]);
    api.tell();
    expect((await desk.event(isEnd)).cause).toMatchObject(cause);
    await expect(desk.send({ type: 'text', body: 'Hello' })).rejects.toMatchObject({ code: 'session_down' });
    expect(desk.events.filter(isEnd)).toHaveLength(1);
    expect(api.requests.map(({ method }) => method)).not.toContain('deleteWebhook');
  });
});
