import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpFixture, type Method, makeHttpFixture } from '../../support/http-fixture.ts';

const RUNS = 600;

let http: HttpFixture;
let ids: string[];
beforeAll(async () => {
  http = await makeHttpFixture({ config: { rateLimit: { max: 1_000_000, windowSeconds: 3_600 } } });
  const { message, conversation } = await http.seed();
  const hook = await http.ask('POST', '/v1/webhooks', { body: { url: 'https://pms.example/x' } });
  ids = [message.id, conversation.id, conversation.guests[0]?.id ?? '', hook.json.id, 'front-desk'];
  http.engine.link = {
    sessionId: 'front-desk',
    step: { type: 'display', display: 'qr', data: 'x', expiresAt: http.clock.now() },
  };
});
afterAll(() => http.close());

/** Names that mean something somewhere, so that wrong values reach the depths. */
const names = fc.constantFrom(
  'channel',
  'to',
  'body',
  'attachments',
  'mediaId',
  'location',
  'latitude',
  'longitude',
  'contacts',
  'poll',
  'metadata',
  'sendAt',
  'messages',
  'emoji',
  'participants',
  'seq',
  'on',
  'settings',
  'id',
  'code',
  'method',
  'url',
  'types',
  'disabled',
  'after',
  'name',
  'scopes',
  'property',
  'guestId',
  'notes',
  'language',
  'replyTo',
  'conversationId',
  'basis',
  'kind',
);
const leaf = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom(
    'whatsapp',
    '+15551234567',
    '',
    '*',
    'message.*',
    '../..',
    '\u0000',
    '2026-03-04T15:00:00.000Z',
    '1e309',
  ),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -1, 0, 1e308),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof({ weight: 4, arbitrary: names }, { weight: 1, arbitrary: fc.string({ maxLength: 12 }) }),
      tie('tree'),
      {
        maxKeys: 6,
      },
    ),
  ),
}));
const object = fc.dictionary(names, tree, { maxKeys: 6 });
const queryText = fc.array(
  fc.tuple(
    fc.constantFrom('limit', 'cursor', 'after', 'types', 'q', 'fromSeq', 'toSeq', 'status', 'unread', 'session'),
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('1', '-1', '1e9', 'true', 'message.*', 'bnVsbA'),
    ),
  ),
  { maxLength: 3 },
);
const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

describe('whatever is sent to any route', () => {
  it('is never answered with a 5xx, and every refusal is a problem with a code', async () => {
    const routes = http.app.routes.all().filter((route) => !['/v1/events/stream', '/v1/media'].includes(route.url));
    const codes = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...routes),
        fc.oneof({ weight: 5, arbitrary: object }, { weight: 1, arbitrary: tree }),
        queryText,
        fc.array(
          fc.oneof(
            { weight: 3, arbitrary: fc.nat(4) },
            { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 20 }) },
          ),
          { minLength: 2, maxLength: 2 },
        ),
        fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
        async (route, body, query, places, idempotencyKey) => {
          let place = 0;
          const path = route.url.replace(/:\w+/g, () => {
            const chosen = places[place++ % places.length] ?? '';
            return encodeURIComponent(typeof chosen === 'number' ? (ids[chosen] ?? '') : chosen);
          });
          const search = new URLSearchParams(query.filter(([, value]) => isWellFormed(value))).toString();
          const headers: Record<string, string> = {};
          if (idempotencyKey !== undefined && /^[\x20-\x7e]*$/.test(idempotencyKey))
            headers['idempotency-key'] = idempotencyKey;
          const answer = await http.ask(route.method as Method, `${path}?${search}`, {
            ...(route.method === 'GET' ? {} : { body: body ?? 'null' }),
            headers,
          });
          codes.set(answer.status, (codes.get(answer.status) ?? 0) + 1);
          if (answer.status < 400) return;
          expect([path, answer.status, answer.json.code]).not.toContain('internal_error');
          expect(answer.status).toBeLessThan(500);
          expect(answer.json).toMatchObject({ code: expect.any(String), remedy: expect.any(String) });
        },
      ),
      { numRuns: RUNS },
    );
    expect(codes.get(200)).toBeGreaterThan(0);
    expect(codes.get(400)).toBeGreaterThan(0);
    expect(codes.get(404)).toBeGreaterThan(0);
  });

  it('as raw bytes is never answered with a 5xx', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.json().map((text) => Buffer.from(text.slice(0, -1))),
    );
    const types = fc.constantFrom(
      'application/json',
      'application/json; charset=latin1',
      'multipart/form-data; boundary=x',
      'text/plain',
      '',
    );
    const targets = fc.constantFrom('/v1/messages', '/v1/messages/batch', '/v1/media', '/v1/sessions', '/v1/keys');
    await fc.assert(
      fc.asyncProperty(bytes, types, targets, async (payload, type, url) => {
        const answer = await http.ask('POST', url, { payload, headers: type === '' ? {} : { 'content-type': type } });
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: RUNS },
    );
  });
});
