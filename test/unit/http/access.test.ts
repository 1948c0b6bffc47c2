import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scopes } from '../../../src/engine/model/access.ts';
import { publicPaths } from '../../../src/http/route-doc.ts';
import { ADMIN_KEY, type HttpFixture, type Method, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
});
afterEach(() => http.close());

const isMethod = (method: string): method is Method => ['GET', 'POST', 'PATCH', 'DELETE'].includes(method);

/** Every route of the server as a request that reaches its access check. */
function everyRoute(): { method: Method; url: string; access: string }[] {
  return http.app.routes.all().flatMap(({ method, url, doc }) => {
    if (!isMethod(method)) throw new Error(`unexpected method ${method}`);
    return [{ method, url: url.replace(/:\w+/g, 'x'), access: doc.access }];
  });
}

describe('access', () => {
  it('is declared for every route, and only the listed ones are public', () => {
    const routes = http.app.routes.all();
    expect(routes.length).toBeGreaterThan(40);
    const open = routes.filter((route) => route.doc.access === 'public').map((route) => route.url);
    expect(new Set(open)).toEqual(new Set(publicPaths));
    for (const { doc } of routes) expect(['public', ...scopes]).toContain(doc.access);
  });

  it('knows the routes that fastify knows', () => {
    const printed = http.app.server.printRoutes({ commonPrefix: false, includeHooks: false });
    expect(printed.split('\n').filter((line) => line.includes('(')).length).toBeGreaterThan(30);
    for (const { method, url } of http.app.routes.all()) {
      expect(http.app.server.hasRoute({ method, url })).toBe(true);
    }
  });

  it('is refused without a key on every route that is not public', async () => {
    for (const { method, url, access } of everyRoute().filter((route) => route.access !== 'public')) {
      const answer = await http.ask(method, url, { key: null });
      expect([method, url, answer.status]).toEqual([method, url, 401]);
      expect(answer.json.code).toBe('unauthenticated');
      expect(answer.headers['www-authenticate']).toContain('Bearer');
      expect(access).not.toBe('public');
    }
  });

  it('is refused with a key that has every scope but the one needed, on every route', async () => {
    const keys = new Map<string, string>();
    for (const scope of scopes) {
      keys.set(scope, await http.makeKey(scopes.filter((other) => other !== scope && other !== 'admin')));
    }
    for (const { method, url, access } of everyRoute().filter((route) => route.access !== 'public')) {
      const answer = await http.ask(method, url, { key: keys.get(access) ?? '' });
      expect([method, url, answer.status]).toEqual([method, url, 403]);
      expect(answer.json.detail).toContain(access);
    }
  });

  it('is given by the scope alone', async () => {
    const key = await http.makeKey(['sessions:read']);
    expect((await http.ask('GET', '/v1/sessions', { key })).status).toBe(200);
  });

  it.each([
    ['', 401],
    ['Bearer', 401],
    ['Bearer ', 401],
    ['Basic YWRtaW46YWRtaW4=', 401],
    [`Bearer ${ADMIN_KEY}x`, 401],
    [`Bearer ${ADMIN_KEY.slice(0, -1)}`, 401],
    [`Bearer ${ADMIN_KEY.toUpperCase()}`, 401],
    [`Bearer ${ADMIN_KEY}, Bearer x`, 401],
    [`Bearer ${ADMIN_KEY} x`, 401],
    [`Bearer ${'x'.repeat(600)}`, 401],
    [`bearer ${ADMIN_KEY}`, 200],
  ])('with the header %j is answered %i', async (authorization, status) => {
    const answer = await http.ask('GET', '/v1/sessions', { key: null, headers: { authorization } });
    expect(answer.status).toBe(status);
  });

  it('ends at once when the key is revoked, also for a key just used', async () => {
    const key = await http.makeKey(['sessions:read']);
    expect((await http.ask('GET', '/v1/sessions', { key })).status).toBe(200);
    const page = await http.ask('GET', '/v1/keys');
    const id = page.json.data[0]?.id ?? '';
    expect((await http.ask('DELETE', `/v1/keys/${id}`)).status).toBe(204);
    expect((await http.ask('GET', '/v1/sessions', { key })).status).toBe(401);
  });

  it('asks the store again after a minute', async () => {
    const key = await http.makeKey(['sessions:read']);
    await http.ask('GET', '/v1/sessions', { key });
    const { id } = (await http.ask('GET', '/v1/keys')).json.data[0] ?? { id: '' };
    await http.store.revokeApiKey(id, http.clock.now());
    await http.clock.advance(60_001);
    expect((await http.ask('GET', '/v1/sessions', { key })).status).toBe(401);
  });

  it('to metrics needs a key unless they are public', async () => {
    expect((await http.ask('GET', '/metrics', { key: null })).status).toBe(401);
    expect((await http.ask('GET', '/metrics')).text).toContain('bellhop_up');
    const open = await makeHttpFixture({ config: { metricsPublic: true } });
    expect((await open.ask('GET', '/metrics', { key: null })).status).toBe(200);
    await open.close();
  });
});

