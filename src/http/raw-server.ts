import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { BellhopError } from '../core/errors.ts';
import { toProblem } from '../core/problem.ts';
import type { HttpConfig } from './http-config.ts';
import { httpTimeouts } from './http-config.ts';
import { PROBLEM_TYPE } from './problems.ts';

const MAX_HEADER_BYTES = 16_384; // Node's own default, named in the remedy of headers_too_large

/** The plain Node server with its guards against slow and greedy clients. Throws `config_invalid` for unreadable TLS files. */
export function makeRawServer(config: HttpConfig, handler: http.RequestListener): http.Server {
  const times = { ...httpTimeouts, ...config.timeouts };
  const options: http.ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: times.headersMs,
    requestTimeout: times.requestMs,
    keepAliveTimeout: times.keepAliveMs,
    connectionsCheckingInterval: times.checkMs,
    requireHostHeader: true,
  };
  const server =
    config.tls === undefined
      ? http.createServer(options, handler)
      : https.createServer({ ...options, ...readTls(config.tls) }, handler);
  server.maxConnections = config.maxConnections;
  server.setTimeout(times.idleSocketMs);
  return server;
}

function readTls(tls: { cert: string; key: string }): { cert: Buffer; key: Buffer } {
  const read = (path: string, key: string): Buffer => {
    try {
      return readFileSync(path);
    } catch (cause) {
      throw new BellhopError('config_invalid', {
        pointer: `server.tls.${key}`,
        detail: `${key} cannot be read.`,
        cause,
      });
    }
  };
  return { cert: read(tls.cert, 'cert'), key: read(tls.key, 'key') };
}

/** Answers what is not even HTTP, or came too slowly: Node reports it here, before any route is known. */
export function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const problem = toProblem(brokenRequest(error.code));
  const body = JSON.stringify(problem);
  const reason = http.STATUS_CODES[problem.status] ?? 'Error';
  socket.end(
    `HTTP/1.1 ${problem.status} ${reason}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

function brokenRequest(code: string | undefined): BellhopError {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new BellhopError('request_timeout');
    case 'HPE_HEADER_OVERFLOW':
      return new BellhopError('headers_too_large');
    case undefined:
    default:
      return new BellhopError('invalid_request', { detail: 'This is not a valid HTTP request.' });
  }
}
