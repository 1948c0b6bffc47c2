import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { Logger } from '../core/logger.ts';

/** Whether a log of this level shows the lines of requests. */
export function isToldOf(logLevel: string | undefined): boolean {
  return logLevel === undefined || logLevel === 'debug' || logLevel === 'trace';
}

/** One line a request, at debug. The route's template stands in it, never the path or the query: they name guests. */
export function logRequests(deps: { log: Logger }) {
  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    deps.log.debug('request', {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      elapsedMs: Math.round(reply.elapsedTime),
      key: request.principal?.keyId,
    });
    done();
  };
}
