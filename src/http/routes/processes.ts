import { z } from 'zod';
import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Principal } from '../../engine/model/access.ts';
import type { ConnectorProcess } from '../../engine/model/process.ts';
import { connectorProcess } from '../../engine/model/process.ts';
import type { ProcessView } from '../../engine/ports/index.ts';
import { principalOf } from '../access-hook.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';

const list = z.object({
  data: z.array(connectorProcess),
  nextCursor: z.null().meta({ description: 'They are few: always one page.' }),
});

/** The processes that run sessions; of the whole house, since sessions of every property share them. */
export function processRoutes(app: ApiServer, { processes }: HttpDeps): void {
  app.route({
    method: 'GET',
    url: '/v1/processes',
    config: {
      doc: {
        operationId: 'listProcesses',
        tag: 'Operation',
        summary: 'The processes that run sessions, with their memory and the lag of their event loops',
        description: 'Needs a key of no single property.',
        access: 'sessions:read',
        idempotency: 'none',
        answers: { 200: { description: 'All of them.', schema: list } },
      },
    },
    handler: async (request) => {
      requireHouse(principalOf(request));
      return { data: processes.processes().map(toJson), nextCursor: null };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/sessions/renew',
    config: {
      doc: {
        operationId: 'renewProcesses',
        tag: 'Operation',
        summary: 'Replace the processes of all sessions, one at a time',
        description:
          "Each session finishes what it is sending, closes, and connects again at once in a new process, without an alert. For new files on disk (an upgraded library) and for memory. Resolves at once; GET /v1/processes shows how far it is. Joins a renewal that is under way. Needs a key of no single property. The daemon's SIGHUP does the same.",
        access: 'sessions:admin',
        idempotency: 'hook',
        answers: { 202: { description: 'The processes that are replaced.', schema: list } },
      },
    },
    handler: async (request, reply) => {
      requireHouse(principalOf(request));
      void processes.renew();
      return reply.code(202).send({ data: processes.processes().map(toJson), nextCursor: null });
    },
  });
}

function toJson(view: ProcessView): ConnectorProcess {
  const { channel, number, pid, sessions, heapBytes, loopLagMs } = view;
  return {
    channel,
    number,
    pid,
    startedAt: toTimestamp(view.startedAt),
    sessions,
    retiring: view.isRetiring,
    residentBytes: view.rssBytes,
    heapBytes,
    loopLagMs,
  };
}

function requireHouse(principal: Principal): void {
  if (principal.property === null) return;
  throw new BellhopError('forbidden', { detail: 'Processes are shown to a key that belongs to no single property.' });
}
