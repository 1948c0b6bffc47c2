import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import { BellhopError } from '../core/errors.ts';
import type { Principal, Scope } from '../engine/model/access.ts';
import type { Authenticator } from './authenticator.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { rateLimitHeader } from './rate-limiter.ts';
import type { RouteDoc } from './route-doc.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access hook on every route that is not public. */
    principal: Principal | null;
  }
}

/** The first thing that happens to a request: who is it, may it, is it too much. Synchronous for keys seen lately. */
export function accessHook(deps: { authenticator: Authenticator; limiter: RateLimiter }) {
  const { authenticator, limiter } = deps;

  const admit = (request: FastifyRequest, reply: FastifyReply, doc: RouteDoc, principal: Principal): void => {
    request.principal = principal;
    const verdict = limiter.take(principal.keyId);
    reply.header('ratelimit-policy', limiter.policy);
    reply.header('ratelimit', rateLimitHeader(verdict));
    if (!verdict.allowed) throw new BellhopError('rate_limited', { retryAfterSeconds: verdict.resetSeconds });
    if (doc.access !== 'public') requireScope(principal, doc.access);
  };

  return (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const doc = request.routeOptions.config.doc;
    if (doc === undefined || doc.access === 'public') {
      done();
      return;
    }
    try {
      const hash = authenticator.readHash(request.headers.authorization);
      const principal = authenticator.peek(hash);
      if (principal !== undefined) {
        admit(request, reply, doc, principal);
        done();
        return;
      }
      authenticator
        .load(hash)
        .then((loaded) => admit(request, reply, doc, loaded))
        .then(() => done(), done);
    } catch (error) {
      done(error instanceof Error ? error : new BellhopError('internal_error'));
    }
  };
}

export function requireScope(principal: Principal, scope: Scope): void {
  if (principal.scopes.has(scope) || principal.scopes.has('admin')) return;
  throw new BellhopError('forbidden', { detail: `This needs the scope ${scope}.` });
}

/** Who makes this request. Only for routes that are not public. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new BellhopError('unauthenticated');
  return request.principal;
}

/** The property that new things belong to: the key's own, else the one asked for. */
export function propertyFor(principal: Principal, asked: string | undefined, fallback: string): string {
  if (principal.property === null) return asked ?? fallback;
  if (asked !== undefined && asked !== principal.property) {
    throw new BellhopError('forbidden', { detail: 'This key belongs to another property.', pointer: 'property' });
  }
  return principal.property;
}
