import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SendError } from '../../../src/connector-api/index.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { message } from '../../../src/engine/model/message.ts';
import { batchAnswer } from '../../../src/http/schemas/message-request.ts';
import { type HttpFixture, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
  await http.seed();
});
afterEach(() => http.close());

const hello = { channel: 'whatsapp', to: '+15551234567', body: 'Your room is ready.' };

describe('POST /v1/messages', () => {
  it('answers 202 with the message that was stored', async () => {
    const answer = await http.ask('POST', '/v1/messages', { body: hello });
    expect(answer.status).toBe(202);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(message.parse(answer.json)).toMatchObject({ body: hello.body, status: 'queued', direction: 'outbound' });
    expect(await http.store.getMessage(answer.json.id, null)).toMatchObject({ body: hello.body });
  });

  it('hands over formatting, buttons and several files, and shows what was stored', async () => {
    const rich = {
      ...hello,
      entities: [{ type: 'link', offset: 5, length: 4, url: 'https://hotel.example/room' }],
      buttons: [{ id: 'late', label: 'Late check-out' }],
    };
    const answer = await http.ask('POST', '/v1/messages', { body: rich });
    expect(message.parse(answer.json)).toMatchObject({ entities: rich.entities, buttons: rich.buttons, button: null });
    expect(http.engine.calls[0]?.input).toMatchObject({ request: rich });
    const media = `med_${'0'.repeat(26)}`;
    const attachments = [{ mediaId: media, videoNote: true }, { mediaId: media }];
    await http.ask('POST', '/v1/messages', { body: { ...hello, attachments } });
    expect(http.engine.calls[1]?.input).toMatchObject({ request: { attachments } });
  });

  it('gives the engine times as epoch milliseconds', async () => {
    await http.ask('POST', '/v1/messages', { body: { ...hello, sendAt: '2026-03-05T10:00:00+02:00' } });
    expect(http.engine.calls[0]?.input).toMatchObject({ request: { sendAt: Date.UTC(2026, 2, 5, 8) } });
  });

  it.each([
    ['an unknown field', { ...hello, text: 'x' }, 'text'],
    ['a wrong type', { ...hello, body: 7 }, 'body'],
    ['a field that is planned', { ...hello, fallback: ['sms'] }, 'fallback'],
    ['an attachment without a source', { ...hello, attachments: [{ caption: 'x' }] }, 'attachments[0]'],
    [
      'an attachment with two sources',
      { ...hello, attachments: [{ mediaId: `med_${'0'.repeat(26)}`, url: 'https://pms.example/a.pdf' }] },
      'attachments[0]',
    ],
    ['a bad id inside an array', { ...hello, attachments: [{ mediaId: '../x' }] }, 'attachments[0].mediaId'],
    ['formatting of no kind', { ...hello, entities: [{ type: 'blink', offset: 0, length: 1 }] }, 'entities[0].type'],
    ['formatting of nothing', { ...hello, entities: [{ type: 'bold', offset: 0, length: 0 }] }, 'entities[0].length'],
    ['a button without a label', { ...hello, buttons: [{ id: 'yes', label: '' }] }, 'buttons[0].label'],
    ['a button id that networks cannot carry', { ...hello, buttons: [{ id: 'später', label: 'x' }] }, 'buttons[0].id'],
    [
      'votes in a new poll',
      { channel: 'whatsapp', to: '+1', poll: { question: '?', options: ['a', 'b'], votes: [] } },
      'poll.votes',
    ],
    ['a session id that is a path', { ...hello, session: '../../etc' }, 'session'],
    ['a bad time', { ...hello, sendAt: 'tomorrow' }, 'sendAt'],
    ['an unknown urgency', { ...hello, urgency: 'now' }, 'urgency'],
    [
      'a latitude that is none',
      { channel: 'whatsapp', to: '+1', location: { latitude: 91, longitude: 0 } },
      'location.latitude',
    ],
  ])('refuses %s and points at it', async (_name, body, pointer) => {
    const answer = await http.ask('POST', '/v1/messages', { body });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'invalid_request', pointer });
    expect(answer.json.detail).toMatch(/\./);
    expect(http.engine.calls).toHaveLength(0);
  });

  it("never repeats the caller's value in a problem", async () => {
    const answer = await http.ask('POST', '/v1/messages', {
      body: { ...hello, to: ['+15559998877'], body: 'secret words' },
    });
    expect(answer.status).toBe(400);
    expect(answer.text).not.toMatch(/9998877|secret/);
  });

  it('says the errors of the engine as problems', async () => {
    http.engine.failure = new BellhopError('no_basis', { pointer: 'basis' });
    const answer = await http.ask('POST', '/v1/messages', { body: hello });
    expect(answer.status).toBe(422);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json).toMatchObject({
      code: 'no_basis',
      status: 422,
      pointer: 'basis',
      instance: answer.headers['x-request-id'],
    });
    expect(answer.json.remedy).not.toBe('');
  });

  it('gives a repeat with the same idempotency key the same answer, once', async () => {
    const headers = { 'idempotency-key': 'booking-17' };
    const first = await http.ask('POST', '/v1/messages', { body: hello, headers });
    const second = await http.ask('POST', '/v1/messages', { body: hello, headers });
    expect(second.status).toBe(202);
    expect(second.text).toBe(first.text);
    const other = await http.ask('POST', '/v1/messages', { body: { ...hello, body: 'Other' }, headers });
    expect(other.status).toBe(422);
    expect(other.json.code).toBe('idempotency_key_reused');
  });

  it.each(['', 'x'.repeat(256), 'schlüssel'])('refuses the idempotency key %j', async (key) => {
    const answer = await http.ask('POST', '/v1/messages', { body: hello, headers: { 'idempotency-key': key } });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: 'invalid_request', pointer: 'Idempotency-Key' });
  });
});

