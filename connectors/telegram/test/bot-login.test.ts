import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { botEndpoint } from '../bot/bot-endpoint.ts';
import { createBotApi } from '../bot/grammy-api.ts';
import { verifyBotToken } from '../bot/verify-bot-token.ts';
import { refused } from './bot-server.ts';
import { ScriptedBotApi, TOKEN } from './bot-support.ts';

let api: ScriptedBotApi;

beforeEach(async () => {
  api = new ScriptedBotApi();
  await api.server.start();
});
afterEach(() => api.server.stop());

const verify = (token = TOKEN, signal = new AbortController().signal) =>
  verifyBotToken({ config: { botApi: api.server.root }, token, clock: systemClock, signal });

describe('the token of a bot', () => {
  it('is kept with the name that Telegram knows the bot by', async () => {
    await expect(verify()).resolves.toEqual({
      kind: 'bot',
      id: '7000123',
      username: 'HotelBot',
      name: 'Hotel',
      token: TOKEN,
    });
  });

  it.each(['', 'not a token', '123', '123:', '123:a/../b', `${TOKEN}?x`])(
    'is not asked about where it is none: %j',
    async (token) => {
      await expect(verify(token)).rejects.toMatchObject({ name: 'LoginError', code: 'rejected' });
      expect(api.requests).toEqual([]);
    },
  );

  it.each([
    [401, 'Unauthorized', 'rejected'],
    [404, 'Not Found', 'rejected'],
    [429, 'Too Many Requests: retry after 5', 'network'],
    [502, 'Bad Gateway', 'network'],
  ])('that is answered with %d %s is %s', async (code, description, expected) => {
    api.answers.set('getMe', refused(code, description));
    await expect(verify()).rejects.toMatchObject({ name: 'LoginError', code: expected });
  });

  it('stays out of what is told where nobody answers', async () => {
    await api.server.stop();
    const failure: unknown = await verify().catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'LoginError', code: 'network' });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('AAF');
    await api.server.start();
  });

  it('is given up where the login is cancelled', async () => {
    api.answers.set('getMe', 'silence');
    const cancelling = new AbortController();
    const verifying = expect(verify(TOKEN, cancelling.signal)).rejects.toMatchObject({ code: 'cancelled' });
    await api.call('getMe');
    cancelling.abort();
    await verifying;
  });

  it('cannot be asked about without the library, which is named', async () => {
    const load = (): Promise<never> =>
      Promise.reject(new BellhopError('connector_missing', { detail: 'npm install grammy' }));
    const config = { botApi: api.server.root };
    const verifying = verifyBotToken({
      config,
      token: TOKEN,
      clock: systemClock,
      signal: new AbortController().signal,
      load,
    });
    await expect(verifying).rejects.toMatchObject({ code: 'connector_missing' });
  });
});

describe('where bots are at home', () => {
  it('is Telegram itself, unless the configuration says otherwise', () => {
    expect(botEndpoint({})).toEqual({ ok: true, root: 'https://api.telegram.org' });
    expect(botEndpoint({ botApi: 'https://bots.hotel.example/api/' })).toEqual({
      ok: true,
      root: 'https://bots.hotel.example/api',
    });
    expect(botEndpoint({ botApi: 'http://127.0.0.1:9000' })).toEqual({ ok: true, root: 'http://127.0.0.1:9000' });
    expect(botEndpoint({ botApi: 'http://[::1]:9000' })).toMatchObject({ ok: true });
  });

  it('is no server that would hear the token in the clear, and not Telegram for a private network', () => {
    expect(botEndpoint({ botApi: 'http://bots.hotel.example' })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('https://'),
    });
    expect(botEndpoint({ endpoint: { host: '127.0.0.1', port: 1, dcId: 2 } })).toMatchObject({
      ok: false,
      detail: expect.stringContaining('botApi'),
    });
  });
});

describe('a call of the Bot API', () => {
  const call = (options: { timeoutMs: number; signal?: AbortSignal }) => {
    const bot = createBotApi({ token: TOKEN, root: api.server.root, clock: systemClock });
    return bot.call('sendMessage', { chat_id: 1, text: 'Hello' }, options).finally(() => bot.close());
  };

  it('tells a server that is not there from one that fell silent, and never with the token', async () => {
    api.server.mode = 'closed';
    await expect(call({ timeoutMs: 5_000 })).rejects.toMatchObject({ name: 'BotLost', reason: 'broken' });
    api.server.mode = 'open';
    api.answers.set('sendMessage', 'silence');
    await expect(call({ timeoutMs: 30 })).rejects.toMatchObject({ reason: 'late' });
    await api.server.stop();
    const failure: unknown = await call({ timeoutMs: 5_000 }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'BotLost', reason: 'unreachable', systemCode: 'ECONNREFUSED' });
    expect(JSON.stringify(failure, Object.getOwnPropertyNames(failure))).not.toContain('AAF');
    await api.server.start();
  });

  it('is lost when its lines are cut from here', async () => {
    api.answers.set('sendMessage', 'silence');
    const bot = createBotApi({ token: TOKEN, root: api.server.root, clock: systemClock });
    const calling = expect(bot.call('sendMessage', {}, { timeoutMs: 5_000 })).rejects.toMatchObject({
      reason: 'aborted',
    });
    await api.call('sendMessage');
    bot.close();
    await calling;
    await expect(bot.call('getMe', {}, { timeoutMs: 5_000 })).rejects.toMatchObject({ reason: 'aborted' });
    expect(api.of('getMe')).toEqual([]);
  });
});
