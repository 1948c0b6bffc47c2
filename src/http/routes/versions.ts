import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import type { Principal } from '../../engine/model/access.ts';
import { clientVersion } from '../../engine/model/client-version.ts';
import { channel } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';

/** Longer than any client writes its version. */
const LONGEST_VERSION = 100;

const path = z.object({ channel, version: z.string().min(1).max(LONGEST_VERSION) });
const list = z.object({
  data: z.array(clientVersion),
  nextCursor: z.null().meta({ description: 'They are few: always one page.' }),
});

/** What sessions say of themselves to their networks. */
export function versionRoutes(app: ApiServer, deps: HttpDeps): void {
  const { versions } = deps.engine;

  app.route({
    method: 'GET',
    url: '/v1/versions',
    schema: { querystring: z.object({ channel: channel.optional() }) },
    config: {
      doc: {
        operationId: 'listVersions',
        tag: 'Sessions',
        summary: 'Client versions, newest first, and what networks said to them',
        description: 'All sessions of a channel share them. A channel whose network knows no versions has none.',
        access: 'sessions:read',
        idempotency: 'none',
        answers: { 200: { description: 'All of them.', schema: list } },
      },
    },
    handler: async (request) => ({ data: [...versions.view(request.query.channel)], nextCursor: null }),
  });

  app.route({
    method: 'PATCH',
    url: '/v1/versions/:channel/:version',
    schema: { params: path, body: z.strictObject({ pinned: z.boolean() }) },
    config: {
      doc: {
        operationId: 'pinVersion',
        example: { pinned: true },
        tag: 'Sessions',
        summary: 'Prefer a client version, or leave it to the ladder again',
        description:
          'Sessions take it at their next reconnect: first one of them, then the others. While the network refuses it, another one is used. A version that is not listed yet may be pinned where the channel can announce it. One pin a channel; needs a key of no single property.',
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 200: { description: 'The version.', schema: clientVersion } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      requireHouse(principalOf(request));
      const { channel: name, version } = request.params;
      return request.body.pinned ? versions.pin(name, version) : versions.unpin(name, version);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/versions/:channel/:version',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'forgetVersion',
        tag: 'Sessions',
        summary: 'Forget when a client version worked and failed',
        description:
          'It is tried again like a new one. One that neither this release nor the configuration lists goes entirely. Needs a key of no single property.',
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 204: { description: 'Forgotten.' } },
        errors: ['not_found'],
      },
    },
    handler: async (request, reply) => {
      requireHouse(principalOf(request));
      await versions.forget(request.params.channel, request.params.version);
      return reply.code(204).send();
    },
  });
}

/** The sessions of every property share the versions of a channel. */
function requireHouse(principal: Principal): void {
  if (principal.property === null) return;
  throw new BellhopError('forbidden', {
    detail: 'Client versions are changed by a key that belongs to no single property.',
  });
}
