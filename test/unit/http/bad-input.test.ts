import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture({ config: { bodyLimitBytes: 10_000 } });
});
afterEach(() => http.close());

const json = { 'content-type': 'application/json' };
const post = (payload: string | Buffer, headers: Record<string, string> = json) =>
  http.ask('POST', '/v1/messages', { payload, headers });

describe('a request that is not right', () => {
  it.each([
    ['no JSON', '{"body":', 400, 'malformed_json'],
    ['a JSON text with a trailing comma', '{"body":"x",}', 400, 'malformed_json'],
    ['JSON that is no object', '[1]', 400, 'invalid_request'],
    ['null', 'null', 400, 'invalid_request'],
    ['a number', '7', 400, 'invalid_request'],
    ['a prototype key', '{"body":"x","__proto__":{"admin":true}}', 400, 'invalid_request'],
    ['a prototype key in escapes', '{"metadata":{"\\u005f_proto__":{"admin":true}}}', 400, 'invalid_request'],
    ['a constructor key', '{"metadata":{"constructor":{"prototype":{"x":1}}}}', 400, 'invalid_request'],
    ['deep nesting', `{"metadata":${'['.repeat(4_000)}${']'.repeat(4_000)}}`, 400, 'invalid_request'],
    ['half a surrogate pair', '{"channel":"whatsapp","to":"+1","body":"\\ud83d"}', 400, 'invalid_request'],
    ['too large a body', `{"body":"${'x'.repeat(20_000)}"}`, 413, 'body_too_large'],
    ['a duplicated and wrong key', '{"body":"x","body":1}', 400, 'invalid_request'],
  ])('is refused when it is %s', async (_name, payload, status, code) => {
    const answer = await post(payload);
    expect(answer.status).toBe(status);
    expect(answer.json.code).toBe(code);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(http.engine.calls).toHaveLength(0);
  });

  it.each([
    'text/plain',
    'application/xml',
    'multipart/form-data; boundary=x',
    'application/x-www-form-urlencoded',
    'nonsense',
  ])('is refused as %s', async (type) => {
    const answer = await post('{"body":"x"}', { 'content-type': type });
    expect(answer.status).toBe(415);
    expect(answer.json.code).toBe('unsupported_media_type');
  });

  it('is not found on an unknown path', async () => {
    for (const path of [
      '/',
      '/v1',
      '/v1/nothing',
      '/v1/messages/',
      '//v1/messages',
      '/v1/../etc/passwd',
      '/docs/../../package.json',
    ]) {
      const answer = await http.ask('GET', path);
      expect([path, answer.status, answer.json.code]).toEqual([path, 404, 'not_found']);
    }
  });

  it('is told which methods a path has', async () => {
    const answer = await http.ask('PUT', '/v1/messages/msg_00000000000000000000000000');
    expect(answer.status).toBe(405);
    expect(answer.json.code).toBe('method_not_allowed');
    expect(answer.headers['allow']).toBe('GET, PATCH, DELETE');
  });

  it('is refused with a path that is not validly encoded', async () => {
    const answer = await http.ask('GET', '/v1/messages/%zz');
    expect(answer.status).toBe(400);
    expect(answer.json.code).toBe('invalid_request');
    expect(answer.headers['x-request-id']).toBeDefined();
  });

  it.each([
    ['/v1/messages?limit=0', 405],
    ['/v1/conversations?limit=0', 400],
    ['/v1/conversations?limit=201', 400],
    ['/v1/conversations?limit=ten', 400],
    ['/v1/conversations?limit=1&limit=2', 400],
    ['/v1/conversations?unread=maybe', 400],
    ['/v1/conversations?cursor=nonsense', 400],
    ['/v1/events?after=nonsense', 400],
    ['/v1/events?types=message.nothing', 400],
    ['/v1/events/stream?after=nonsense', 400],
    ['/v1/guests?cursor=%00', 400],
    [`/v1/guests?q=${'x'.repeat(300)}`, 400],
    ['/v1/webhooks?limit=-1', 400],
    ['/v1/sessions/..%2f..%2fetc', 404],
    ['/v1/sessions/UPPER', 404],
    ['/v1/conversations/cnv_x/events', 404],
    ['/v1/media/..%2f..%2fvault.key', 404],
  ])('GET %s is answered %i, never 500', async (path, status) => {
    const answer = await http.ask('GET', path);
    expect(answer.status).toBe(status);
    expect(answer.json.code).not.toBe('internal_error');
  });

  it('hides what was unforeseen and logs it', async () => {
    await http.seed();
    http.engine.failure = new Error('guest +15559998877 is broken');
    const answer = await http.ask('POST', '/v1/messages', {
      body: { channel: 'whatsapp', to: '+15551234567', body: 'x' },
    });
    expect(answer.status).toBe(500);
    expect(answer.json.code).toBe('internal_error');
    expect(answer.text).not.toContain('9998877');
  });
});

describe('every answer', () => {
  it('carries the headers that keep browsers from running it', async () => {
    for (const path of ['/v1/sessions', '/nothing', '/healthz']) {
      const { headers } = await http.ask('GET', path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(headers['content-security-policy']).toContain("default-src 'none'");
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it("takes the caller's plain request id and makes one otherwise", async () => {
    const own = await http.ask('GET', '/healthz', { headers: { 'x-request-id': 'pms-42' } });
    expect(own.headers['x-request-id']).toBe('pms-42');
    for (const bad of ['a b', 'x'.repeat(65), '"}', '']) {
      const answer = await http.ask('GET', '/healthz', { headers: { 'x-request-id': bad } });
      expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-z]+$/);
    }
  });
});
