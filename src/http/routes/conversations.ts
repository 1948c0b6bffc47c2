import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import { conversation } from '../../engine/model/conversation.ts';
import { conversationId } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import {
  conversationQuery,
  conversationRequest,
  eventRange,
  eventRangeAnswer,
  readRequest,
  typingRequest,
} from '../schemas/conversation-request.ts';
import { pageOf, toPage } from '../schemas/paging.ts';

const path = z.object({ id: conversationId });

export function conversationRoutes(app: ApiServer, deps: HttpDeps): void {
  const { engine, store } = deps;

  app.route({
    method: 'GET',
    url: '/v1/conversations',
    schema: { querystring: conversationQuery },
    config: {
      doc: {
        operationId: 'listConversations',
        tag: 'Conversations',
        summary: 'Conversations, newest activity first',
        access: 'messages:read',
        idempotency: 'none',
        answers: { 200: { description: 'A page.', schema: pageOf(conversation) } },
        errors: ['invalid_cursor'],
      },
    },
    handler: async (request) => {
      const { channel, session, guestId, unread, q } = request.query;
      return store.listConversations(
        {
          property: principalOf(request).property,
          ...(channel === undefined ? {} : { channel }),
          ...(session === undefined ? {} : { session }),
          ...(guestId === undefined ? {} : { guestId }),
          ...(unread === undefined ? {} : { unread }),
          ...(q === undefined ? {} : { q }),
        },
        toPage(request.query),
      );
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations',
    schema: { body: conversationRequest },
    config: {
      doc: {
        operationId: 'createConversation',
        tag: 'Conversations',
        summary: 'Open a conversation, or find the one that exists',
        access: 'messages:send',
        idempotency: 'hook',
        answers: {
          200: { description: 'It existed.', schema: conversation },
          201: { description: 'It was made.', schema: conversation },
        },
        errors: ['unknown_channel', 'invalid_address', 'no_session', 'ambiguous_session', 'capability_missing'],
      },
    },
    handler: async (request, reply) => {
      const { channel, session, participants, kind, title } = request.body;
      const result = await engine.conversations.create(principalOf(request), {
        channel,
        session,
        participants,
        kind,
        title,
      });
      return reply
        .code(result.created ? 201 : 200)
        .header('location', `/v1/conversations/${result.conversation.id}`)
        .send(result.conversation);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/conversations/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'getConversation',
        tag: 'Conversations',
        summary: 'One conversation',
        access: 'messages:read',
        idempotency: 'none',
        answers: { 200: { description: 'The conversation.', schema: conversation } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const found = await store.getConversation(request.params.id, principalOf(request).property);
      if (found === null) throw new BellhopError('not_found');
      return found;
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/conversations/:id/events',
    schema: { params: path, querystring: eventRange },
    config: {
      doc: {
        operationId: 'listConversationEvents',
        tag: 'Conversations',
        summary: 'Retransmit a range of its events, in order',
        description:
          'Events of a conversation are numbered without gaps, so a missing one is seen and can be asked for.',
        access: 'messages:read',
        idempotency: 'none',
        answers: { 200: { description: 'The events.', schema: eventRangeAnswer } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const { property } = principalOf(request);
      const { fromSeq, toSeq, limit } = request.query;
      const found = await store.getConversation(request.params.id, property);
      if (found === null) throw new BellhopError('not_found');
      const range = toSeq === undefined ? { fromSeq, limit } : { fromSeq, toSeq, limit };
      const data = await store.listConversationEvents(found.id, range, property);
      const last = data.at(-1)?.seq ?? null;
      const end = Math.min(toSeq ?? found.lastSeq, found.lastSeq);
      return { data, nextSeq: last !== null && last < end ? last + 1 : null };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations/:id/read',
    schema: { params: path, body: readRequest },
    config: {
      doc: {
        operationId: 'markRead',
        tag: 'Conversations',
        summary: "Mark as read, also on the guest's phone",
        access: 'messages:send',
        idempotency: 'hook',
        answers: { 200: { description: 'The conversation.', schema: conversation } },
        errors: ['not_found'],
      },
    },
    handler: async (request) =>
      engine.conversations.markRead(principalOf(request), request.params.id, request.body.seq ?? null),
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations/:id/typing',
    schema: { params: path, body: typingRequest },
    config: {
      doc: {
        operationId: 'setTyping',
        tag: 'Conversations',
        summary: 'Show or stop showing that staff is typing',
        access: 'messages:send',
        idempotency: 'hook',
        answers: { 204: { description: 'Done.' } },
        errors: ['not_found', 'capability_missing', 'session_down'],
      },
    },
    handler: async (request, reply) => {
      await engine.conversations.setTyping(principalOf(request), request.params.id, request.body.on);
      return reply.code(204).send();
    },
  });
}
