import type { ServerResponse } from 'node:http';
import { type Clock, withDeadline } from '../../core/clock.ts';
import type { EventEnvelope, LiveEvent } from '../../engine/model/event.ts';
import type { StreamSink } from './run-stream.ts';

/** Writes Server-Sent Events (WHATWG HTML, section 9.2). */
export class SseSink implements StreamSink {
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #slowReaderMs: number;

  constructor(deps: { response: ServerResponse; clock: Clock; slowReaderMs: number }) {
    this.#response = deps.response;
    this.#clock = deps.clock;
    this.#slowReaderMs = deps.slowReaderMs;
  }

  /** An id without data moves the reader's `Last-Event-ID`, so that it can resume before it saw its first event. */
  writeOpening(cursor: string | null): void {
    this.#response.write(cursor === null ? ': connected\n\n' : `: connected\nid: ${cursor}\n\n`);
  }

  async writeEvent(event: EventEnvelope): Promise<void> {
    if (this.#response.destroyed) throw new Error('reader gone');
    const frame = `id: ${event.cursor}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
    if (this.#response.write(frame)) return;
    await withDeadline(this.#clock, this.#slowReaderMs, this.#drained(), () => new Error('reader too slow'));
  }

  writeLive(event: LiveEvent): void {
    if (this.#response.writableNeedDrain || this.#response.destroyed) return;
    const { type, timestamp, data } = event;
    this.#response.write(`event: ${type}\ndata: ${JSON.stringify({ type, timestamp, data })}\n\n`);
  }

  writeHeartbeat(): void {
    if (!this.#response.writableNeedDrain && !this.#response.destroyed) this.#response.write(': beat\n\n');
  }

  #drained(): Promise<void> {
    const response = this.#response;
    return new Promise((resolve, reject) => {
      const onDrain = (): void => {
        response.off('close', onClose);
        resolve();
      };
      const onClose = (): void => {
        response.off('drain', onDrain);
        reject(new Error('reader gone'));
      };
      response.once('drain', onDrain);
      response.once('close', onClose);
    });
  }
}
