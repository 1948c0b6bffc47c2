import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { z } from 'zod';
import { toTimestamp } from '../../../../src/core/clock.ts';
import type { JsonValue } from '../../../../src/core/json.ts';
import type { WhatsAppNetwork } from '../network.ts';
import type { ControlActions } from './control-actions.ts';
import { ControlError } from './control-actions.ts';
import { pullLever } from './levers.ts';

const LOOPBACK = '127.0.0.1';
const MAX_BODY_BYTES = 16 * 1024 * 1024; // a picture in base64
const TRAFFIC_SHOWN = 200; // what fits a terminal; tests ask the network itself
const LOOPBACK_NAMES = new Set([LOOPBACK, 'localhost', '[::1]']);

const scanSchema = z.strictObject({ qr: z.string().min(1) });
const codeSchema = z.strictObject({ code: z.string().min(1) });

/**
 * A small HTTP interface for whoever plays with the simulator from outside: what happened, what people do, what goes wrong.
 * Loopback only. It has no password, so it answers no other `Host` than loopback and takes JSON only: a web page that the
 * user happens to visit can then not reach it.
 */
export class ControlServer {
  readonly #network: WhatsAppNetwork;
  readonly #actions: ControlActions;
  readonly #wantedPort: number;
  #server: Server | undefined;
  #port = 0;

  constructor(deps: { network: WhatsAppNetwork; actions: ControlActions; port?: number }) {
    this.#network = deps.network;
    this.#actions = deps.actions;
    this.#wantedPort = deps.port ?? 0;
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
      const path = readPath(request.url ?? '/');
      const answer = await this.#route(request, path);
      reply(response, 200, answer);
    } catch (error) {
      // Whatever the network or its people refuse (an unknown QR code, a wrong code) is the caller's to put right.
      const status = error instanceof ControlError ? error.status : 409;
      reply(response, status, { error: error instanceof Error ? error.message : String(error) });
    }
  }

  async #route(request: IncomingMessage, path: readonly string[]): Promise<JsonValue> {
    const [first = '', second = '', third = ''] = path;
    const route = [request.method, first, ...(path.length > 1 ? [path.length === 2 ? second : '*'] : [])].join(' ');
    switch (route) {
      case 'GET state':
        return this.#state();
      case 'GET violations':
        return this.#network.violations.all().map((entry) => ({ ...entry, at: toTimestamp(entry.at) }));
      case 'DELETE violations':
        this.#network.violations.clear();
        return {};
      case 'GET traffic':
        return this.#network.traffic
          .all()
          .slice(-TRAFFIC_SHOWN)
          .map((event) => ({ ...event, at: toTimestamp(event.at) }));
      case 'POST phone scan':
        await this.#actions.scan((await readBody(request, scanSchema)).qr);
        return {};
      case 'POST phone code':
        await this.#actions.enterCode((await readBody(request, codeSchema)).code);
        return {};
      case 'POST phone say':
      case 'POST phone read':
        return this.#actions.actOnPhone(second, await readBody(request, z.unknown()));
      case 'GET guests *':
        if (path.length === 3 && third === 'seen') return this.#actions.seen(second);
        break;
      case 'POST guests *':
        if (path.length === 3) return this.#actions.act(second, third, await readBody(request, z.unknown()));
        break;
      default:
        if (request.method === 'POST' && first === 'faults' && path.length === 2) {
          pullLever(this.#network.faults, second, await readBody(request, z.unknown()));
          return {};
        }
    }
    throw new ControlError(404, `nothing answers to ${request.method ?? ''} /${path.join('/')}`);
  }

  #state(): JsonValue {
    return {
      endpoint: this.#network.wsUrl,
      trustedRoot: this.#network.rootKey,
      violations: this.#network.violations.all().length,
      duplicates: this.#network.ledger.duplicates,
      companions: this.#network.companions().map((jid) => ({
        jid,
        online: this.#network.isOnline(jid),
        owes: [...this.#network.owed(jid)],
        oneTimeKeys: this.#network.oneTimeKeysOf(jid),
      })),
      people: this.#actions.state(),
    };
  }
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
  const parsed = schema.safeParse(parseJson(Buffer.concat(chunks).toString('utf8')));
  if (!parsed.success) throw new ControlError(422, z.prettifyError(parsed.error));
  return parsed.data;
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
