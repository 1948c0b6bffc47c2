import { z } from 'zod';
import { consentEntry } from '../../engine/model/consent.ts';
import { guest } from '../../engine/model/conversation.ts';
import { guestId } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { consentRequest } from '../schemas/conversation-request.ts';
import { pageOf, pageQuery, toPage } from '../schemas/paging.ts';

const path = z.object({ id: guestId });

/** What guests asked for: messages, or silence. */
export function consentRoutes(app: ApiServer, { store, clock }: HttpDeps): void {
  app.route({
    method: 'GET',
    url: '/v1/guests/:id/consent',
    schema: { params: path, querystring: z.object(pageQuery) },
    config: {
      doc: {
        operationId: 'listConsents',
        tag: 'Guests',
        summary: 'What a guest asked for, and when',
        description: 'Rows are only ever added: a proof of who said what, how and when.',
        access: 'guests:read',
        idempotency: 'none',
        answers: { 200: { description: 'A page, newest first.', schema: pageOf(consentEntry) } },
        errors: ['not_found', 'invalid_cursor'],
      },
    },
    handler: async (request) =>
      store.listConsents(request.params.id, principalOf(request).property, toPage(request.query)),
  });

  app.route({
    method: 'POST',
    url: '/v1/guests/:id/consent',
    schema: { params: path, body: consentRequest },
    config: {
      doc: {
        operationId: 'recordConsent',
        example: { state: 'opted_out', note: 'By phone to reception, 4 March' },
        tag: 'Guests',
        summary: 'Enter what a guest said elsewhere',
        description:
          'On all channels. With `opted_out` whatever is queued for the guest is cancelled, and only answers to what the guest writes later are accepted.',
        access: 'guests:write',
        idempotency: 'hook',
        answers: { 200: { description: 'The guest.', schema: guest } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const { property, keyId } = principalOf(request);
      const { state, note } = request.body;
      const entry = { state, note, source: 'staff', channel: null, session: null, messageId: null, by: keyId } as const;
      return (await store.recordConsent(request.params.id, entry, property, clock.now())).guest;
    },
  });
}
