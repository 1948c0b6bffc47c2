import { z } from 'zod';
import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Principal } from '../../engine/model/access.ts';
import { alert } from '../../engine/model/alert.ts';
import { timestamp } from '../../engine/model/primitives.ts';
import { alertWayKinds } from '../../engine/ports/alert-sink.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { pageOf, pageQuery, toPage } from '../schemas/paging.ts';

const open = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional()
  .meta({ description: 'Only those that are open, or only those that are closed; all when absent.' });

const testResult = z
  .object({
    way: z.string().meta({ description: 'For people.', examples: ['e-mail'] }),
    delivered: z.boolean(),
    reason: z.string().nullable().meta({ description: 'Why not; null when it was.' }),
  })
  .meta({ id: 'AlertTest' });
const testResults = z.object({
  data: z.array(testResult),
  nextCursor: z.null().meta({ description: 'They are few: always one page.' }),
});

const way = z
  .object({
    way: z.string().meta({ description: 'For people.', examples: ['e-mail'] }),
    kind: z.enum(alertWayKinds),
    waiting: z.int().meta({ description: 'Alerts that it has not been told of yet.' }),
    failingSince: timestamp.nullable().meta({ description: 'Since when it takes nothing; null while it does.' }),
    reason: z.string().nullable().meta({ description: 'Why, as with the last attempt.' }),
  })
  .meta({ id: 'AlertWay' });
const ways = z.object({
  data: z.array(way),
  nextCursor: z.null().meta({ description: 'They are few: always one page.' }),
});

/** What is wrong, and who is told of it. */
export function alertRoutes(app: ApiServer, deps: HttpDeps): void {
  app.route({
    method: 'GET',
    url: '/v1/alerts',
    schema: { querystring: z.object({ open, ...pageQuery }) },
    config: {
      doc: {
        operationId: 'listAlerts',
        tag: 'Alerts',
        summary: 'Alerts, newest first',
        description:
          'What stays wrong for longer than a grace, or needs a person: one alert a trouble, until the all-clear. They are kept whether or not anybody is configured to be told.',
        access: 'sessions:read',
        idempotency: 'none',
        answers: { 200: { description: 'A page.', schema: pageOf(alert) } },
        errors: ['invalid_cursor'],
      },
    },
    handler: async (request) => {
      const { open: isOpen, ...page } = request.query;
      const { property } = principalOf(request);
      return deps.store.listAlerts({ property, ...(isOpen === undefined ? {} : { open: isOpen }) }, toPage(page));
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/alerts/ways',
    config: {
      doc: {
        operationId: 'listAlertWays',
        tag: 'Alerts',
        summary: 'Whether people can be told',
        description:
          'Each way of `alerts.email` and `alerts.webhooks`, and whether it takes what it is given; empty where none is configured. Needs a key of no single property.',
        access: 'sessions:read',
        idempotency: 'none',
        answers: { 200: { description: 'All ways.', schema: ways } },
      },
    },
    handler: async (request) => {
      requireHouse(principalOf(request));
      const data = deps.engine.alerts.ways().map(({ way: name, kind, waiting, failingSince, reason }) => ({
        way: name,
        kind,
        waiting,
        reason,
        failingSince: failingSince === null ? null : toTimestamp(failingSince),
      }));
      return { data, nextCursor: null };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/alerts/test',
    config: {
      doc: {
        operationId: 'testAlerts',
        tag: 'Alerts',
        summary: 'Send a test on every way',
        description:
          'Each way of `alerts.email` and `alerts.webhooks` is tried once; the answer says how it went, and is empty where none is configured. Takes up to half a minute. Needs a key of no single property.',
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 200: { description: 'How it went.', schema: testResults } },
      },
    },
    handler: async (request) => {
      requireHouse(principalOf(request));
      return { data: [...(await deps.engine.alerts.test())], nextCursor: null };
    },
  });
}

/** Whoever is told is told of every property. */
function requireHouse(principal: Principal): void {
  if (principal.property === null) return;
  throw new BellhopError('forbidden', { detail: 'This takes a key that belongs to no single property.' });
}
