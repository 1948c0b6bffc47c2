import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import type { Random } from '../../core/random.ts';
import { DEFAULT_PROPERTY, webhookId } from '../../engine/model/primitives.ts';
import { webhook } from '../../engine/model/webhook.ts';
import { principalOf, propertyFor } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { pageOf, pageQuery, toPage } from '../schemas/paging.ts';
import { newWebhookAnswer, webhookPatch, webhookRequest } from '../schemas/webhook-request.ts';

const SECRET_BYTES = 32; // Standard Webhooks asks for 24 to 64
const path = z.object({ id: webhookId });

export function webhookRoutes(app: ApiServer, deps: HttpDeps): void {
  const { store, targets, random } = deps;

  app.route({
    method: 'GET',
    url: '/v1/webhooks',
    schema: { querystring: z.object(pageQuery) },
    config: {
      doc: {
        operationId: 'listWebhooks',
        tag: 'Webhooks',
        summary: 'Webhooks',
        access: 'webhooks:admin',
        idempotency: 'none',
        answers: { 200: { description: 'A page.', schema: pageOf(webhook) } },
        errors: ['invalid_cursor'],
      },
    },
    handler: async (request) => store.listWebhooks({ property: principalOf(request).property }, toPage(request.query)),
  });

  app.route({
    method: 'POST',
    url: '/v1/webhooks',
    schema: { body: webhookRequest },
    config: {
      doc: {
        operationId: 'createWebhook',
        example: { url: 'https://pms.example/bellhop', types: ['message.*'], description: 'PMS' },
        tag: 'Webhooks',
        summary: 'Have events delivered to an endpoint',
        description:
          'Deliveries are signed as the Standard Webhooks specification says. The secret is shown only here.',
        access: 'webhooks:admin',
        idempotency: 'hook',
        sealed: true,
        answers: { 201: { description: 'The webhook and its secret.', schema: newWebhookAnswer } },
        errors: ['webhook_target_invalid', 'webhook_target_forbidden'],
      },
    },
    handler: async (request, reply) => {
      const { url, types, description, property } = request.body;
      const owner = propertyFor(principalOf(request), property, DEFAULT_PROPERTY);
      await targets.check(url);
      const secret = makeWebhookSecret(random);
      const saved = await store.saveWebhook({
        property: owner,
        url,
        types,
        description: description ?? null,
        secret,
      });
      return reply
        .code(201)
        .header('location', `/v1/webhooks/${saved.id}`)
        .send({ ...saved, secret });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/webhooks/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'getWebhook',
        tag: 'Webhooks',
        summary: 'One webhook',
        access: 'webhooks:admin',
        idempotency: 'none',
        answers: { 200: { description: 'The webhook.', schema: webhook } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const found = await store.getWebhook(request.params.id, principalOf(request).property);
      if (found === null) throw new BellhopError('not_found');
      return found;
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/webhooks/:id',
    schema: { params: path, body: webhookPatch },
    config: {
      doc: {
        operationId: 'updateWebhook',
        tag: 'Webhooks',
        summary: 'Change a webhook, or enable it again',
        access: 'webhooks:admin',
        idempotency: 'hook',
        answers: { 200: { description: 'The webhook.', schema: webhook } },
        errors: ['not_found', 'webhook_target_invalid', 'webhook_target_forbidden'],
      },
    },
    handler: async (request) => {
      const { url, types, description, disabled } = request.body;
      if (url !== undefined) await targets.check(url);
      return store.updateWebhook(
        request.params.id,
        {
          ...(url === undefined ? {} : { url }),
          ...(types === undefined ? {} : { types }),
          ...(description === undefined ? {} : { description }),
          ...(disabled === undefined ? {} : { disabled }),
        },
        principalOf(request).property,
      );
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/webhooks/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'deleteWebhook',
        tag: 'Webhooks',
        summary: 'Remove a webhook and what waits for it',
        access: 'webhooks:admin',
        idempotency: 'hook',
        answers: { 204: { description: 'Gone.' } },
        errors: ['not_found'],
      },
    },
    handler: async (request, reply) => {
      await store.deleteWebhook(request.params.id, principalOf(request).property);
      return reply.code(204).send();
    },
  });
}

/** `whsec_` and base64, as the Standard Webhooks specification writes secrets. */
export function makeWebhookSecret(random: Random): string {
  return `whsec_${Buffer.from(random.bytes(SECRET_BYTES)).toString('base64')}`;
}
