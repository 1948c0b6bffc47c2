import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import { guest } from '../../engine/model/conversation.ts';
import { guestId } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { guestPatch, guestQuery, mergeRequest } from '../schemas/conversation-request.ts';
import { pageOf, toPage } from '../schemas/paging.ts';

const path = z.object({ id: guestId });

export function guestRoutes(app: ApiServer, deps: HttpDeps): void {
  const { store, clock } = deps;

  app.route({
    method: 'GET',
    url: '/v1/guests',
    schema: { querystring: guestQuery },
    config: {
      doc: {
        operationId: 'listGuests',
        tag: 'Guests',
        summary: 'Guests',
        access: 'guests:read',
        idempotency: 'none',
        answers: { 200: { description: 'A page.', schema: pageOf(guest) } },
        errors: ['invalid_cursor'],
      },
    },
    handler: async (request) => {
      const { q } = request.query;
      const { property } = principalOf(request);
      return store.listGuests(q === undefined ? { property } : { property, q }, toPage(request.query));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/guests/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'getGuest',
        tag: 'Guests',
        summary: 'One guest, with the addresses known',
        access: 'guests:read',
        idempotency: 'none',
        answers: { 200: { description: 'The guest.', schema: guest } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const found = await store.getGuest(request.params.id, principalOf(request).property);
      if (found === null) throw new BellhopError('not_found');
      return found;
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/guests/:id',
    schema: { params: path, body: guestPatch },
    config: {
      doc: {
        operationId: 'updateGuest',
        tag: 'Guests',
        summary: 'Change what staff knows of a guest',
        access: 'guests:write',
        idempotency: 'hook',
        answers: { 200: { description: 'The guest.', schema: guest } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const { displayName, language, notes } = request.body;
      return store.updateGuest(
        request.params.id,
        {
          ...(displayName === undefined ? {} : { displayName }),
          ...(language === undefined ? {} : { language }),
          ...(notes === undefined ? {} : { notes }),
        },
        principalOf(request).property,
        clock.now(),
      );
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/guests/:id/merge',
    schema: { params: path, body: mergeRequest },
    config: {
      doc: {
        operationId: 'mergeGuests',
        tag: 'Guests',
        summary: 'Two records turned out to be one person',
        description:
          'The guest of the body becomes part of the guest in the path: addresses, conversations and messages move.',
        access: 'guests:write',
        idempotency: 'hook',
        answers: { 200: { description: 'The guest that remains.', schema: guest } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const { id } = request.params;
      if (request.body.guestId === id) {
        throw new BellhopError('invalid_request', { pointer: 'guestId', detail: 'Expected another guest.' });
      }
      return store.mergeGuests(id, request.body.guestId, principalOf(request).property, clock.now());
    },
  });
}
