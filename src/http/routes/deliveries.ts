import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import type { Principal } from '../../engine/model/access.ts';
import { deliveryId, webhookId } from '../../engine/model/primitives.ts';
import { delivery } from '../../engine/model/webhook.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { pageOf, toPage } from '../schemas/paging.ts';
import { deliveryQuery, replayAnswer, replayRequest } from '../schemas/webhook-request.ts';

const path = z.object({ id: webhookId });
const deliveryPath = path.extend({ did: deliveryId });

export function deliveryRoutes(app: ApiServer, deps: HttpDeps): void {
  const { store, clock } = deps;

  const requireWebhook = async (principal: Principal, id: string): Promise<void> => {
    if ((await store.getWebhook(id, principal.property)) === null) throw new BellhopError('not_found');
  };

  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/test',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'testWebhook',
        tag: 'Webhooks',
        summary: 'Send a test event to this endpoint alone',
        access: 'webhooks:admin',
        idempotency: 'hook',
        answers: { 202: { description: 'The delivery; see how it goes in the list of deliveries.', schema: delivery } },
        errors: ['not_found', 'webhook_disabled'],
      },
    },
    handler: async (request, reply) => {
      const sent = await store.sendTestEvent(request.params.id, principalOf(request).property, clock.now());
      return reply.code(202).send(sent);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/webhooks/:id/deliveries',
    schema: { params: path, querystring: deliveryQuery },
    config: {
      doc: {
        operationId: 'listDeliveries',
        tag: 'Webhooks',
        summary: 'Deliveries, with their last answer',
        access: 'webhooks:admin',
        idempotency: 'none',
        answers: { 200: { description: 'A page, newest first.', schema: pageOf(delivery) } },
        errors: ['not_found', 'invalid_cursor'],
      },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await requireWebhook(principal, request.params.id);
      const { status } = request.query;
      const filter = { property: principal.property, ...(status === undefined ? {} : { status }) };
      return store.listDeliveries(request.params.id, filter, toPage(request.query));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/deliveries/:did/redeliver',
    schema: { params: deliveryPath },
    config: {
      doc: {
        operationId: 'redeliver',
        tag: 'Webhooks',
        summary: 'Deliver one event again',
        access: 'webhooks:admin',
        idempotency: 'hook',
        answers: { 202: { description: 'The delivery, pending again.', schema: delivery } },
        errors: ['not_found', 'webhook_disabled'],
      },
    },
    handler: async (request, reply) => {
      const { id, did } = request.params;
      return reply.code(202).send(await store.redeliver(id, did, principalOf(request).property, clock.now()));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/webhooks/:id/replay',
    schema: { params: path, body: replayRequest },
    config: {
      doc: {
        operationId: 'replayEvents',
        tag: 'Webhooks',
        summary: 'Deliver a range of the event log again',
        access: 'webhooks:admin',
        idempotency: 'hook',
        answers: { 202: { description: 'How many deliveries were made.', schema: replayAnswer } },
        errors: ['not_found', 'invalid_cursor', 'webhook_disabled'],
      },
    },
    handler: async (request, reply) => {
      const { after, until } = request.body;
      const range = until === undefined ? { after } : { after, until };
      const deliveries = await store.replayEvents(request.params.id, range, principalOf(request).property, clock.now());
      return reply.code(202).send({ deliveries });
    },
  });
}
