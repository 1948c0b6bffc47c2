import { z } from 'zod';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const alive = z.object({ status: z.literal('ok') }).meta({ id: 'Alive' });
const readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: 'Readiness' });

export function operationRoutes(app: ApiServer, deps: HttpDeps): void {
  app.route({
    method: 'GET',
    url: '/healthz',
    exposeHeadRoute: true,
    config: {
      doc: {
        operationId: 'isAlive',
        tag: 'Operation',
        summary: 'The process answers',
        access: 'public',
        idempotency: 'none',
        answers: { 200: { description: 'It does.', schema: alive } },
      },
    },
    handler: async () => ({ status: 'ok' }),
  });

  app.route({
    method: 'GET',
    url: '/readyz',
    exposeHeadRoute: true,
    config: {
      doc: {
        operationId: 'isReady',
        tag: 'Operation',
        summary: 'Bellhop can take work',
        access: 'public',
        idempotency: 'none',
        answers: {
          200: { description: 'Ready.', schema: readiness },
          503: { description: 'Not ready; the checks say why.', schema: readiness },
        },
      },
    },
    handler: async (_request, reply) => {
      const { ready, checks } = await deps.health();
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'not_ready', checks });
    },
  });

  app.route({
    method: 'GET',
    url: '/metrics',
    config: {
      doc: {
        operationId: 'getMetrics',
        tag: 'Operation',
        summary: 'Metrics for Prometheus',
        description: 'Wants a key with the scope `metrics:read`, unless `server.metricsPublic` is set.',
        access: deps.config.metricsPublic ? 'public' : 'metrics:read',
        idempotency: 'none',
        answers: { 200: { description: 'The Prometheus text format.', types: ['text/plain'] } },
      },
    },
    handler: async (_request, reply) => reply.header('content-type', METRICS_TYPE).send(await deps.metrics()),
  });
}
