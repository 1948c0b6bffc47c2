import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { BellhopError } from '../core/errors.ts';

/** Sent with every answer: nothing of ours may be framed, sniffed, cached by strangers or run as a page. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
};
export const WEB_SOCKET_PATH = '/v1/ws';
const TWO_YEARS_S = 63_072_000;

/** Sets the headers that every answer carries, and turns away what must not come further. */
export function openingHook(deps: { tls: boolean; isStopping: () => boolean }) {
  const entries = Object.entries(HEADERS);
  if (deps.tls) entries.push(['strict-transport-security', `max-age=${TWO_YEARS_S}`]);

  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    for (const [name, value] of entries) reply.header(name, value);
    reply.header('x-request-id', request.id);
    if (deps.isStopping()) {
      reply.header('connection', 'close');
      done(new BellhopError('shutting_down'));
      return;
    }
    if (isUpgrade(request)) {
      // Node no longer minds a socket that asked for an upgrade: its body never arrives and nobody closes it after the answer
      reply.raw.once('finish', () => request.raw.socket.destroySoon());
      if (request.routeOptions.url !== WEB_SOCKET_PATH) {
        done(new BellhopError('invalid_request', { detail: `Only GET ${WEB_SOCKET_PATH} can be upgraded.` }));
        return;
      }
    }
    done();
  };
}

/** Whether Node handed the socket over; told by the `upgrade` flag that its parser sets. */
export function isUpgrade(request: FastifyRequest): boolean {
  return Reflect.get(request.raw, 'upgrade') === true;
}
