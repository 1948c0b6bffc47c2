import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import { explainEntry } from '../../engine/explain-session.ts';
import type { Principal } from '../../engine/model/access.ts';
import { DEFAULT_PROPERTY, sessionId } from '../../engine/model/primitives.ts';
import type { Session } from '../../engine/model/session.ts';
import { session, timelineEntry } from '../../engine/model/session.ts';
import { principalOf, propertyFor } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { pageOf, pageQuery, toPage } from '../schemas/paging.ts';
import { sessionPatch, sessionRequest } from '../schemas/session-request.ts';
import { requireSession } from '../session-access.ts';

const path = z.object({ id: sessionId });

const toldEntry = timelineEntry
  .extend({ summary: z.string().meta({ description: 'The row in a sentence or two, for people.' }) })
  .meta({ id: 'ToldTimelineEntry' });

export function sessionRoutes(app: ApiServer, deps: HttpDeps): void {
  const { engine, store } = deps;

  app.route({
    method: 'GET',
    url: '/v1/sessions',
    schema: { querystring: z.object(pageQuery) },
    config: {
      doc: {
        operationId: 'listSessions',
        tag: 'Sessions',
        summary: 'Sessions',
        access: 'sessions:read',
        idempotency: 'none',
        answers: { 200: { description: 'A page.', schema: pageOf(session) } },
        errors: ['invalid_cursor'],
      },
    },
    handler: async (request) => store.listSessions({ property: principalOf(request).property }, toPage(request.query)),
  });

  app.route({
    method: 'POST',
    url: '/v1/sessions',
    schema: { body: sessionRequest },
    config: {
      doc: {
        operationId: 'createSession',
        example: { id: 'front-desk', channel: 'whatsapp' },
        tag: 'Sessions',
        summary: 'Make a session and start it',
        description: 'It is `unlinked` until an account is linked to it.',
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 201: { description: 'The session.', schema: session } },
        errors: ['session_exists', 'invalid_session_id', 'unknown_channel', 'connector_missing'],
      },
    },
    handler: async (request, reply) => {
      const { id, channel, property, settings } = request.body;
      if (!sessionId.safeParse(id).success) throw new BellhopError('invalid_session_id', { pointer: 'id' });
      const principal = principalOf(request);
      const made = await engine.sessions.create(principal, {
        id,
        channel,
        property: propertyFor(principal, property, DEFAULT_PROPERTY),
        settings,
      });
      return reply.code(201).header('location', `/v1/sessions/${made.id}`).send(made);
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/sessions/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'getSession',
        tag: 'Sessions',
        summary: 'State, reason, version in use, pacing',
        access: 'sessions:read',
        idempotency: 'none',
        answers: { 200: { description: 'The session.', schema: session } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => requireSession(store, principalOf(request), request.params.id),
  });

  app.route({
    method: 'PATCH',
    url: '/v1/sessions/:id',
    schema: { params: path, body: sessionPatch },
    config: {
      doc: {
        operationId: 'updateSession',
        tag: 'Sessions',
        summary: 'Change its settings',
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 200: { description: 'The session.', schema: session } },
        errors: ['not_found'],
      },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await requireSession(store, principal, request.params.id);
      return engine.sessions.updateSettings(principal, request.params.id, request.body.settings);
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/sessions/:id',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'deleteSession',
        tag: 'Sessions',
        summary: 'Unlink the account and erase its credentials',
        description: 'Conversations and messages stay.',
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 204: { description: 'Gone.' } },
        errors: ['not_found'],
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      await requireSession(store, principal, request.params.id);
      await engine.sessions.remove(principal, request.params.id);
      return reply.code(204).send();
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/sessions/:id/timeline',
    schema: { params: path, querystring: z.object(pageQuery) },
    config: {
      doc: {
        operationId: 'listTimeline',
        tag: 'Sessions',
        summary: 'Every change of state, with its cause',
        access: 'sessions:read',
        idempotency: 'none',
        answers: { 200: { description: 'A page, newest first.', schema: pageOf(toldEntry) } },
        errors: ['not_found', 'invalid_cursor'],
      },
    },
    handler: async (request) => {
      const found = await requireSession(store, principalOf(request), request.params.id);
      const { data, nextCursor } = await store.listTimeline(found.id, toPage(request.query));
      return { data: data.map((entry) => ({ ...entry, summary: explainEntry(entry) })), nextCursor };
    },
  });

  commandRoute(app, deps, { name: 'start', summary: 'Start it', run: (who, id) => engine.sessions.start(who, id) });
  commandRoute(app, deps, {
    name: 'stop',
    summary: 'Stop it and keep the link',
    run: (who, id) => engine.sessions.stop(who, id),
  });
  commandRoute(app, deps, {
    name: 'restart',
    summary: 'Close the connection and open a new one',
    run: (who, id) => engine.sessions.restart(who, id),
  });
}

interface SessionCommand {
  readonly name: 'start' | 'stop' | 'restart';
  readonly summary: string;
  readonly run: (principal: Principal, id: string) => Promise<Session>;
}

function commandRoute(app: ApiServer, deps: HttpDeps, command: SessionCommand): void {
  app.route({
    method: 'POST',
    url: `/v1/sessions/:id/${command.name}`,
    schema: { params: path },
    config: {
      doc: {
        operationId: `${command.name}Session`,
        tag: 'Sessions',
        summary: command.summary,
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 200: { description: 'The session as it is now.', schema: session } },
        errors: ['not_found', 'session_not_linked'],
      },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await requireSession(deps.store, principal, request.params.id);
      return command.run(principal, request.params.id);
    },
  });
}
