import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import { eventEnvelope } from '../../engine/model/event.ts';
import { principalOf } from '../access-hook.ts';
import { httpTimeouts } from '../http-config.ts';
import type { HttpDeps } from '../http-deps.ts';
import type { ApiServer } from '../route-doc.ts';
import { typesQuery } from '../schemas/event-types.ts';
import { eventCursor, limit, pageOf } from '../schemas/paging.ts';
import { runStream } from '../stream/run-stream.ts';
import { SseSink } from '../stream/sse-sink.ts';
import type { StreamHub } from '../stream/stream-hub.ts';

const streamQuery = z.object({ after: eventCursor.optional(), types: typesQuery });

export function eventRoutes(app: ApiServer, deps: HttpDeps & { streams: StreamHub }): void {
  const { store, engine, clock, config, streams } = deps;

  app.route({
    method: 'GET',
    url: '/v1/events',
    schema: { querystring: streamQuery.extend({ limit }) },
    config: {
      doc: {
        operationId: 'listEvents',
        tag: 'Events',
        summary: 'The event log, to catch up',
        description: '`nextCursor` is the place to go on from as `after`, also when nothing new was there.',
        access: 'messages:read',
        idempotency: 'none',
        answers: { 200: { description: 'A page, in order.', schema: pageOf(eventEnvelope) } },
        errors: ['invalid_cursor'],
      },
    },
    handler: async (request) => {
      const { after, types, limit: size } = request.query;
      return store.listEvents({
        property: principalOf(request).property,
        limit: size,
        ...(after === undefined ? {} : { after }),
        ...(types === undefined ? {} : { types }),
      });
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/events/stream',
    schema: { querystring: streamQuery },
    config: {
      doc: {
        operationId: 'streamEvents',
        tag: 'Events',
        summary: 'The event log, live, as Server-Sent Events',
        description:
          '`id:` is the cursor, `event:` the type, `data:` the envelope. `Last-Event-ID` (or `after`) resumes without a gap; without either it begins now. Typing and presence come without an id. A reader that takes nothing for 30 s is cut off and can resume.',
        access: 'messages:read',
        idempotency: 'none',
        answers: { 200: { description: 'The stream.', types: ['text/event-stream'] } },
        errors: ['invalid_cursor', 'overloaded'],
      },
    },
    handler: async (request, reply) => {
      const principal = principalOf(request);
      const { property, keyId } = principal;
      const types = request.query.types ?? [];
      const after =
        readLastEventId(request.headers['last-event-id']) ?? request.query.after ?? (await store.lastCursor());
      // a wrong cursor is answered as a problem, while that can still be done
      if (after !== null) await store.listEvents({ property, after, types, limit: 1 });

      const controller = streams.open(keyId);
      const { slowReaderMs, heartbeatMs } = { ...httpTimeouts, ...config.timeouts };
      reply.hijack();
      const response = reply.raw;
      response.once('close', () => controller.abort());
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        if (value !== undefined) response.setHeader(name, value);
      }
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'x-accel-buffering': 'no', // nginx would hold events back
      });
      const sink = new SseSink({ response, clock, slowReaderMs });
      sink.writeOpening(after);
      await runStream({ store, live: engine.live, clock, heartbeatMs }, { property, after, types }, sink, controller);
      if (response.writableNeedDrain) response.destroy();
      else response.end();
    },
  });
}

const LONGEST_CURSOR = 512;

function readLastEventId(header: string | string[] | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  if (typeof header !== 'string' || header.length > LONGEST_CURSOR) throw new BellhopError('invalid_cursor');
  return header;
}
