import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { ADMIN_KEY, type HttpFixture, makeHttpFixture, typingEvent } from '../../support/http-fixture.ts';
import { listen, talk } from '../../support/http-fixture-socket.ts';
import { settle } from '../../support/virtual-clock.ts';

let http: HttpFixture;
let port: number;
beforeEach(async () => {
  http = await makeHttpFixture();
  port = await listen(http);
});
afterEach(() => http.close());

interface Frame {
  readonly type: string;
  readonly cursor?: string | null;
  readonly problem?: { readonly code: string };
}

/** A client that keeps what it was sent. */
class Client {
  readonly socket: WebSocket;
  readonly frames: Frame[] = [];

  constructor(path = '/v1/ws', key = ADMIN_KEY) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${key}` } });
    this.socket.on('message', (data: Buffer) => this.frames.push(JSON.parse(data.toString('utf8')) as Frame));
    this.socket.on('error', () => undefined);
  }

  async until(wanted: (frame: Frame) => boolean, count = 1): Promise<Frame[]> {
    for (;;) {
      const found = this.frames.filter(wanted);
      if (found.length >= count) return found;
      await settle(1);
    }
  }

  /** The HTTP status with which the server refused to upgrade. */
  refused(): Promise<number> {
    return new Promise((resolve) => {
      this.socket.once('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0);
        response.resume();
      });
    });
  }

  closed(): Promise<number> {
    return new Promise((resolve) => this.socket.once('close', resolve));
  }
}

const ready = (frame: Frame): boolean => frame.type === 'stream.ready';

describe('the WebSocket', () => {
  it('says where it begins, then sends each event as it happens', async () => {
    await http.seed();
    const client = new Client();
    const [first] = await client.until(ready);
    expect(first?.cursor).toBe(await http.store.lastCursor());
    await http.seed({ networkId: 'N2', body: 'Late arrival' });
    await client.until((frame) => frame.type === 'message.received');
    expect(JSON.stringify(client.frames)).toContain('Late arrival');
    client.socket.terminate();
  });

  it('resumes after a cursor without a gap', async () => {
    for (let index = 0; index < 20; index += 1) await http.seed({ networkId: `N${index}` });
    const { data } = await http.store.listEvents({ property: null, limit: 100 });
    const client = new Client(`/v1/ws?after=${data[0]?.cursor}`);
    const frames = await client.until((frame) => !ready(frame), data.length - 1);
    expect(frames.map((frame) => frame.cursor)).toEqual(data.slice(1).map((event) => event.cursor));
    client.socket.terminate();
  });

  it('sends only the types asked for, stored and live', async () => {
    const client = new Client('/v1/ws?types=message.*,presence.typing');
    await client.until(ready);
    while (http.engine.listeners === 0) await settle(1);
    http.engine.publish(typingEvent('main'));
    await http.seed();
    await client.until((frame) => frame.type === 'message.received');
    expect(client.frames.map((frame) => frame.type)).toEqual(['stream.ready', 'presence.typing', 'message.received']);
    client.socket.terminate();
  });

  it('sends typing of its own property, and passes on what the client types', async () => {
    const { conversation } = await http.seed();
    const client = new Client();
    await client.until(ready);
    while (http.engine.listeners === 0) await settle(1);
    http.engine.publish(typingEvent('main'));
    await client.until((frame) => frame.type === 'presence.typing');
    client.socket.send(JSON.stringify({ type: 'typing', conversationId: conversation.id, on: true }));
    while (http.engine.calls.length === 0) await settle(1);
    expect(http.engine.calls[0]).toMatchObject({ command: 'setTyping', input: { id: conversation.id, on: true } });
    client.socket.terminate();
  });

  it.each([
    ['no JSON', 'hello', 'malformed_json'],
    ['another command', '{"type":"send"}', 'invalid_request'],
    ['a prototype key', '{"__proto__":{}}', 'invalid_request'],
  ])('answers %s with a problem and stays open', async (_name, text, code) => {
    const client = new Client();
    await client.until(ready);
    client.socket.send(text);
    const [frame] = await client.until((one) => one.type === 'stream.problem');
    expect(frame?.problem?.code).toBe(code);
    expect(client.socket.readyState).toBe(WebSocket.OPEN);
    client.socket.terminate();
  });

  it('does not let a key without messages:send type', async () => {
    const { conversation } = await http.seed();
    const client = new Client('/v1/ws', await http.makeKey(['messages:read']));
    await client.until(ready);
    client.socket.send(JSON.stringify({ type: 'typing', conversationId: conversation.id, on: true }));
    const [frame] = await client.until((one) => one.type === 'stream.problem');
    expect(frame?.problem?.code).toBe('forbidden');
    expect(http.engine.calls).toHaveLength(0);
    client.socket.terminate();
  });

  it('closes on a frame that is too large', async () => {
    const client = new Client();
    await client.until(ready);
    const closed = client.closed();
    client.socket.send('x'.repeat(10_000));
    expect(await closed).toBe(1009);
  });

  it('is refused without a key, without the scope, with a bad cursor and on other paths', async () => {
    expect(await new Client('/v1/ws', 'wrong').refused()).toBe(401);
    expect(await new Client('/v1/ws', await http.makeKey(['guests:read'])).refused()).toBe(403);
    expect(await new Client('/v1/ws?after=nonsense').refused()).toBe(400);
    expect(await new Client('/v1/ws?types=nonsense').refused()).toBe(400);
    expect(await new Client('/v1/sessions').refused()).toBe(400);
    expect(await new Client('/nothing').refused()).toBe(400);
  });

  it('answers a plain request to its path, and an upgrade with a body elsewhere, without hanging', async () => {
    expect((await http.ask('GET', '/v1/ws')).status).toBe(400);
    const text = await talk(port, (socket) =>
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_KEY}\r\nconnection: upgrade\r\nupgrade: h2c\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{"body":1`,
      ),
    );
    expect(text).toContain('HTTP/1.1 400');
    expect(text).toContain('invalid_request');
  });

  it('pings, and drops a client that does not answer', async () => {
    const client = new Client();
    await client.until(ready);
    while (http.engine.listeners === 0) await settle(1);
    client.socket.pause();
    const gone = (): boolean => http.app.streams.size === 0;
    await http.clock.advance(15_000);
    await http.clock.advance(15_000);
    while (!gone()) await settle(1);
    client.socket.terminate();
  });
});
