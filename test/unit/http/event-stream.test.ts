import net from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADMIN_KEY, type HttpFixture, makeHttpFixture, typingEvent } from '../../support/http-fixture.ts';
import { isEvent, listen, type SseFrame, SseReader } from '../../support/http-fixture-socket.ts';
import { settle } from '../../support/virtual-clock.ts';

let http: HttpFixture;
let port: number;
beforeEach(async () => {
  http = await makeHttpFixture();
  port = await listen(http);
});
afterEach(() => http.close());

const say = (index: number, body = `message ${index}`) => http.seed({ networkId: `N${index}`, body });
const typeOf = (frame: SseFrame): string => frame.event ?? '';
const cursorsOf = (frames: SseFrame[]): string[] => frames.map((frame) => frame.id ?? '');

async function allCursors(): Promise<string[]> {
  const { data } = await http.store.listEvents({ property: null, limit: 500 });
  return data.map((event) => event.cursor);
}

describe('the event stream', () => {
  it('gives what happens after it was opened, each event with its cursor, type and envelope', async () => {
    await say(1);
    const before = await http.store.lastCursor();
    const reader = await SseReader.open(port);
    expect(reader.status).toBe(200);
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
    });
    expect(reader.headers['ratelimit']).toBeDefined();
    await reader.until(1, (frame) => frame.comment === 'connected');
    expect(reader.frames[0]?.id).toBe(before);
    await say(2);
    const [frame] = await reader.until(1, (one) => one.event === 'message.received');
    const envelope = JSON.parse(frame?.data ?? '') as { cursor: string; data: { message: { body: string } } };
    expect(envelope.cursor).toBe(frame?.id);
    expect(envelope.data.message.body).toBe('message 2');
    reader.close();
  });

  it('resumes after Last-Event-ID without a gap or a repeat, across pages', async () => {
    for (let index = 0; index < 60; index += 1) await say(index);
    const cursors = await allCursors();
    const reader = await SseReader.open(port, '/v1/events/stream', { headers: { 'last-event-id': cursors[2] ?? '' } });
    const rest = cursors.slice(3);
    const frames = await reader.until(rest.length);
    expect(cursorsOf(frames)).toEqual(rest);
    await say(100);
    const more = await reader.until(rest.length + 1);
    expect(cursorsOf(more).slice(0, rest.length)).toEqual(rest);
    reader.close();
  });

  it('prefers Last-Event-ID to ?after=, as a browser that reconnects needs it', async () => {
    await say(1);
    await say(2);
    const cursors = await allCursors();
    const reader = await SseReader.open(port, `/v1/events/stream?after=${cursors[0]}`, {
      headers: { 'last-event-id': cursors.at(-2) ?? '' },
    });
    expect(cursorsOf(await reader.until(1))).toEqual([cursors.at(-1)]);
    reader.close();
  });

  it('loses nothing that is written while it is catching up', async () => {
    await say(0);
    const start = (await allCursors())[0] ?? '';
    const reader = await SseReader.open(port, `/v1/events/stream?after=${start}`);
    await Promise.all(Array.from({ length: 40 }, (_, index) => say(index + 1)));
    const expected = (await allCursors()).slice(1);
    expect(cursorsOf(await reader.until(expected.length))).toEqual(expected);
    reader.close();
  });

  it('gives only the types asked for', async () => {
    await say(1);
    const first = (await allCursors())[0] ?? '';
    const reader = await SseReader.open(port, `/v1/events/stream?after=${first}&types=message.*`);
    await say(2);
    const frames = await reader.until(2);
    expect(new Set(frames.map(typeOf))).toEqual(new Set(['message.received']));
    reader.close();
  });

  it('gives typing without an id, and only that of its own property', async () => {
    const key = await http.makeKey(['messages:read'], 'north');
    const reader = await SseReader.open(port, '/v1/events/stream', { key });
    await reader.until(1, (frame) => frame.comment === 'connected');
    while (http.engine.listeners === 0) await settle(1);
    http.engine.publish(typingEvent('south'));
    http.engine.publish(typingEvent('north'));
    const [frame] = await reader.until(1);
    expect(frame).toMatchObject({ event: 'presence.typing' });
    expect(frame?.id).toBeUndefined();
    expect(reader.frames.filter(isEvent)).toHaveLength(1);
    reader.close();
  });

  it('sends a heartbeat comment every 15 seconds', async () => {
    const reader = await SseReader.open(port);
    await reader.until(1, (frame) => frame.comment === 'connected');
    while (http.engine.listeners === 0) await settle(1);
    await http.clock.advance(30_000);
    await reader.until(2, (frame) => frame.comment === 'beat');
    reader.close();
  });

  it('lets go of everything when the reader leaves', async () => {
    const reader = await SseReader.open(port);
    await reader.until(1, (frame) => frame.comment === 'connected');
    while (http.engine.listeners === 0) await settle(1);
    expect(http.app.streams.size).toBe(1);
    reader.close();
    while (http.app.streams.size > 0 || http.engine.listeners > 0) await settle(1);
    expect(http.clock.pendingTimers).toBe(0);
  });

  it('ends when its key is revoked', async () => {
    const key = await http.makeKey(['messages:read']);
    const reader = await SseReader.open(port, '/v1/events/stream', { key });
    await reader.until(1, (frame) => frame.comment === 'connected');
    const { id } = (await http.ask('GET', '/v1/keys')).json.data[0] ?? { id: '' };
    await http.ask('DELETE', `/v1/keys/${id}`);
    await reader.ended();
  });

  it('cuts off a reader that takes nothing, holds little for it, and lets it resume without a gap', async () => {
    const big = 'x'.repeat(60_000);
    await say(0);
    const start = (await allCursors())[0] ?? '';
    const socket = net.connect(port, '127.0.0.1');
    let taken = '';
    socket.once('data', (chunk) => {
      taken += chunk.toString('utf8');
      socket.pause();
    });
    socket.write(
      `GET /v1/events/stream?after=${start} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ADMIN_KEY}\r\n\r\n`,
    );
    while (http.app.streams.size === 0) await settle(1);
    for (let index = 1; index <= 200; index += 1) await say(index, big);
    // heartbeats and the deadline run on the virtual clock; the socket's buffers fill meanwhile
    while (http.app.streams.size > 0) await http.clock.advance(15_000);
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => {
      taken += chunk.toString('utf8');
    });
    socket.on('error', () => undefined);
    socket.resume();
    await closed;
    const seen = [...taken.matchAll(/^id: (\S+)$/gm)].map((match) => match[1] ?? '');
    const whole = [...taken.matchAll(/^id: (\S+)\nevent: \S+\ndata: \{.*\}$/gm)].map((match) => match[1] ?? '');
    const cursors = await allCursors();
    expect(seen.length).toBeLessThan(cursors.length);
    const last = whole.at(-1) ?? start;
    const rest = cursors.slice(cursors.indexOf(last) + 1);
    expect(whole).toEqual(cursors.slice(1, cursors.indexOf(last) + 1));
    const reader = await SseReader.open(port, '/v1/events/stream', { headers: { 'last-event-id': last } });
    expect(cursorsOf(await reader.until(rest.length))).toEqual(rest);
    reader.close();
  });
});
