import fastify from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { BellhopError } from '../core/errors.ts';
import { accessHook } from './access-hook.ts';
import { Authenticator } from './authenticator.ts';
import type { HttpDeps } from './http-deps.ts';
import { Idempotency } from './idempotency.ts';
import { parseJsonBody } from './json-body.ts';
import { buildDocument, type OpenApiDocument } from './openapi/build-document.ts';
import { problemHandler, sendProblem } from './problems.ts';
import { RateLimiter } from './rate-limiter.ts';
import { answerBrokenRequest, makeRawServer } from './raw-server.ts';
import { requestIdSource } from './request-id.ts';
import { isToldOf, logRequests } from './request-log.ts';
import { openingHook } from './response-headers.ts';
import type { ApiServer } from './route-doc.ts';
import { RouteRegistry } from './route-registry.ts';
import { alertRoutes } from './routes/alerts.ts';
import { consentRoutes } from './routes/consents.ts';
import { conversationRoutes } from './routes/conversations.ts';
import { deliveryRoutes } from './routes/deliveries.ts';
import { docsRoutes } from './routes/docs.ts';
import { eventRoutes } from './routes/events.ts';
import { guestRoutes } from './routes/guests.ts';
import { keyRoutes } from './routes/keys.ts';
import { linkingRoutes } from './routes/linking.ts';
import { mediaRoutes } from './routes/media.ts';
import { messageRoutes } from './routes/messages.ts';
import { operationRoutes } from './routes/operation.ts';
import { processRoutes } from './routes/processes.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { versionRoutes } from './routes/versions.ts';
import { webSocketRoutes } from './routes/web-socket.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { StreamHub } from './stream/stream-hub.ts';
import { compileSchema } from './validation.ts';

const LONGEST_PATH_PARAMETER = 200;

/** The server with all its routes, not yet listening. */
export interface HttpApp {
  readonly server: ApiServer;
  readonly routes: RouteRegistry;
  readonly streams: StreamHub;
  describe(): OpenApiDocument;
  /** From now on every request is answered `shutting_down`. */
  beginStop(): void;
}

/** Builds the server: hooks in the order in which a request meets them, then the routes. */
export async function buildHttpApp(deps: HttpDeps): Promise<HttpApp> {
  const { config, store, clock, random, log } = deps;
  let isStopping = false;
  const makeRequestId = requestIdSource(random);
  const server: ApiServer = fastify({
    logger: false,
    bodyLimit: config.bodyLimitBytes,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: LONGEST_PATH_PARAMETER },
    genReqId: (request) => makeRequestId(request.headers['x-request-id']),
    serverFactory: (handler) => makeRawServer(config, handler),
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      problemHandler(log)(error, request, reply);
    },
  }).withTypeProvider<ZodTypeProvider>();

  const routes = new RouteRegistry({ metricsPublic: config.metricsPublic });
  const streams = new StreamHub();
  const authenticator = new Authenticator({ store, clock, log, knownKeys: deps.knownKeys });
  const limiter = new RateLimiter({ clock, ...config.rateLimit });
  const idempotency = new Idempotency({ store, clock, log });
  const describe = (): OpenApiDocument => buildDocument(routes.all(), deps.version);

  server.decorateRequest('principal', null);
  server.decorateRequest('claim', null);
  server.decorateRequest('rawBody', null);
  server.setValidatorCompiler(compileSchema);
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    parseJsonBody(request, String(text), done);
  });
  server.setErrorHandler(problemHandler(log));
  server.setNotFoundHandler((request, reply) => {
    const methods = routes.methodsAt(request.url.split('?', 1)[0] ?? '');
    if (methods.length === 0) {
      sendProblem(reply, new BellhopError('not_found'));
      return;
    }
    reply.header('allow', methods.join(', '));
    sendProblem(reply, new BellhopError('method_not_allowed'));
  });

  server.addHook('onRoute', (route) => routes.add(route));
  server.addHook('onRequest', openingHook({ tls: config.tls !== undefined, isStopping: () => isStopping }));
  server.addHook('onRequest', accessHook({ authenticator, limiter }));
  server.addHook('preHandler', (request, reply, done) => {
    if (request.headers['idempotency-key'] === undefined) done();
    else idempotency.before(request, reply).then((sent) => (sent === undefined ? done() : undefined), done);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    if (request.claim === null) done(null, payload);
    else idempotency.settle(request, reply, payload).then(() => done(null, payload), done);
  });
  // A hook at the end costs each request a listener, for lines that are seldom written.
  if (isToldOf(config.logLevel)) server.addHook('onResponse', logRequests({ log }));

  messageRoutes(server, deps);
  conversationRoutes(server, deps);
  guestRoutes(server, deps);
  consentRoutes(server, deps);
  await server.register(async (scope: ApiServer) => mediaRoutes(scope, { ...deps, idempotency }));
  sessionRoutes(server, deps);
  linkingRoutes(server, deps);
  versionRoutes(server, deps);
  processRoutes(server, deps);
  eventRoutes(server, { ...deps, streams });
  await server.register(async (scope: ApiServer) => webSocketRoutes(scope, { ...deps, streams, limiter }));
  webhookRoutes(server, deps);
  deliveryRoutes(server, deps);
  alertRoutes(server, deps);
  keyRoutes(server, { ...deps, authenticator, streams });
  operationRoutes(server, deps);
  docsRoutes(server, { describe });
  await server.ready();

  const beginStop = (): void => {
    isStopping = true;
  };
  return { server, routes, streams, describe, beginStop };
}