describe('a key of one property', () => {
  it("sees nothing of another's, on any route", async () => {
    const key = await http.makeKey(
      [
        'messages:read',
        'messages:send',
        'guests:read',
        'guests:write',
        'sessions:read',
        'sessions:admin',
        'webhooks:admin',
        'keys:admin',
      ],
      'north',
    );
    const { message, conversation } = await http.seed({ session: 'south-desk', property: 'south' });
    const guest = conversation.guests[0]?.id ?? '';
    const hook = await http.ask('POST', '/v1/webhooks', { body: { url: 'https://pms.example/x', property: 'south' } });
    const media = await http.store.saveMedia({
      property: 'south',
      filename: null,
      media: { sha256: 'a'.repeat(64), sizeBytes: 1, mimeType: 'text/plain' },
    });
    http.engine.link = { sessionId: 'south-desk', step: { type: 'display', display: 'qr', data: 'x', expiresAt: 1 } };

    for (const list of ['conversations', 'guests', 'sessions', 'webhooks', 'events']) {
      const answer = await http.ask('GET', `/v1/${list}`, { key });
      expect([list, answer.status, answer.json.data]).toEqual([list, 200, []]);
    }
    const paths: [Method, string, unknown?][] = [
      ['GET', `/v1/messages/${message.id}`],
      ['GET', `/v1/conversations/${conversation.id}`],
      ['GET', `/v1/conversations/${conversation.id}/events`],
      ['POST', `/v1/conversations/${conversation.id}/read`, {}],
      ['GET', `/v1/guests/${guest}`],
      ['PATCH', `/v1/guests/${guest}`, { notes: 'x' }],
      ['GET', `/v1/guests/${guest}/consent`],
      ['POST', `/v1/guests/${guest}/consent`, { state: 'opted_out', note: 'x' }],
      ['GET', `/v1/media/${media.id}`],
      ['GET', '/v1/sessions/south-desk'],
      ['PATCH', '/v1/sessions/south-desk', { settings: {} }],
      ['DELETE', '/v1/sessions/south-desk'],
      ['POST', '/v1/sessions/south-desk/stop'],
      ['POST', '/v1/sessions/south-desk/start'],
      ['POST', '/v1/sessions/south-desk/restart'],
      ['GET', '/v1/sessions/south-desk/timeline'],
      ['GET', '/v1/sessions/south-desk/link'],
      ['POST', '/v1/sessions/south-desk/link', {}],
      ['POST', '/v1/sessions/south-desk/link/answer', { code: '1' }],
      ['GET', `/v1/webhooks/${hook.json.id}`],
      ['PATCH', `/v1/webhooks/${hook.json.id}`, { disabled: true }],
      ['DELETE', `/v1/webhooks/${hook.json.id}`],
      ['POST', `/v1/webhooks/${hook.json.id}/test`],
      ['GET', `/v1/webhooks/${hook.json.id}/deliveries`],
      ['POST', `/v1/webhooks/${hook.json.id}/deliveries/dlv_00000000000000000000000000/redeliver`],
    ];
    for (const [method, path, body] of paths) {
      const answer = await http.ask(method, path, { key, ...(body === undefined ? {} : { body }) });
      expect([method, path, answer.status]).toEqual([method, path, 404]);
    }
    expect((await http.ask('GET', '/v1/sessions/south-desk')).status).toBe(200);
  });

  it('cannot make things for another, nor manage keys', async () => {
    const key = await http.makeKey(['webhooks:admin', 'keys:admin', 'sessions:admin'], 'north');
    const hook = { url: 'https://pms.example/x', property: 'south' };
    expect((await http.ask('POST', '/v1/webhooks', { key, body: hook })).status).toBe(403);
    expect(
      (await http.ask('POST', '/v1/sessions', { key, body: { id: 'a', channel: 'whatsapp', property: 'south' } }))
        .status,
    ).toBe(403);
    expect((await http.ask('GET', '/v1/keys', { key })).status).toBe(403);
    expect((await http.ask('POST', '/v1/keys', { key, body: { name: 'x', scopes: ['keys:admin'] } })).status).toBe(403);
    const own = await http.ask('POST', '/v1/webhooks', { key, body: { url: 'https://pms.example/x' } });
    expect(own.json).toMatchObject({ property: 'north' });
  });
});

describe('the rate limit', () => {
  it('is told in every answer and refuses what is over it until the window ends', async () => {
    const small = await makeHttpFixture({ config: { rateLimit: { max: 2, windowSeconds: 10 } } });
    const first = await small.ask('GET', '/v1/sessions');
    expect(first.headers['ratelimit-policy']).toBe('"default";q=2;w=10');
    expect(first.headers['ratelimit']).toBe('"default";r=1;t=10');
    await small.clock.advance(4_000);
    await small.ask('GET', '/v1/sessions');
    const over = await small.ask('GET', '/v1/sessions');
    expect(over.status).toBe(429);
    expect(over.json).toMatchObject({ code: 'rate_limited', retryAfter: 6 });
    expect(over.headers['retry-after']).toBe('6');
    expect(over.headers['ratelimit']).toBe('"default";r=0;t=6');
    const other = await small.makeKey(['sessions:read']);
    expect((await small.ask('GET', '/v1/sessions', { key: other })).status).toBe(200);
    await small.clock.advance(6_000);
    expect((await small.ask('GET', '/v1/sessions')).status).toBe(200);
    await small.close();
  });
});
