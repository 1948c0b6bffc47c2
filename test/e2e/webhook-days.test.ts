import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery, Webhook } from '../../src/engine/model/webhook.ts';
import type { Page } from '../../src/engine/ports/index.ts';
import { LinkedDaemon } from '../support/linked-daemon.ts';

/** What the hotel's system answers next; 200 when nothing is left. */
interface Script {
  status: number;
  headers?: Record<string, string>;
}

/** The hotel's own system on a bad day, seen from the built product. */
describe('a webhook whose endpoint', { timeout: 60_000 }, () => {
  const house = new LinkedDaemon();
  const script: Script[] = [];
  let bodies: string[] = [];
  const endpoint = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      const { status, headers = {} } = script.shift() ?? { status: 200 };
      if (status === 200) bodies.push(body);
      response.writeHead(status, headers).end();
    });
  });
  let port: number;
  let hook: Webhook;

  const listen = (at: number): Promise<number> =>
    new Promise((resolve) => {
      endpoint.listen(at, '127.0.0.1', () => resolve((endpoint.address() as AddressInfo).port));
    });
  const hush = (): Promise<void> =>
    new Promise((resolve) => {
      endpoint.close(() => resolve());
      endpoint.closeAllConnections();
    });
  const deliveries = async (): Promise<readonly Delivery[]> =>
    (await house.api.get<Page<Delivery>>(`/v1/webhooks/${hook.id}/deliveries?limit=50`)).body.data;
  const delivery = (isWanted: (one: Delivery) => boolean): Promise<Delivery> =>
    house.until(async () => (await deliveries()).find(isWanted));
  const arrived = (text: string): Promise<true> =>
    house.until(async () => (bodies.some((body) => body.includes(text)) ? true : undefined));

  beforeAll(async () => {
    port = await listen(0);
    await house.start('webhooks: { allowTargets: ["127.0.0.0/8"] }\n');
    await house.link('front-desk');
  }, 60_000);
  afterAll(async () => {
    await house.end();
    await hush();
  });
  beforeEach(async () => {
    bodies = [];
    script.length = 0;
    const { body } = await house.api.post<Webhook>('/v1/webhooks', {
      url: `http://127.0.0.1:${port}/hook`,
      types: ['message.received'],
    });
    hook = body;
  });

  it('cannot be reached is told so, and gets everything, in order, once it is back', async () => {
    await hush();
    await house.sandbox.say('katrin', 'away 1');
    await house.sandbox.say('katrin', 'away 2');
    const failed = await delivery(({ attempts }) => attempts === 1);
    expect(failed).toMatchObject({
      status: 'pending',
      lastStatus: null,
      lastError: expect.stringContaining('ECONNREFUSED'),
    });
    expect(Date.parse(failed.nextAttemptAt ?? '')).toBeGreaterThan(Date.parse(failed.lastAttemptAt ?? ''));
    await listen(port);
    await arrived('away 2');
    const order = bodies.map((body) => /away \d/.exec(body)?.[0]);
    expect(order).toEqual(['away 1', 'away 2']);
    await house.api.call('DELETE', `/v1/webhooks/${hook.id}`);
  });

  it('asks for patience is left alone for as long', async () => {
    const patienceS = 3_600;
    script.push({ status: 429, headers: { 'retry-after': String(patienceS) } });
    await house.sandbox.say('katrin', 'too fast');
    const put = await delivery(({ attempts }) => attempts === 1);
    expect(put).toMatchObject({ status: 'pending', lastStatus: 429 });
    const waitS = (Date.parse(put.nextAttemptAt ?? '') - Date.parse(put.lastAttemptAt ?? '')) / 1_000;
    expect(waitS).toBeGreaterThanOrEqual(patienceS);
    // A person knows better: it goes out at once.
    await house.api.post(`/v1/webhooks/${hook.id}/deliveries/${put.id}/redeliver`);
    await arrived('too fast');
    await house.api.call('DELETE', `/v1/webhooks/${hook.id}`);
  });

  it('says that it is gone is disabled with an event, loses nothing, and can be enabled again', async () => {
    script.push({ status: 410 });
    await house.sandbox.say('katrin', 'anybody?');
    const told = await house.api.waitForEvent(({ type }) => type === 'webhook.disabled');
    expect(JSON.stringify(told.data)).toContain(hook.id);
    const { body: disabled } = await house.api.get<Webhook>(`/v1/webhooks/${hook.id}`);
    expect(disabled).toMatchObject({ disabled: true, disabledReason: expect.stringContaining('410') });
    await house.sandbox.say('katrin', 'still here');
    await house.until(async () => ((await house.received()).includes('still here') ? true : undefined));
    expect(bodies).toEqual([]);
    await house.api.call('PATCH', `/v1/webhooks/${hook.id}`, { disabled: false });
    await arrived('still here');
    expect(bodies.map((body) => /anybody\?|still here/.exec(body)?.[0])).toEqual(['anybody?', 'still here']);
    await house.api.call('DELETE', `/v1/webhooks/${hook.id}`);
  });
});
