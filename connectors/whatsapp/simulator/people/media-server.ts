import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type Clock, sleep } from '../../../../src/core/clock.ts';
import type { ViolationLog } from '../violations.ts';
import { toBase64 } from './bytes.ts';
import { issueLoopbackCertificate, type ServerCertificate } from './certificate-authority.ts';
import { sha256 } from './media-crypto.ts';
import { type MediaFault, MediaFaults } from './media-faults.ts';
import { MediaShelf } from './media-shelf.ts';

const HOST = '127.0.0.1';
const MAX_UPLOAD_BYTES = 100 * 1024 * 1024; // WhatsApp's own limit for most media
const AUTH_BYTES = 24;
const UPLOAD_PATH = /^\/(?:o1\/)?mms\/(?:image|video|document|audio|md-app-state)\/([\w%-]+)$/;
const REFUSED_SHAPE = 400;

export interface MediaServerOptions {
  readonly clock: Clock;
  /** 0, or nothing, takes a free port. */
  readonly port?: number;
  /** Requests that the real server would refuse are recorded here. */
  readonly violations?: ViolationLog;
  readonly maxUploadBytes?: number;
}

/**
 * The media hosts of the simulated network: encrypted files by HTTPS on loopback, as clients upload and download them. They
 * accept it once they trust {@link MediaServer.caPem}. Bytes are stored as they come; nobody here has the keys.
 */
export class MediaServer {
  readonly shelf = new MediaShelf({ origin: () => `https://${this.hostname}` });
  readonly faults = new MediaFaults();
  /** What clients get with the host's name and must show on upload. */
  readonly auth = randomBytes(AUTH_BYTES).toString('base64url');
  readonly #certificate: ServerCertificate = issueLoopbackCertificate();
  readonly #clock: Clock;
  readonly #violations: ViolationLog | undefined;
  readonly #wantedPort: number;
  readonly #maxUploadBytes: number;
  #server: Server | undefined;
  #port = 0;

  constructor(options: MediaServerOptions) {
    this.#clock = options.clock;
    this.#violations = options.violations;
    this.#wantedPort = options.port ?? 0;
    this.#maxUploadBytes = options.maxUploadBytes ?? MAX_UPLOAD_BYTES;
  }

  /** For `channels.whatsapp.caFile`. */
  get caPem(): string {
    return this.#certificate.caPem;
  }

  /** `127.0.0.1:port`, for the answer to `media_conn`. */
  get hostname(): string {
    return `${HOST}:${this.#port}`;
  }

  /** Rejects when the wanted port is taken. */
  async start(): Promise<void> {
    const { certificatePem, privateKeyPem } = this.#certificate;
    const server = createServer({ cert: certificatePem, key: privateKeyPem }, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    server.listen(this.#wantedPort, HOST);
    await once(server, 'listening');
    const address = server.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : 0;
    this.#server = server;
  }

  /** Ends running transfers too. */
  async stop(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `https://${this.hostname}`);
    const upload = request.method === 'POST';
    const fault = this.faults.take(upload ? 'upload' : 'download');
    if (fault?.kind === 'delay') await sleep(this.#clock, fault.delayMs);
    if (fault?.kind === 'drop') {
      response.destroy();
      return;
    }
    if (fault?.kind === 'refuse') {
      request.resume();
      endJson(response, fault.status, { error: 'refused on purpose' });
      return;
    }
    if (upload) await this.#takeUpload(url, request, response);
    else this.#giveDownload(url, request, response, fault);
  }

  async #takeUpload(url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const blob = await readBody(request, this.#maxUploadBytes);
    if (blob === undefined) {
      response.once('finish', () => request.destroy());
      endJson(response, 413, { error: 'too large' });
      return;
    }
    const problem = this.#findUploadProblem(url, blob);
    if (problem !== undefined) {
      this.#violations?.record('malformed', '-', `media upload: ${problem}`);
      endJson(response, REFUSED_SHAPE, { error: problem });
      return;
    }
    const { url: location, directPath } = this.shelf.put(blob);
    endJson(response, 200, { url: location, direct_path: directPath });
  }

  #findUploadProblem(url: URL, blob: Uint8Array): string | undefined {
    const name = UPLOAD_PATH.exec(url.pathname)?.[1];
    if (name === undefined) return 'unknown path';
    if (url.searchParams.get('auth') !== this.auth) return 'wrong auth';
    if (url.searchParams.get('token') !== decodeURIComponent(name)) return 'token and path differ';
    const hash = toBase64(sha256(blob)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    return hash === decodeURIComponent(name) ? undefined : 'the token is not the hash of the body';
  }

  #giveDownload(url: URL, request: IncomingMessage, response: ServerResponse, fault: MediaFault | undefined): void {
    const stored = this.shelf.get(url.pathname);
    if (stored === undefined) {
      endJson(response, 404, { error: 'not found' });
      return;
    }
    const blob = fault?.kind === 'corrupt' ? stored.map((byte) => byte ^ 1) : stored;
    const range = readRange(request.headers.range, blob.length);
    const body = blob.subarray(range.start, range.end);
    response.writeHead(range.partial ? 206 : 200, {
      'content-type': 'application/octet-stream',
      'content-length': body.length,
      ...(range.partial ? { 'content-range': `bytes ${range.start}-${range.end - 1}/${blob.length}` } : {}),
    });
    if (fault?.kind !== 'truncate') {
      response.end(body);
      return;
    }
    response.write(body.subarray(0, fault.bytes), () => response.destroy());
  }
}

/** Undefined for a body beyond the limit. */
async function readBody(request: IncomingMessage, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

interface Range {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly partial: boolean;
}

function readRange(header: string | undefined, length: number): Range {
  const match = /^bytes=(\d+)-(\d*)$/.exec(header ?? '');
  if (match === null) return { start: 0, end: length, partial: false };
  const start = Math.min(Number(match[1]), length);
  const end = match[2] === '' ? length : Math.min(Number(match[2]) + 1, length);
  return { start, end: Math.max(start, end), partial: true };
}

function endJson(response: ServerResponse, status: number, body: Readonly<Record<string, string>>): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
