import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { type HttpFixture, type Method, makeHttpFixture } from '../../support/http-fixture.ts';

let http: HttpFixture;
beforeEach(async () => {
  http = await makeHttpFixture();
});
afterEach(() => http.close());

/** One real request for each JSON answer that a route declares; `operationId status` → what was asked. */
async function askEverything(): Promise<Map<string, { status: number; json: unknown }>> {
  const { message, conversation } = await http.seed();
  const second = await http.seed({ networkId: 'N2', number: '+15550001111' });
  const guest = conversation.guests[0]?.id;
  const other = second.conversation.guests[0]?.id;
  const hook = await http.ask('POST', '/v1/webhooks', { body: { url: 'https://pms.example/x' } });
  const delivery = await http.ask('POST', `/v1/webhooks/${hook.json.id}/test`);
  const cursor = (await http.ask('GET', '/v1/events')).json.data[0]?.['cursor'];
  http.engine.link = {
    sessionId: 'front-desk',
    step: { type: 'display', display: 'qr', data: '2@abc', expiresAt: http.clock.now() },
  };
  const sent = await http.ask('POST', '/v1/messages', { body: { channel: 'whatsapp', to: '+15551234567', body: 'x' } });
  const queued = sent.json.id;
  const heldBy = { rule: 'unanswered', until: null, detail: 'No answer.' };
  await http.store.notePlans([{ messageId: queued, at: null, heldBy, isHeld: false }]);
  const asked: [string, Method, string, unknown?][] = [
    ['sendMessage', 'POST', '/v1/messages', { channel: 'whatsapp', to: '+15551234567', body: 'x' }],
    [
      'sendMessages',
      'POST',
      '/v1/messages/batch',
      { messages: [{ channel: 'whatsapp', to: '+15551234567', body: 'x' }, 1] },
    ],
    ['getMessage', 'GET', `/v1/messages/${message.id}`],
    ['editMessage', 'PATCH', `/v1/messages/${message.id}`, { body: 'y' }],
    ['reactToMessage', 'POST', `/v1/messages/${message.id}/reactions`, { emoji: '👍' }],
    ['releaseMessage', 'POST', `/v1/messages/${queued}/release`],
    ['deleteMessage', 'DELETE', `/v1/messages/${queued}`],
    ['listConversations', 'GET', `/v1/conversations?channel=whatsapp&session=front-desk&guestId=${guest}&q=Ada`],
    ['createConversation', 'POST', '/v1/conversations', { channel: 'whatsapp', participants: ['+15551234567'] }],
    ['createConversation', 'POST', '/v1/conversations', { channel: 'whatsapp', participants: ['+15557654321'] }],
    ['getConversation', 'GET', `/v1/conversations/${conversation.id}`],
    ['listConversationEvents', 'GET', `/v1/conversations/${conversation.id}/events?fromSeq=1&limit=1`],
    ['markRead', 'POST', `/v1/conversations/${conversation.id}/read`],
    ['setTyping', 'POST', `/v1/conversations/${conversation.id}/typing`, { on: true }],
    ['listGuests', 'GET', '/v1/guests?q=555'],
    ['getGuest', 'GET', `/v1/guests/${guest}`],
    ['updateGuest', 'PATCH', `/v1/guests/${guest}`, { notes: 'Vegetarian', language: 'de' }],
    ['recordConsent', 'POST', `/v1/guests/${guest}/consent`, { state: 'opted_out', note: 'By phone' }],
    ['listConsents', 'GET', `/v1/guests/${guest}/consent`],
    ['mergeGuests', 'POST', `/v1/guests/${guest}/merge`, { guestId: other }],
    ['listSessions', 'GET', '/v1/sessions'],
    ['listProcesses', 'GET', '/v1/processes'],
    ['renewProcesses', 'POST', '/v1/sessions/renew'],
    ['listAlerts', 'GET', '/v1/alerts?open=true'],
    ['listAlertWays', 'GET', '/v1/alerts/ways'],
    ['testAlerts', 'POST', '/v1/alerts/test'],
    ['listVersions', 'GET', '/v1/versions'],
    ['pinVersion', 'PATCH', '/v1/versions/whatsapp/2.3000.1', { pinned: true }],
    ['createSession', 'POST', '/v1/sessions', { id: 'spa', channel: 'whatsapp' }],
    ['getSession', 'GET', '/v1/sessions/front-desk'],
    ['updateSession', 'PATCH', '/v1/sessions/front-desk', { settings: { greeting: true } }],
    ['listTimeline', 'GET', '/v1/sessions/front-desk/timeline'],
    ['startSession', 'POST', '/v1/sessions/front-desk/start'],
    ['stopSession', 'POST', '/v1/sessions/front-desk/stop'],
    ['restartSession', 'POST', '/v1/sessions/front-desk/restart'],
    ['beginLink', 'POST', '/v1/sessions/front-desk/link', { method: 'qr' }],
    ['getLink', 'GET', '/v1/sessions/front-desk/link'],
    ['answerLink', 'POST', '/v1/sessions/front-desk/link/answer', { code: '123' }],
    ['deleteSession', 'DELETE', '/v1/sessions/spa'],
    ['listEvents', 'GET', '/v1/events?types=message.*,guest.created'],
    ['listWebhooks', 'GET', '/v1/webhooks'],
    ['createWebhook', 'POST', '/v1/webhooks', { url: 'https://pms.example/y', types: ['message.*'] }],
    ['getWebhook', 'GET', `/v1/webhooks/${hook.json.id}`],
    ['updateWebhook', 'PATCH', `/v1/webhooks/${hook.json.id}`, { description: 'PMS' }],
    ['testWebhook', 'POST', `/v1/webhooks/${hook.json.id}/test`],
    ['listDeliveries', 'GET', `/v1/webhooks/${hook.json.id}/deliveries?status=pending`],
    ['redeliver', 'POST', `/v1/webhooks/${hook.json.id}/deliveries/${delivery.json.id}/redeliver`],
    ['replayEvents', 'POST', `/v1/webhooks/${hook.json.id}/replay`, { after: cursor }],
    ['deleteWebhook', 'DELETE', `/v1/webhooks/${hook.json.id}`],
    ['createKey', 'POST', '/v1/keys', { name: 'pms', scopes: ['messages:send'] }],
    ['listKeys', 'GET', '/v1/keys'],
    ['isAlive', 'GET', '/healthz'],
    ['isReady', 'GET', '/readyz'],
    ['getDescription', 'GET', '/openapi.json'],
  ];
  const answers = new Map<string, { status: number; json: unknown }>();
  const upload = await http.ask('POST', '/v1/media', {
    payload: '--e\r\ncontent-disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhello\r\n--e--\r\n',
    headers: { 'content-type': 'multipart/form-data; boundary=e' },
  });
  answers.set(`uploadMedia ${upload.status}`, upload);
  for (const [operation, method, url, body] of asked) {
    const answer = await http.ask(method, url, body === undefined ? {} : { body });
    answers.set(`${operation} ${answer.status}`, { status: answer.status, json: answer.json });
  }
  return answers;
}

describe('real answers', () => {
  it('have the shape that the description shows, for every route', async () => {
    const answers = await askEverything();
    const missing: string[] = [];
    for (const { doc } of http.app.routes.all()) {
      for (const [status, { schema }] of Object.entries(doc.answers)) {
        if (schema === undefined || status === '503') continue;
        const answer = answers.get(`${doc.operationId} ${status}`);
        if (answer === undefined) missing.push(`${doc.operationId} ${status}`);
        else check(doc.operationId, schema, answer.json);
      }
    }
    const unexpected = [...answers.keys()].filter((name) => Number(name.split(' ')[1]) >= 400);
    expect({ missing, unexpected }).toEqual({ missing: [], unexpected: [] });
  });
});

function check(operation: string, schema: z.ZodType, json: unknown): void {
  const result = schema.safeParse(json);
  expect([operation, result.error?.issues ?? []]).toEqual([operation, []]);
  // nothing is answered that the description does not show
  expect([operation, result.data]).toEqual([operation, json]);
}
