import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { DeliveryJob } from '../../../src/engine/ports/index.ts';
import { AddressPolicy } from '../../../src/webhooks/address-policy.ts';
import { createWebhookSender, type WebhookSender } from '../../../src/webhooks/sender.ts';

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const item of open.splice(0)) await item.close();
});

async function receiver(
  handle: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<string> {
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString('utf8');
    });
    request.on('end', () => handle(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))),
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function sender(
  options: { allow?: string[]; timeoutMs?: number; lookup?: Parameters<typeof createWebhookSender>[0]['lookup'] } = {},
): WebhookSender {
  const made = createWebhookSender({
    policy: new AddressPolicy(options.allow ?? ['127.0.0.0/8']),
    clock: systemClock,
    timeoutMs: options.timeoutMs ?? 5_000,
    userAgent: 'Bellhop/test',
    ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
  });
  open.push(made);
  return made;
}

const job = (url: string, body = '{"type":"message.received","data":{"text":"Zimmer frei? 🛎"}}'): DeliveryJob => ({
  deliveryId: 'dlv_1',
  webhookId: 'whk_1',
  url,
  secret,
  eventId: 'evt_1',
  eventType: 'message.received',
  body,
  attempts: 0,
  createdAt: 0,
});

describe('sending a webhook', () => {
  it('is signed so that the Standard Webhooks reference verifies the exact bytes', async () => {
    let verified: unknown;
    const url = await receiver((request, response, body) => {
      verified = new Webhook(secret).verify(body, request.headers as Record<string, string>);
      response.end();
    });
    await expect(sender().send(job(`${url}/hook?tenant=7`))).resolves.toEqual({
      type: 'answered',
      status: 200,
      retryAfterMs: null,
    });
    expect(verified).toMatchObject({ data: { text: 'Zimmer frei? 🛎' } });
  });

  it('does not follow redirects', async () => {
    let hits = 0;
    const url = await receiver((_, response) => {
      hits += 1;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    await expect(sender().send(job(url))).resolves.toMatchObject({ status: 302 });
    expect(hits).toBe(1);
  });

  it('lets no byte out to a literal that is not allowed', async () => {
    let hits = 0;
    const url = await receiver((_, response) => {
      hits += 1;
      response.end();
    });
    await expect(sender({ allow: [] }).send(job(url))).resolves.toEqual({ type: 'blocked' });
    expect(hits).toBe(0);
  });

  it('checks the address that a name resolves to when it connects', async () => {
    let hits = 0;
    const url = await receiver((_, response) => {
      hits += 1;
      response.end();
    });
    const rebound = sender({
      allow: [],
      lookup: (_, options, callback) => {
        if (options.all === true) callback(null, [{ address: '127.0.0.1', family: 4 }]);
        else callback(null, '127.0.0.1', 4);
      },
    });
    await expect(rebound.send(job(url.replace('127.0.0.1', 'pms.example')))).resolves.toEqual({ type: 'blocked' });
    expect(hits).toBe(0);
  });

  it('reports Retry-After', async () => {
    const url = await receiver((_, response) => response.writeHead(429, { 'retry-after': '7' }).end());
    await expect(sender().send(job(url))).resolves.toEqual({ type: 'answered', status: 429, retryAfterMs: 7_000 });
  });

  it('names what failed without repeating the URL', async () => {
    await expect(sender().send(job('http://127.0.0.1:1/?token=secret'))).resolves.toEqual({
      type: 'failed',
      reason: 'connection refused: nothing listens there (ECONNREFUSED)',
    });
  });

  it('gives up on a receiver that hangs', async () => {
    const url = await receiver(() => undefined);
    await expect(sender({ timeoutMs: 50 }).send(job(url))).resolves.toMatchObject({ type: 'failed' });
  });

  it('takes the status of an answer whose body never ends', async () => {
    const url = await receiver((_, response) => {
      response.writeHead(200);
      const flood = (): void => {
        if (!response.destroyed && response.write('x'.repeat(16_384))) setImmediate(flood);
        else response.once('drain', flood);
      };
      flood();
    });
    await expect(sender().send(job(url))).resolves.toMatchObject({ type: 'answered', status: 200 });
  });
});
