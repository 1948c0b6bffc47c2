import http, { Agent, request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import { BellhopError } from '../../../src/core/errors.ts';
import { STOP_LIMIT_MS } from '../../../src/http/http-config.ts';
import { createHttpServer, type HttpServer } from '../../../src/http/http-server.ts';
import { ADMIN_KEY, type HttpFixture, makeHttpFixture, testHttpConfig } from '../../support/http-fixture.ts';
import { SseReader, talk } from '../../support/http-fixture-socket.ts';

let fixture: HttpFixture;
let server: HttpServer;
let port: number;

beforeEach(async () => {
  fixture = await makeHttpFixture();
  await fixture.seed();
  server = createHttpServer({ ...fixture.deps, clock: systemClock });
  const { url } = await server.start();
  port = Number(new URL(url).port);
});
afterEach(async () => {
  await server.stop();
  await fixture.close();
});

const auth = `authorization: Bearer ${ADMIN_KEY}\r\n`;

describe('the server', () => {
  it('says where it listens', async () => {
    const text = await talk(port, (socket) =>
      socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
    );
    expect(text).toContain('HTTP/1.1 200');
  });

  it('says that its port is in use', async () => {
    const second = createHttpServer({ ...fixture.deps, config: { ...testHttpConfig, port } });
    const error = await second.start().then(
      () => undefined,
      (caught: unknown) => caught,
    );
    expect(error).toBeInstanceOf(BellhopError);
    expect(error).toMatchObject({ code: 'port_in_use' });
    await second.stop();
  });

  it('says that its certificate cannot be read', async () => {
    const tls = { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' };
    const second = createHttpServer({ ...fixture.deps, config: { ...testHttpConfig, tls } });
    await expect(second.start()).rejects.toMatchObject({ code: 'config_invalid', pointer: 'server.tls.cert' });
  });

  it.each([
    ['what is not HTTP', 'hello there\r\n\r\n', 400, 'invalid_request'],
    ['a request without a host', 'GET /healthz HTTP/1.1\r\n\r\n', 400, ''],
    [
      'headers that are too large',
      `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(40_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'two lengths',
      'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}',
      400,
      'invalid_request',
    ],
    [
      'a length and chunks, as smugglers send',
      'POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'invalid_request',
    ],
  ])('answers %s and closes', async (_name, bytes, status, code) => {
    const text = await talk(port, (socket) => socket.write(bytes));
    expect(text).toContain(`HTTP/1.1 ${status}`);
    expect(text).toContain(code);
  });

  it.each([
    ['headers that dribble in', 'GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: '],
    [
      'a body that never comes',
      `POST /v1/messages HTTP/1.1\r\nhost: x\r\n${auth}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    ],
  ])('gives up %s', async (_name, bytes) => {
    const timeouts = { headersMs: 150, requestMs: 200, checkMs: 25 };
    const hasty = createHttpServer({
      ...fixture.deps,
      clock: systemClock,
      config: { ...fixture.deps.config, timeouts },
    });
    try {
      const { url } = await hasty.start();
      const text = await talk(Number(new URL(url).port), (socket) => socket.write(bytes));
      expect(text).toContain('HTTP/1.1 408');
      expect(text).toContain('request_timeout');
    } finally {
      await hasty.stop();
    }
  });

  it('answers pipelined requests in order', async () => {
    const get = (path: string, last: boolean): string =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\n${last ? 'connection: close\r\n' : ''}\r\n`;
    const text = await talk(port, (socket) =>
      socket.write(get('/healthz', false) + get('/nothing', false) + get('/readyz', true)),
    );
    expect([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1])).toEqual(['200', '404', '200']);
  });

  it('refuses a body that is longer than allowed before it has read it all', async () => {
    const text = await talk(port, (socket) =>
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nhost: x\r\n${auth}content-type: application/json\r\ncontent-length: 100000000\r\n\r\n{"a":"`,
      ),
    );
    expect(text).toContain('HTTP/1.1 413');
    expect(text).toContain('body_too_large');
  });

  it('refuses a stream of chunks that is longer than allowed', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const request = http.request(
        {
          port,
          method: 'POST',
          path: '/v1/messages',
          headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject);
      request.write('{"body":"');
      request.write('x'.repeat(1_100_000));
    });
    expect(status).toBe(413);
  });
});

describe('stop', () => {
  it('ends streams and lets a request under way finish', async () => {
    const stream = await SseReader.open(port);
    await stream.until(1, (frame) => frame.comment === 'connected');
    let release = (): void => undefined;
    fixture.engine.gate = new Promise((resolve) => {
      release = resolve;
    });
    const sent = fetch(`http://127.0.0.1:${port}/v1/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ channel: 'whatsapp', to: '+15551234567', body: 'x' }),
    });
    while (fixture.engine.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const stopped = server.stop();
    await stream.ended();
    release();
    expect((await sent).status).toBe(202);
    await stopped;
    await expect(talk(port, (socket) => socket.end())).rejects.toThrow(/ECONNREFUSED/);
  });

  it('does not wait for a kept connection that falls idle after the stop began', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    let release = (): void => undefined;
    fixture.engine.gate = new Promise((resolve) => {
      release = resolve;
    });
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, 'content-type': 'application/json' };
    const answered = new Promise<number>((resolve, reject) => {
      const sent = httpRequest({ port, host: '127.0.0.1', agent, method: 'POST', path: '/v1/messages', headers });
      sent.on('error', reject);
      sent.on('response', (response) => response.resume().on('end', () => resolve(response.statusCode ?? 0)));
      sent.end(JSON.stringify({ channel: 'whatsapp', to: '+15551234567', body: 'x' }));
    });
    while (fixture.engine.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    let isCut = false;
    const limit = systemClock.after(STOP_LIMIT_MS - 1_000, () => (isCut = true));
    const stopped = server.stop();
    release();
    expect(await answered).toBe(202);
    await stopped;
    limit.cancel();
    agent.destroy();
    expect(isCut).toBe(false);
  });

  it('may be called twice, and before start', async () => {
    await server.stop();
    await server.stop();
    await createHttpServer(fixture.deps).stop();
  });
});
