import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { z } from 'zod';
import type { JsonValue } from '../../src/core/json.ts';
import { ControlError } from './control-error.ts';

const LOOPBACK = '127.0.0.1';
const MAX_BODY_BYTES = 16 * 1024 * 1024; // a picture in base64
const LOOPBACK_NAMES = new Set([LOOPBACK, 'localhost', '[::1]']);

/** A request to a control interface. */
export interface ControlRequest {
  readonly method: string;
  /** Decoded, without the leading slash: `/guests/katrin/say` is `['guests', 'katrin', 'say']`. */
  readonly path: readonly string[];
  /** The JSON body as the schema has it; an empty body is `{}`. Rejects with ControlError. */
  read<S extends z.ZodType>(schema: S): Promise<z.output<S>>;
}

/**
 * A small HTTP interface for whoever plays with a network in a box from outside. Loopback only. It has no password, so it answers no
 * other `Host` than loopback and takes JSON only: a web page that the user happens to visit can then not reach it.
 */
export class ControlHttp {
  readonly #route: (request: ControlRequest) => Promise<JsonValue> | JsonValue;
  readonly #wantedPort: number;
  #server: Server | undefined;
  #port = 0;

  constructor(deps: {
    /** Answers, or throws; ControlError where the caller is told a status of its own. Port 0: any free one. */
    readonly route: (request: ControlRequest) => Promise<JsonValue> | JsonValue;
    readonly port: number;
  }) {
    this.#route = deps.route;
    this.#wantedPort = deps.port;
  }

  /** Rejects when the wanted port is taken. */
  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#wantedPort, LOOPBACK, resolve);
    });
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  }

  get url(): string {
    return `http://${LOOPBACK}:${String(this.#port)}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      refuseForeigners(request);
      const { method = '' } = request;
      const path = readPath(request.url ?? '/');
      reply(response, 200, await this.#route({ method, path, read: (schema) => readBody(request, schema) }));
    } catch (error) {
      // Whatever the network or its people refuse (an unknown QR code, a wrong code) is the caller's to put right.
      const status = error instanceof ControlError ? error.status : 409;
      reply(response, status, { error: error instanceof Error ? error.message : String(error) });
    }
  }
}

/** What an interface says to a request that it has no answer to. */
export function nothingThere({ method, path }: ControlRequest): ControlError {
  return new ControlError(404, `nothing answers to ${method} /${path.join('/')}`);
}

/** Checks what a caller gave. Throws ControlError. */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) throw new ControlError(422, z.prettifyError(parsed.error));
  return parsed.data;
}

function readPath(url: string): string[] {
  try {
    return (url.split('?')[0] ?? '').split('/').slice(1).map(decodeURIComponent);
  } catch (cause) {
    throw new ControlError(400, 'the path is not well encoded', { cause });
  }
}

function refuseForeigners(request: IncomingMessage): void {
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  if (!LOOPBACK_NAMES.has(host)) throw new ControlError(421, 'this interface answers on loopback only');
  const type = request.headers['content-type'] ?? '';
  if (request.method === 'POST' && !type.startsWith('application/json')) {
    throw new ControlError(415, 'send JSON with content-type: application/json');
  }
  if (request.headers.origin !== undefined) throw new ControlError(403, 'this interface is not for web pages');
}

async function readBody<S extends z.ZodType>(request: IncomingMessage, schema: S): Promise<z.output<S>> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new ControlError(413, 'the body is larger than 16 MiB');
    chunks.push(chunk);
  }
  return parseInput(schema, parseJson(Buffer.concat(chunks).toString('utf8')));
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ControlError(400, 'the body is not JSON', { cause });
  }
}

function reply(response: ServerResponse, status: number, body: JsonValue): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
