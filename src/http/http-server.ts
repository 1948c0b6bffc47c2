import type { AddressInfo } from 'node:net';
import { type Clock, sleep, type Timer } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { isRecord } from '../core/json.ts';
import { buildHttpApp, type HttpApp } from './http-app.ts';
import { STOP_LIMIT_MS } from './http-config.ts';
import type { HttpDeps } from './http-deps.ts';
import { OpenConnections } from './open-connections.ts';

/** A request under way when the stop began is answered, and its connection closed, this soon after; ms. */
const IDLE_SWEEP_MS = 50;

export interface HttpServer {
  /** Listens. Rejects with `port_in_use` or `config_invalid`. */
  start(): Promise<{ url: string }>;
  /** Ends the streams, lets requests under way finish for a while, then cuts them. Idempotent. */
  stop(): Promise<void>;
}

/** The public API over HTTP. Made by the composition root. */
export function createHttpServer(deps: HttpDeps): HttpServer {
  let app: HttpApp | undefined;
  let connections: OpenConnections | undefined;

  const start = async (): Promise<{ url: string }> => {
    app = await buildHttpApp(deps);
    connections = new OpenConnections(app.server.server);
    const { host, port, tls } = deps.config;
    try {
      await app.server.listen({ host, port });
    } catch (error) {
      throw listenError(error, host, port);
    }
    const address = app.server.server.address();
    return { url: toUrl(isAddress(address) ? address.port : port, host, tls !== undefined) };
  };

  const stop = async (): Promise<void> => {
    if (app === undefined) return;
    const stopping = app;
    const { server, streams } = stopping;
    app = undefined;
    stopping.beginStop();
    streams.closeAll();
    const closed = server.close();
    // Node keeps a connection that falls idle after the closing began; nothing more will come over it that we would answer.
    const sweeper = sweepIdle(connections, deps.clock);
    const patience = new AbortController();
    const cut = sleep(deps.clock, STOP_LIMIT_MS, patience.signal).then(
      () => server.server.closeAllConnections(),
      () => undefined,
    );
    await closed;
    sweeper.cancel();
    patience.abort();
    await cut;
  };

  return { start, stop };
}

function sweepIdle(connections: OpenConnections | undefined, clock: Clock): Timer {
  connections?.closeIdle();
  let timer = clock.after(IDLE_SWEEP_MS, function sweep() {
    connections?.closeIdle();
    timer = clock.after(IDLE_SWEEP_MS, sweep);
  });
  return { cancel: () => timer.cancel() };
}

function listenError(error: unknown, host: string, port: number): unknown {
  const code = isRecord(error) ? error['code'] : undefined;
  if (code === 'EADDRINUSE')
    return new BellhopError('port_in_use', { detail: `Port ${port} is in use.`, cause: error });
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new BellhopError('config_invalid', {
      pointer: 'server.host',
      detail: `Cannot listen on ${host}, port ${port}: ${code}.`,
      cause: error,
    });
  }
  return error;
}

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}

function toUrl(port: number, host: string, isTls: boolean): string {
  // An address for this machine, also where nobody can look up `localhost`.
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const shown = reachable.includes(':') ? `[${reachable}]` : reachable;
  return `${isTls ? 'https' : 'http'}://${shown}:${port}`;
}
