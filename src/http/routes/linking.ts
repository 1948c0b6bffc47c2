import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import { sessionId } from '../../engine/model/primitives.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import { chooseForm, drawQr } from '../qr-picture.ts';
import type { ApiServer } from '../route-doc.ts';
import { linkAnswer, linkRequest, linkStep, toLinkStep } from '../schemas/session-request.ts';
import { requireSession } from '../session-access.ts';

const path = z.object({ id: sessionId });

export function linkingRoutes(app: ApiServer, deps: HttpDeps): void {
  const { engine, store } = deps;

  app.route({
    method: 'POST',
    url: '/v1/sessions/:id/link',
    schema: { params: path, body: linkRequest },
    config: {
      doc: {
        operationId: 'beginLink',
        example: { method: 'qr' },
        tag: 'Sessions',
        summary: 'Begin to link an account',
        access: 'sessions:admin',
        idempotency: 'hook',
        sealed: true,
        answers: { 200: { description: 'The first step.', schema: linkStep } },
        errors: ['not_found', 'session_not_linkable', 'link_method_unsupported', 'session_down', 'connector_missing'],
      },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await requireSession(store, principal, request.params.id);
      return toLinkStep(await engine.sessions.beginLink(principal, request.params.id, request.body));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/sessions/:id/link',
    schema: { params: path },
    config: {
      doc: {
        operationId: 'getLink',
        tag: 'Sessions',
        summary: 'What is now asked of the person who links',
        description:
          'A QR code changes every few seconds: ask again before `expiresAt`. `Accept` chooses JSON or a picture.',
        access: 'sessions:admin',
        idempotency: 'none',
        answers: { 200: { description: 'The step.', schema: linkStep, types: ['image/png', 'image/svg+xml'] } },
        errors: ['not_found', 'no_link_in_progress', 'not_acceptable'],
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      await requireSession(store, principal, request.params.id);
      const form = chooseForm(request.headers.accept);
      const step = toLinkStep(engine.sessions.currentLink(principal, request.params.id));
      reply.header('vary', 'accept');
      if (form === 'json') return step;
      if (step.step !== 'scan_qr') {
        throw new BellhopError('not_acceptable', { detail: 'This step has no picture.' });
      }
      return reply.header('content-type', form).send(await drawQr(step.qr, form));
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/sessions/:id/link/answer',
    schema: { params: path, body: linkAnswer },
    config: {
      doc: {
        operationId: 'answerLink',
        tag: 'Sessions',
        summary: 'Hand in what the person typed',
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 200: { description: 'The next step.', schema: linkStep } },
        errors: ['not_found', 'no_link_in_progress', 'link_input_unexpected'],
      },
    },
    handler: async (request) => {
      const principal = principalOf(request);
      await requireSession(store, principal, request.params.id);
      const given = Object.entries(request.body).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const input = Object.fromEntries(given);
      return toLinkStep(await engine.sessions.answerLink(principal, request.params.id, input));
    },
  });
}
