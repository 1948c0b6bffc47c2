import http from 'node:http';
import net from 'node:net';
import type { HttpFixture } from './http-fixture.ts';
import { ADMIN_KEY } from './http-fixture.ts';

/** Listens on loopback and gives the port. */
export async function listen(fixture: HttpFixture): Promise<number> {
  await fixture.app.server.listen({ host: '127.0.0.1', port: 0 });
  const address = fixture.app.server.server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

export interface SseFrame {
  readonly id?: string;
  readonly event?: string;
  readonly data?: string;
  readonly comment?: string;
}

/** A reader of an event stream over a real socket. */
export class SseReader {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly response: http.IncomingMessage;
  readonly frames: SseFrame[] = [];
  #text = '';
  #wake: () => void = () => undefined;
  #ended = false;

  private constructor(response: http.IncomingMessage) {
    this.response = response;
    this.status = response.statusCode ?? 0;
    this.headers = response.headers;
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => this.#take(chunk));
    response.once('close', () => {
      this.#ended = true;
      this.#wake();
    });
    response.on('error', () => undefined);
  }

  static open(
    port: number,
    path = '/v1/events/stream',
    options: { key?: string; headers?: Record<string, string> } = {},
  ): Promise<SseReader> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${options.key ?? ADMIN_KEY}`, ...options.headers };
      http
        .get({ port, host: '127.0.0.1', path, headers, agent: false }, (response) => resolve(new SseReader(response)))
        .once('error', reject);
    });
  }

  /** The frames that match, as soon as there are `count`. */
  async until(count: number, wanted: (frame: SseFrame) => boolean = isEvent): Promise<SseFrame[]> {
    for (;;) {
      const found = this.frames.filter(wanted);
      if (found.length >= count) return found;
      if (this.#ended) throw new Error(`stream ended after ${found.length} of ${count} frames`);
      await this.#change();
    }
  }

  /** Resolves when the server has closed the stream. */
  async ended(): Promise<void> {
    while (!this.#ended) await this.#change();
  }

  close(): void {
    this.response.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(chunk: string): void {
    this.#text += chunk;
    for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
      this.frames.push(parseFrame(this.#text.slice(0, end)));
      this.#text = this.#text.slice(end + 2);
    }
    this.#wake();
  }
}

export const isEvent = (frame: SseFrame): boolean => frame.data !== undefined;

function parseFrame(text: string): SseFrame {
  const frame: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.startsWith(':')) frame['comment'] = line.slice(1).trim();
    const match = /^(id|event|data): (.*)$/.exec(line);
    if (match !== null) frame[match[1] ?? ''] = match[2] ?? '';
  }
  return frame;
}

/** Writes raw bytes and gives all that comes back until the server closes. */
export function talk(port: number, write: (socket: net.Socket) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.once('close', () => resolve(text));
    socket.once('error', (error) => (text === '' ? reject(error) : resolve(text)));
    socket.once('connect', () => write(socket));
  });
}
