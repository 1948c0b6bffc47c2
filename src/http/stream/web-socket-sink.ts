import type { WebSocket } from '@fastify/websocket';
import { type Clock, withDeadline } from '../../core/clock.ts';
import type { EventEnvelope, LiveEvent } from '../../engine/model/event.ts';
import type { StreamSink } from './run-stream.ts';

/** Bytes that may wait for a reader before the next event is held back. */
const BUFFER_LIMIT_BYTES = 65_536;

/** Writes the event log to a WebSocket: one JSON text frame an event. */
export class WebSocketSink implements StreamSink {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #slowReaderMs: number;
  #isAlive = true;

  constructor(deps: { socket: WebSocket; clock: Clock; slowReaderMs: number }) {
    this.#socket = deps.socket;
    this.#clock = deps.clock;
    this.#slowReaderMs = deps.slowReaderMs;
    deps.socket.on('pong', () => {
      this.#isAlive = true;
    });
  }

  async writeEvent(event: EventEnvelope): Promise<void> {
    const sent = this.#send(event);
    if (this.#socket.bufferedAmount <= BUFFER_LIMIT_BYTES) {
      sent.catch(() => undefined);
      if (this.#socket.readyState !== this.#socket.OPEN) throw new Error('reader gone');
      return;
    }
    await withDeadline(this.#clock, this.#slowReaderMs, sent, () => new Error('reader too slow'));
  }

  writeLive(event: LiveEvent): void {
    if (this.#socket.bufferedAmount > BUFFER_LIMIT_BYTES) return;
    this.say({ type: event.type, timestamp: event.timestamp, data: event.data });
  }

  /** Anything beside the log: the opening frame, problems. */
  say(frame: unknown): void {
    this.#send(frame).catch(() => undefined);
  }

  writeHeartbeat(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  #send(frame: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(JSON.stringify(frame), (error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
  }
}
