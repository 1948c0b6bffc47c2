import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { isRecord } from '../../../src/core/json.ts';
import { readMultipart } from './bot-multipart.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** What a call asked for; `files` by the name of their part. */
export interface BotRequest {
  readonly token: string;
  readonly method: string;
  readonly fields: Fields;
  readonly files: ReadonlyMap<string, { readonly filename: string; readonly bytes: Buffer }>;
}

/** An answer as the Bot API writes it, a bare body for files and for what no Bot API server says, or nothing at all. */
export type BotAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error_code: number; readonly description: string; readonly parameters?: Fields }
  | { readonly bytes: Buffer; readonly status: number }
  | 'silence';

export type BotDesk = (request: BotRequest) => Promise<BotAnswer> | BotAnswer;

export const refused = (error_code: number, description: string, parameters?: Fields): BotAnswer => ({
  ok: false,
  error_code,
  description,
  ...(parameters === undefined ? {} : { parameters }),
});

/** Speaks HTTP as a Bot API server does; what it answers is the desk's. Its lines break, stall and stay closed on demand. */
export class BotServer {
  readonly #server: Server;
  readonly #desk: BotDesk;
  readonly #lines = new Set<Socket>();
  #port = 0;
  mode: 'open' | 'closed' | 'stalled' = 'open';

  constructor(desk: BotDesk) {
    this.#desk = desk;
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (line: Socket) => {
      line.on('error', () => undefined);
      if (this.mode === 'closed') line.destroy();
      this.#lines.add(line);
      line.on('close', () => this.#lines.delete(line));
    });
  }

  get root(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  start(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(this.#port, '127.0.0.1', () => {
        const address = this.#server.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : 0;
        resolve();
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.cut();
    await closed;
  }

  /** Lines that stand break without a word. */
  cut(): void {
    for (const line of this.#lines) line.destroy();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (this.mode === 'stalled') return;
    try {
      const answer = await this.#desk(await readRequest(request));
      if (answer === 'silence' || response.destroyed) return;
      if ('bytes' in answer) response.writeHead(answer.status).end(answer.bytes);
      else {
        const status = answer.ok ? 200 : answer.error_code;
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      }
    } catch {
      response.destroy();
    }
  }
}

async function readRequest(request: IncomingMessage): Promise<BotRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // as: no encoding is set, so chunks are buffers
  const body = Buffer.concat(chunks);
  const [, isFile, token = '', method = ''] = /^(\/file)?\/bot([^/]+)\/(.*)$/.exec(request.url ?? '') ?? [];
  const type = request.headers['content-type'] ?? '';
  const name = isFile === undefined ? method : `file:${decodeURIComponent(method)}`;
  if (type.startsWith('multipart/form-data')) return { token, method: name, ...readMultipart(body, type) };
  const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  return { token, method: name, fields: isRecord(parsed) ? parsed : {}, files: new Map() };
}
