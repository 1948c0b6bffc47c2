import websocket, { type WebSocket } from '@fastify/websocket';
import { z } from 'zod';
import { BellhopError } from '../../core/errors.ts';
import { toProblem } from '../../core/problem.ts';
import type { Principal } from '../../engine/model/access.ts';
import { conversationId } from '../../engine/model/primitives.ts';
import { principalOf, requireScope } from '../access-hook.ts';
import { httpTimeouts } from '../http-config.ts';
import type { HttpDeps } from '../http-deps.ts';
import { readJson } from '../json-body.ts';
import { fromHttp } from '../problems.ts';
import type { RateLimiter } from '../rate-limiter.ts';
import { WEB_SOCKET_PATH } from '../response-headers.ts';
import type { ApiServer } from '../route-doc.ts';
import { typesQuery } from '../schemas/event-types.ts';
import { eventCursor } from '../schemas/paging.ts';
import { runStream } from '../stream/run-stream.ts';
import type { StreamHub } from '../stream/stream-hub.ts';
import { WebSocketSink } from '../stream/web-socket-sink.ts';
import { validationError } from '../validation.ts';

const LONGEST_FRAME_BYTES = 4_096; // a client only ever says who is typing
const POLICY_VIOLATION = 1008;
const GOING_AWAY = 1001;

const query = z.object({ after: eventCursor.optional(), types: typesQuery });
/** The query as the route's validation left it, which the type of a WebSocket handler does not tell. */
const validated = z.object({ after: z.string().optional(), types: z.array(z.string()).optional() });
const typingFrame = z.strictObject({ type: z.literal('typing'), conversationId, on: z.boolean() });

type WebSocketDeps = HttpDeps & { streams: StreamHub; limiter: RateLimiter };

/** Registered in a scope of its own: the plugin adds hooks that other routes need not run. */
export async function webSocketRoutes(app: ApiServer, deps: WebSocketDeps): Promise<void> {
  const { store, engine, clock, config, streams } = deps;
  const { slowReaderMs, heartbeatMs } = { ...httpTimeouts, ...config.timeouts };
  await app.register(websocket, { options: { maxPayload: LONGEST_FRAME_BYTES, perMessageDeflate: false } });

  app.route({
    method: 'GET',
    url: WEB_SOCKET_PATH,
    schema: { querystring: query },
    config: {
      doc: {
        operationId: 'openWebSocket',
        tag: 'Events',
        summary: 'The event log, live, over a WebSocket',
        description:
          'The first frame is `{"type":"stream.ready","cursor":…}`, then each frame is an envelope; `after` resumes without a gap. Typing and presence come as `{type, timestamp, data}`. The client may send `{"type":"typing","conversationId":…,"on":true}`.',
        access: 'messages:read',
        idempotency: 'none',
        answers: { 101: { description: 'The WebSocket is open.' } },
        errors: ['invalid_cursor', 'overloaded'],
      },
    },
    handler: async () => {
      throw new BellhopError('invalid_request', { detail: 'Expected a request to upgrade to a WebSocket.' });
    },
    preHandler: async (request) => {
      const { after, types } = request.query;
      if (after === undefined) return;
      await store.listEvents({ property: principalOf(request).property, after, types: types ?? [], limit: 1 });
    },
    wsHandler: async (socket, request) => {
      const principal = principalOf(request);
      const { after: asked, types = [] } = validated.parse(request.query);
      const sink = new WebSocketSink({ socket, clock, slowReaderMs });
      socket.on('error', () => socket.terminate());
      socket.on('message', (data, isBinary) => {
        const text = isBinary ? '' : Buffer.isBuffer(data) ? data.toString('utf8') : '';
        handleFrame(deps, principal, text).catch((error: unknown) => {
          sink.say({ type: 'stream.problem', problem: toProblem(fromHttp(error)) });
        });
      });
      let controller: AbortController;
      try {
        controller = streams.open(principal.keyId);
      } catch {
        socket.close(POLICY_VIOLATION, 'too many streams');
        return;
      }
      socket.once('close', () => controller.abort());
      const after = asked ?? (await store.lastCursor());
      sink.say({ type: 'stream.ready', cursor: after });
      await runStream(
        { store, live: engine.live, clock, heartbeatMs },
        { property: principal.property, after, types },
        sink,
        controller,
      );
      finish(socket);
    },
  });

  function finish(socket: WebSocket): void {
    socket.close(GOING_AWAY);
    if (socket.bufferedAmount > 0) socket.terminate();
  }
}

async function handleFrame(deps: WebSocketDeps, principal: Principal, text: string): Promise<void> {
  const verdict = deps.limiter.take(principal.keyId);
  if (!verdict.allowed) throw new BellhopError('rate_limited', { retryAfterSeconds: verdict.resetSeconds });
  const result = typingFrame.safeParse(readJson(text));
  if (!result.success) throw validationError(result.error);
  requireScope(principal, 'messages:send');
  await deps.engine.conversations.setTyping(principal, result.data.conversationId, result.data.on);
}
