import { existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LinkedDaemon } from '../support/linked-daemon.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const GUEST = '+491713920010';

describe('bad requests to the running product', { timeout: 60_000 }, () => {
  const house = new LinkedDaemon();

  beforeAll(async () => {
    await house.start();
    await house.link('front-desk');
  }, 60_000);
  afterAll(() => house.end());

  const ask = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${house.api.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${LinkedDaemon.key}`, ...(body === undefined ? {} : JSON_TYPE), ...headers },
      ...(body === undefined ? {} : { body }),
    });
    const { code } = (await answer.json()) as { code: string };
    return `${answer.status} ${code}`;
  };
  const send = (message: unknown): Promise<string> => ask('POST', '/v1/messages', JSON.stringify(message));
  const good = { channel: 'whatsapp', to: GUEST, body: 'x', basis: { reservation: 'R-1', consent: 'asked' } };

  it('answers each wrong message with its own code', async () => {
    expect(await ask('POST', '/v1/messages', '{"channel":')).toBe('400 malformed_json');
    expect(await ask('POST', '/v1/messages', `${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toMatch(/^4\d\d /);
    expect(await ask('POST', '/v1/messages', 'x'.repeat(1_100_000))).toBe('413 body_too_large');
    expect(await send({ ...good, body: 5 })).toBe('400 invalid_request');
    expect(await send({ ...good, channel: 'pigeon' })).toBe('422 unknown_channel');
    expect(await send({ ...good, to: '+4915' })).toBe('422 invalid_address');
    expect(await send({ ...good, body: 'x'.repeat(70_000) })).toBe('422 body_too_long');
    expect(await send({ ...good, basis: undefined })).toBe('422 no_basis');
    const batch = JSON.stringify({ messages: Array.from({ length: 51 }, () => good) });
    expect(await ask('POST', '/v1/messages/batch', batch)).toBe('422 batch_too_large');
  });

  it('lets no session id out of its folder', async () => {
    for (const id of ['../etc', '..', 'a/b', 'a\u0000b', 'x'.repeat(300), 'Empfang-ü', '']) {
      const body = JSON.stringify({ id, channel: 'whatsapp' });
      expect(await ask('POST', '/v1/sessions', body)).toMatch(/^4\d\d (invalid_session_id|invalid_request)$/);
      expect(await ask('GET', `/v1/sessions/${encodeURIComponent(id)}/timeline`)).toMatch(/^4\d\d /);
    }
    expect(await ask('GET', '/v1/sessions/%2e%2e%2f%2e%2e%2fetc')).toMatch(/^4\d\d /);
    const files = readdirSync(join(house.dir.path, 'sessions')).filter((name) => name.endsWith('.vault'));
    expect(files).toEqual(['front-desk.vault']);
  });

  it('guards webhooks and keys', async () => {
    for (const url of ['http://127.0.0.1:1/x', 'http://169.254.169.254/latest', 'http://[::1]/x']) {
      const body = JSON.stringify({ url, types: ['message.*'] });
      expect(await ask('POST', '/v1/webhooks', body)).toBe('422 webhook_target_forbidden');
    }
    expect(await ask('GET', '/v1/sessions', undefined, { authorization: 'Bearer wrong' })).toBe('401 unauthenticated');
    expect(await ask('GET', '/v1/sessions', undefined, { 'x-long': 'x'.repeat(20_000) })).toBe('431 headers_too_large');
  });

  it('keeps nothing of an upload that stops half way', async () => {
    const { port } = new URL(house.api.url);
    const head = '--b\r\ncontent-disposition: form-data; name="file"; filename="a.png"\r\n\r\n';
    await new Promise<void>((done) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(
          `POST /v1/media HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${LinkedDaemon.key}\r\ncontent-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n${head}${'x'.repeat(5_000)}`,
          () => socket.end(),
        );
      });
      socket.resume().once('close', () => done());
    });
    const media = join(house.dir.path, 'data/media');
    const files = (): string[] =>
      !existsSync(media)
        ? []
        : readdirSync(media, { recursive: true, withFileTypes: true }).flatMap((entry) =>
            entry.isFile() ? [entry.name] : [],
          );
    await house.until(async () => (files().length === 0 ? true : undefined));
    expect(await send(good)).toMatch(/^202 /);
  });
});