describe('POST /v1/messages/batch', () => {
  it('judges each message alone, in order', async () => {
    const messages = [hello, { ...hello, body: 7 }, { ...hello, body: 'Third' }];
    const answer = await http.ask('POST', '/v1/messages/batch', { body: { messages } });
    expect(answer.status).toBe(202);
    batchAnswer.parse(answer.json);
    expect(answer.json.results).toHaveLength(3);
    expect(answer.json.results[0]).toMatchObject({ body: hello.body });
    expect(answer.json.results[1]).toMatchObject({ code: 'invalid_request', pointer: 'body' });
    expect(answer.json.results[2]).toMatchObject({ body: 'Third' });
  });

  it('takes 50 messages and refuses 51', async () => {
    const fifty = Array.from({ length: 50 }, () => hello);
    expect((await http.ask('POST', '/v1/messages/batch', { body: { messages: fifty } })).json.results).toHaveLength(50);
    const answer = await http.ask('POST', '/v1/messages/batch', { body: { messages: [...fifty, hello] } });
    expect(answer.status).toBe(422);
    expect(answer.json.code).toBe('batch_too_large');
  });

  it('refuses an empty batch', async () => {
    const answer = await http.ask('POST', '/v1/messages/batch', { body: { messages: [] } });
    expect(answer.json).toMatchObject({ code: 'invalid_request', pointer: 'messages' });
  });
});

describe('one message', () => {
  it('is read, edited, reacted to and cancelled', async () => {
    const { id } = (await http.ask('POST', '/v1/messages', { body: hello })).json;
    expect((await http.ask('GET', `/v1/messages/${id}`)).json).toMatchObject({ id });
    expect((await http.ask('PATCH', `/v1/messages/${id}`, { body: { body: 'New' } })).status).toBe(200);
    expect((await http.ask('POST', `/v1/messages/${id}/reactions`, { body: { emoji: '' } })).status).toBe(200);
    expect(http.engine.calls.slice(1).map((call) => call.command)).toEqual(['edit', 'react']);
    const gone = await http.ask('DELETE', `/v1/messages/${id}`);
    expect(gone.json).toMatchObject({ id, status: 'cancelled' });
    expect((await http.ask('DELETE', `/v1/messages/${id}`)).json.code).toBe('message_not_queued');
  });

  it('is not found under an id that does not or cannot exist', async () => {
    for (const id of ['msg_00000000000000000000000000', 'nonsense', '%2e%2e%2fetc', 'a'.repeat(150)]) {
      const answer = await http.ask('GET', `/v1/messages/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.json.code).toBe('not_found');
    }
  });
});

describe('a change that the network refuses', () => {
  it('is answered with its code and its wait', async () => {
    const { json } = await http.ask('POST', '/v1/messages', { body: hello });
    http.engine.failure = new SendError('rate_limited', {
      certainty: 'not_sent',
      retryable: true,
      retryAfterMs: 30_500,
      nativeCode: 'FLOOD_WAIT_31',
    });
    const answer = await http.ask('PATCH', `/v1/messages/${json.id}`, { body: { body: 'Better.' } });
    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('31');
    expect(answer.json).toMatchObject({ code: 'rate_limited', detail: "The network's code: FLOOD_WAIT_31." });
  });
});
