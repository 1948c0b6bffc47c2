import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import type { Principal, Scope } from '../../engine/model/access.ts';
import { apiKey } from '../../engine/model/access.ts';
import { apiKeyId } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import { hashApiKey, makeApiKey } from '../api-key.ts';
import type { Authenticator } from '../authenticator.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { pageOf, pageQuery, toPage } from '../schemas/paging.ts';
import { keyRequest, newKeyAnswer } from '../schemas/webhook-request.ts';
import type { StreamHub } from '../stream/stream-hub.ts';

const path = z.object({ id: apiKeyId });

type KeyDeps = HttpDeps & { authenticator: Authenticator; streams: StreamHub };

export function keyRoutes(app: ApiServer, deps: KeyDeps): void {
  const { store, random, clock, authenticator, streams } = deps;

  app.route({
    method: 'GET',
    url: '/v1/keys',
    schema: { querystring: z.object(pageQuery) },
    config: {
      doc: {
        operationId: 'listKeys',
        tag: 'Keys',
        summary: 'API keys, without the keys themselves',
        description: 'Keys are managed by keys that belong to no single property.',
        access: 'keys:admin',
        idempotency: 'none',
        answers: { 200: { description: 'A page.', schema: pageOf(apiKey) } },
        errors: ['invalid_cursor'],
      },
    },
    handler: async (request) => {
      requireHouse(principalOf(request));
      return store.listApiKeys(toPage(request.query));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/keys',
    schema: { body: keyRequest },
    config: {
      doc: {
        operationId: 'createKey',
        example: { name: 'pms', scopes: ['messages:send', 'messages:read'] },
        tag: 'Keys',
        summary: 'Make an API key',
        description: 'The key is shown only here. It cannot be given a scope that the caller does not have.',
        access: 'keys:admin',
        idempotency: 'hook',
        sealed: true,
        answers: { 201: { description: 'The key.', schema: newKeyAnswer } },
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      requireHouse(principal);
      const { name, scopes, property } = request.body;
      for (const scope of scopes) requireOwn(principal, scope);
      const key = makeApiKey(random);
      const made = await store.createApiKey({
        name,
        hash: hashApiKey(key),
        scopes: [...new Set(scopes)],
        property: property ?? null,
      });
      return reply.code(201).send({ ...made, key });
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/keys/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'revokeKey',
        tag: 'Keys',
        summary: 'Revoke an API key at once',
        access: 'keys:admin',
        idempotency: 'hook',
        answers: { 204: { description: 'Revoked; its streams are closed.' } },
        errors: ['not_found'],
      },
    },
    handler: async (request, reply) => {
      requireHouse(principalOf(request));
      const { id } = request.params;
      await store.revokeApiKey(id, clock.now());
      authenticator.forget(id);
      streams.closeKey(id);
      return reply.code(204).send();
    },
  });
}

/** Keys of every property are in one list, so a key of one property must not see it. */
function requireHouse(principal: Principal): void {
  if (principal.property === null) return;
  throw new BellhopError('forbidden', { detail: 'Keys are managed by a key that belongs to no single property.' });
}

function requireOwn(principal: Principal, scope: Scope): void {
  if (principal.scopes.has('admin') || principal.scopes.has(scope)) return;
  throw new BellhopError('forbidden', {
    pointer: 'scopes',
    detail: `This key does not have the scope ${scope} itself.`,
  });
}
