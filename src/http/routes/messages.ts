import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import type { MessageRequest } from '../../engine/engine-api.ts';
import { message } from '../../engine/model/message.ts';
import { messageId } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import { readClaim, replay } from '../idempotency.ts';
import type { ApiServer } from '../route-doc.ts';
import {
  batchAnswer,
  batchRequest,
  batchShell,
  editRequest,
  messageRequest,
  reactionRequest,
} from '../schemas/message-request.ts';
import { validationError } from '../validation.ts';

const MOST_MESSAGES = 50; // the contract's size of a batch
const path = z.object({ id: messageId });
/** A batch holds many: compiled to code like the schemas of the routes. */
const quickRequest = z.compile(messageRequest);

export function messageRoutes(app: ApiServer, deps: HttpDeps): void {
  const { engine, store } = deps;
  const commands = engine.messages;

  app.route({
    method: 'POST',
    url: '/v1/messages',
    schema: { body: messageRequest },
    config: {
      doc: {
        operationId: 'sendMessage',
        example: { channel: 'whatsapp', to: '+15551234567', body: 'Your room is ready.' },
        tag: 'Messages',
        summary: 'Accept one message',
        description:
          'Answers 202 once the message is durable. It goes out when its session is connected and the pace allows; follow it by events or by its id.',
        access: 'messages:send',
        idempotency: 'route',
        answers: { 202: { description: 'The message, queued.', schema: message } },
        errors: [
          'unknown_channel',
          'invalid_address',
          'body_too_long',
          'empty_message',
          'unsupported_content',
          'media_not_found',
          'media_fetch_failed',
          'media_too_large',
          'no_basis',
          'opted_out',
          'number_rotation',
          'text_disguised',
          'no_session',
          'ambiguous_session',
          'reply_target_not_found',
          'message_expired',
          'idempotency_key_reused',
          'store_full',
        ],
      },
    },
    handler: async (request, reply) => {
      const answer = await commands.accept(principalOf(request), request.body, readClaim(request));
      return replay(reply, answer);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/messages/batch',
    schema: { body: batchShell },
    config: {
      doc: {
        operationId: 'sendMessages',
        example: { messages: [{ channel: 'whatsapp', to: '+15551234567', body: 'Your room is ready.' }] },
        tag: 'Messages',
        summary: 'Accept up to 50 messages',
        description: 'Each message is judged alone; those that are valid are accepted in one transaction.',
        access: 'messages:send',
        idempotency: 'route',
        body: batchRequest,
        answers: { 202: { description: 'A result for each message, in order.', schema: batchAnswer } },
        errors: ['batch_too_large', 'idempotency_key_reused', 'store_full'],
      },
    },
    handler: async (request, reply) => {
      const { messages } = request.body;
      if (messages.length > MOST_MESSAGES) {
        throw new BellhopError('batch_too_large', { pointer: 'messages', detail: `${messages.length} messages.` });
      }
      const answer = await commands.acceptBatch(principalOf(request), messages.map(readItem), readClaim(request));
      return replay(reply, answer);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/messages/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'getMessage',
        tag: 'Messages',
        summary: 'One message, with how far it has come',
        access: 'messages:read',
        idempotency: 'none',
        answers: { 200: { description: 'The message.', schema: message } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const found = await store.getMessage(request.params.id, principalOf(request).property);
      if (found === null) throw new BellhopError('not_found');
      return found;
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/messages/:id',
    schema: { params: path, body: editRequest },
    config: {
      doc: {
        operationId: 'editMessage',
        tag: 'Messages',
        summary: 'Edit a message where the channel can',
        access: 'messages:send',
        idempotency: 'hook',
        answers: { 200: { description: 'The message as it now is.', schema: message } },
        errors: [
          'not_found',
          'message_not_editable',
          'capability_missing',
          'empty_message',
          'body_too_long',
          'text_disguised',
          'opted_out',
          'same_text',
          'session_down',
        ],
      },
    },
    handler: async (request) => commands.edit(principalOf(request), request.params.id, request.body.body),
  });

  app.route({
    method: 'DELETE',
    url: '/v1/messages/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'deleteMessage',
        tag: 'Messages',
        summary: 'Cancel a queued message, or delete a sent one for everyone',
        access: 'messages:send',
        idempotency: 'hook',
        answers: { 200: { description: 'The message, cancelled or deleted.', schema: message } },
        errors: ['not_found', 'message_not_queued', 'message_not_editable', 'capability_missing', 'session_down'],
      },
    },
    handler: async (request) => commands.delete(principalOf(request), request.params.id),
  });

  app.route({
    method: 'POST',
    url: '/v1/messages/:id/release',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'releaseMessage',
        tag: 'Messages',
        summary: 'Let a message go that waits for a person',
        description:
          'For messages whose `heldBy.rule` is `same_text` or `unanswered`. It keeps to every other limit; cancel it with DELETE.',
        access: 'messages:send',
        idempotency: 'hook',
        answers: { 200: { description: 'The message, queued.', schema: message } },
        errors: ['not_found', 'message_not_queued', 'message_not_held'],
      },
    },
    handler: async (request) => commands.release(principalOf(request), request.params.id),
  });

  app.route({
    method: 'POST',
    url: '/v1/messages/:id/reactions',
    schema: { params: path, body: reactionRequest },
    config: {
      doc: {
        operationId: 'reactToMessage',
        tag: 'Messages',
        summary: 'React with an emoji, or take the reaction back',
        access: 'messages:send',
        idempotency: 'hook',
        answers: { 200: { description: 'The message with its reactions.', schema: message } },
        errors: ['not_found', 'capability_missing', 'opted_out', 'session_down'],
      },
    },
    handler: async (request) => commands.react(principalOf(request), request.params.id, request.body.emoji),
  });
}

function readItem(item: unknown): MessageRequest | BellhopError {
  const result = quickRequest.safeParse(item);
  return result.success ? result.data : validationError(result.error);
}
