import { EventEmitter } from 'node:events';
import { Agent } from 'node:https';
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/logger.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type { Baileys } from '../baileys.ts';
import type { DurableFailure, DurableInbox } from '../durable-socket.ts';
import { createRetryCounters } from '../retry-counters.ts';
import { Line } from '../socket.ts';

/** The library's socket client, as far as the line looks at it. */
class FakeClient extends EventEmitter {
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  terminated = 0;
  readonly socket = {
    terminate: () => {
      this.terminated += 1;
      this.state = 'closed';
      this.emit('close');
    },
  };

  get isOpen(): boolean {
    return this.state === 'open';
  }
  get isClosing(): boolean {
    return this.state === 'closing';
  }
  get isClosed(): boolean {
    return this.state === 'closed';
  }
  get isConnecting(): boolean {
    return this.state === 'connecting';
  }
}

class FakeSocket {
  readonly ev = new EventEmitter();
  readonly ws = new FakeClient();
  /** A peer that is gone never answers the closing handshake. */
  answersClose = true;
  ends = 0;

  async end(): Promise<void> {
    this.ends += 1;
    this.ws.state = 'closing';
    if (!this.answersClose) return new Promise(() => undefined);
    this.ws.state = 'closed';
  }

  update(update: object): void {
    this.ev.emit('connection.update', update);
  }
}

let clock: VirtualClock;
let sock: FakeSocket;
let fail: (failure: DurableFailure) => void;
let detached: number;

function openLine(): Line {
  const inbox = {
    prepareSocket: (options: { onFailure: typeof fail }) => {
      fail = options.onFailure;
      return { config: {}, attach: () => undefined, detach: () => (detached += 1) };
    },
  } as unknown as DurableInbox;
  return new Line({
    baileys: { makeWASocket: () => sock } as unknown as Baileys,
    inbox,
    clock,
    log: silentLogger,
    purpose: 'connect',
    options: {
      version: [2, 3000, 1],
      agent: new Agent(),
      retryCounters: createRetryCounters(),
      getMessage: async () => undefined,
      cachedGroupMetadata: async () => undefined,
    },
  });
}

beforeEach(() => {
  clock = new VirtualClock();
  sock = new FakeSocket();
  detached = 0;
});

describe('a line', () => {
  it('opens when the library says so, and keeps as long as something is heard', async () => {
    const line = openLine();
    sock.ws.state = 'open';
    sock.update({ connection: 'open' });
    await line.opened;
    for (let beat = 0; beat < 10; beat += 1) {
      await clock.advance(30_000);
      sock.ws.emit('frame', {});
    }
    expect(line.isOver).toBe(false);
    expect(sock.ends).toBe(0);
  });

  it('is given up after forty seconds of silence, long before the library would', async () => {
    const line = openLine();
    sock.ws.state = 'open';
    sock.update({ connection: 'open' });
    await clock.advance(39_000);
    expect(line.isOver).toBe(false);
    await clock.advance(6_000);
    expect(await line.ended).toMatchObject({ type: 'closed', statusCode: 408 });
  });

  it('tells how long it has been silent, and counts what the server pushes', async () => {
    const line = openLine();
    sock.ws.state = 'open';
    sock.update({ connection: 'open' });
    await clock.advance(7_000);
    expect(line).toMatchObject({ silentForMs: 7_000, pushes: 0 });
    for (const tag of ['message', 'receipt', 'notification', 'presence', 'chatstate', 'call', 'iq', 'ack', 'ib'])
      sock.ws.emit('frame', { tag, attrs: {} });
    sock.ws.emit('frame', new Uint8Array(3));
    expect(line).toMatchObject({ silentForMs: 0, pushes: 6 });
  });

  it('is given up when the library waits for a peer that is gone', async () => {
    const line = openLine();
    sock.ws.state = 'closing';
    await clock.advance(5_000);
    expect(await line.ended).toMatchObject({ statusCode: 408 });
  });

  it('that neither opens nor closes is given up after a minute', async () => {
    const line = openLine();
    await clock.advance(60_000);
    expect(await line.ended).toEqual({ type: 'connect_timeout', isUnreached: true });
    expect(sock.ws.terminated).toBeGreaterThan(0);
  });

  it('that shows a QR code may wait for a person', async () => {
    const line = openLine();
    sock.ws.state = 'open';
    sock.update({ qr: 'text' });
    for (let beat = 0; beat < 6; beat += 1) {
      await clock.advance(20_000);
      sock.ws.emit('frame', {});
    }
    expect(line.isOver).toBe(false);
  });

  it('ends at an HTTP answer to its upgrade', async () => {
    const line = openLine();
    sock.ws.emit('unexpected-response', {}, { statusCode: 429 });
    expect(await line.ended).toEqual({ type: 'upgrade_refused', status: 429 });
  });

  it('ends with the first cause only, and tells the parts below at once', async () => {
    const line = openLine();
    fail({ type: 'store_failed', error: new Error('disk full') });
    sock.update({ connection: 'close', lastDisconnect: { error: { output: { statusCode: 428 } } } });
    expect(await line.ended).toEqual({ type: 'store_failed' });
    expect(detached).toBe(1);
  });

  it('carries the code and the data of the library’s error', async () => {
    const line = openLine();
    const error = { message: 'Connection Failure', output: { statusCode: 402 }, data: { expire: '60' } };
    sock.update({ connection: 'close', lastDisconnect: { error } });
    expect(await line.ended).toEqual({
      type: 'closed',
      statusCode: 402,
      message: 'Connection Failure',
      data: { expire: '60' },
      isUnreached: true, // nothing was ever heard on it
    });
  });

  it('is cut when the peer does not answer the closing handshake', async () => {
    const line = openLine();
    sock.ws.state = 'open';
    sock.answersClose = false;
    const gone = line.close();
    await clock.advance(1_500);
    await gone;
    expect(sock.ws.terminated).toBe(1);
  });

  it('closes properly where the peer answers, any number of times', async () => {
    const line = openLine();
    sock.ws.state = 'open';
    await Promise.all([line.close(), line.close()]);
    expect(sock).toMatchObject({ ends: 1 });
    expect(sock.ws.terminated).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells waiting sends at once that it is gone', async () => {
    const line = openLine();
    const waiting = line.acks.expect('3EB0AA').arrived;
    sock.update({ connection: 'close' });
    await expect(waiting).rejects.toMatchObject({ code: 'session_down', certainty: 'maybe_sent' });
    await expect(line.acks.expect('3EB0AB').arrived).rejects.toMatchObject({ code: 'session_down' });
  });
});
