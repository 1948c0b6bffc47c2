import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine } from '../../../src/engine/engine.ts';
import { BASIS, CountingTelemetry, GUEST, testManifest } from '../../support/engine-fixture.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';
import { noPacing } from '../../support/no-pacing.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture({
    deps: (deps) => ({
      ...deps,
      engine: createEngine({
        store: deps.store,
        host: new FakeHost({ now: () => deps.clock.now() }),
        pacing: noPacing,
        manifests: new Map([['fake', testManifest()]]),
        channelConfigs: new Map(),
        clock: deps.clock,
        random: deps.random,
        log: deps.log,
        telemetry: new CountingTelemetry(),
      }).api,
    }),
  });
  await http.store.createSession({ id: 'front-desk', property: 'main', channel: 'fake', settings: {} });
  await http.store.recordSessionChange({
    sessionId: 'front-desk',
    state: 'stopped',
    reason: null,
    at: http.clock.now(),
    account: { address: '+15550000001' },
  });
});
afterEach(() => http.close());

const hello = { channel: 'fake', to: GUEST, body: 'Your room is ready.', basis: BASIS };
const send = (body: unknown, headers: Record<string, string> = {}) =>
  http.ask('POST', '/v1/messages', { body, headers });

describe('sending through the real engine and store', () => {
  it('answers 202 with a queued message that can be read back unchanged', async () => {
    const answer = await send(hello);
    expect(answer.status).toBe(202);
    const read = await http.ask('GET', `/v1/messages/${answer.json.id}`);
    expect(read.json).toMatchObject({ id: answer.json.id, body: hello.body, status: 'queued' });
  });

  it.each([
    ['an unknown channel', { ...hello, channel: 'pigeon' }, 422, 'unknown_channel'],
    ['a number that cannot be one', { ...hello, to: '12' }, 422, 'invalid_address'],
    ['no content', { channel: 'fake', to: GUEST, basis: BASIS }, 422, 'empty_message'],
    ['a text over the limit of the channel', { ...hello, body: 'x'.repeat(1_001) }, 422, 'body_too_long'],
    ['no basis', { ...hello, basis: undefined }, 422, 'no_basis'],
    ['a session that is not there', { ...hello, session: 'spa' }, 422, 'no_session'],
    [
      'media that is not there',
      { ...hello, attachments: [{ mediaId: 'med_00000000000000000000000000' }] },
      422,
      'media_not_found',
    ],
    [
      'content that the channel cannot carry',
      { channel: 'fake', to: GUEST, basis: BASIS, poll: { question: 'a', options: ['b', 'c'] } },
      422,
      'unsupported_content',
    ],
    ['nothing at all', {}, 400, 'invalid_request'],
  ])('refuses %s', async (_name, body, status, code) => {
    const answer = await send(body);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(answer.json['instance']).toBe(answer.headers['x-request-id']);
  });

  it('accepts once under an idempotency key, also at the same time', async () => {
    const headers = { 'idempotency-key': 'once' };
    const answers = await Promise.all([send(hello, headers), send(hello, headers), send(hello, headers)]);
    const good = answers.filter((answer) => answer.status === 202);
    expect(good.length).toBeGreaterThan(0);
    expect(new Set(good.map((answer) => answer.text)).size).toBe(1);
    expect((await send(hello, headers)).text).toBe(good[0]?.text);
    expect((await http.store.figures(http.clock.now())).queued[0]?.count).toBe(1);
  });

  it('keeps what is good in a batch', async () => {
    const messages = [hello, { ...hello, channel: 'pigeon' }, { body: 1 }, { ...hello, body: 'Second' }];
    const answer = await http.ask('POST', '/v1/messages/batch', { body: { messages } });
    expect(answer.status).toBe(202);
    expect(answer.json.results.map((one) => (one['status'] === 'queued' ? 'queued' : one.code))).toEqual([
      'queued',
      'unknown_channel',
      'invalid_request',
      'queued',
    ]);
  });
});
