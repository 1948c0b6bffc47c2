import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastify, { type FastifyInstance } from 'fastify';
import type * as clockModule from '../../src/core/clock.ts';
import type * as idsModule from '../../src/core/ids.ts';
import type * as randomModule from '../../src/core/random.ts';
import type * as engineModule from '../../src/engine/engine.ts';
import type { EngineApi } from '../../src/engine/engine-api.ts';
import { defaultRules } from '../../src/engine/pacing/rules.ts';
import type * as apiKeyModule from '../../src/http/api-key.ts';
import type * as httpServerModule from '../../src/http/http-server.ts';
import type * as pinoLoggerModule from '../../src/observability/pino-logger.ts';
import { FileMediaStore } from '../../src/store/media/index.ts';
import type * as openStoreModule from '../../src/store/open-store.ts';
import { CountingTelemetry, testManifest } from '../../test/support/engine-fixture.ts';
import { FakeHost } from '../../test/support/fake-host.ts';
import { DurablePeer } from './durable-peer.ts';

/**
 * `post`: a bare fastify that parses the same JSON and answers with as many bytes, for a GET of nothing is less work by nature.
 * `durable`: the same with the least that makes the answer durable, the floor of every durable POST in SQLite.
 * `adapter`: our HTTP layer with an engine that answers at once, to tell its share from that of engine and store.
 */
export type Kind = 'hello' | 'post' | 'durable' | 'adapter' | 'bellhop';
export const kinds: readonly Kind[] = ['hello', 'post', 'durable', 'adapter', 'bellhop'];
export const KEY = 'bhk_bench';

const JSON_TYPE = 'application/json; charset=utf-8';
const ANSWER = JSON.stringify({ id: 'msg_01kag3m5v2e8q0w7x4c9rd6t1b', filler: 'x'.repeat(1_000) });
const DIST = new URL('../../dist/src/', import.meta.url);

/** Starts one of the servers; resolves with its port. */
export async function serve(kind: Kind, folder: string): Promise<number> {
  if (kind === 'hello') {
    const app = fastify({ logger: false });
    app.get('/', async () => ({ hello: 'world' }));
    return listen(app);
  }
  if (kind === 'post') {
    const app = fastify({ logger: false });
    app.post('/v1/messages', async (_request, reply) => reply.code(202).type(JSON_TYPE).send(ANSWER));
    return listen(app);
  }
  if (kind === 'durable') {
    const app = fastify({ logger: false });
    const peer = new DurablePeer(folder);
    app.post('/v1/messages', async (_request, reply) =>
      reply
        .code(202)
        .type(JSON_TYPE)
        .send(await peer.keep(ANSWER)),
    );
    return listen(app);
  }
  const { createEngine, createHttpServer, createLogger, hashApiKey, openStore, IdFactory, systemRandom, systemClock } =
    await product();
  // At the level that ships: lines that nobody writes must not be paid for either.
  const log = createLogger({ level: 'info', format: 'json', write: () => undefined });
  const parts = { clock: systemClock, random: systemRandom, log };
  const store = await openStore({
    ...parts,
    url: `sqlite:${join(folder, 'bench.db')}`,
    ids: new IdFactory(parts),
    secretKey: new Uint8Array(32),
  });
  await store.createSession({ id: 'front-desk', property: 'main', channel: 'fake', settings: {} });
  await store.recordSessionChange({
    sessionId: 'front-desk',
    state: 'stopped',
    reason: null,
    at: systemClock.now(),
    account: { address: '+15550000001' },
  });
  const { api: real } = createEngine({
    ...parts,
    store,
    host: new FakeHost({ now: systemClock.now }),
    pacing: { rules: defaultRules('UTC'), isPaced: () => false, tellsDelivery: () => false },
    manifests: new Map([['fake', testManifest()]]),
    channelConfigs: new Map(),
    telemetry: new CountingTelemetry(),
  });
  const answer = { status: 202, body: ANSWER };
  const stub = { ...real, messages: { ...real.messages, accept: async () => answer } } as EngineApi;
  const server = createHttpServer({
    ...parts,
    engine: kind === 'adapter' ? stub : real,
    store,
    media: new FileMediaStore({ dir: join(folder, 'media') }),
    targets: { check: async () => undefined },
    processes: { processes: () => [], renew: async () => undefined },
    metrics: async () => '',
    health: async () => ({ ready: true, checks: [] }),
    knownKeys: [
      { hash: hashApiKey(KEY), principal: { keyId: 'k', name: 'k', scopes: new Set(['admin']), property: null } },
    ],
    version: 'bench',
    config: {
      host: '127.0.0.1',
      port: 0,
      bodyLimitBytes: 1_048_576,
      maxConnections: 1_024,
      rateLimit: { max: 10_000_000, windowSeconds: 3_600 },
      metricsPublic: false,
      mediaLimitBytes: 1_048_576,
      logLevel: 'info',
    },
  });
  const { url } = await server.start();
  return Number(new URL(url).port);
}

async function listen(app: FastifyInstance): Promise<number> {
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** What ships: the loader that runs this file leaves marks in the code that cost a tenth of a request. */
async function product() {
  if (!existsSync(fileURLToPath(DIST))) throw new Error('the product is not built: run `npm run build` first');
  return {
    ...(await built<typeof clockModule>('core/clock.js')),
    ...(await built<typeof idsModule>('core/ids.js')),
    ...(await built<typeof randomModule>('core/random.js')),
    ...(await built<typeof engineModule>('engine/engine.js')),
    ...(await built<typeof apiKeyModule>('http/api-key.js')),
    ...(await built<typeof httpServerModule>('http/http-server.js')),
    ...(await built<typeof openStoreModule>('store/open-store.js')),
    ...(await built<typeof pinoLoggerModule>('observability/pino-logger.js')),
  };
}

async function built<T>(path: string): Promise<T> {
  // The compiler made this file from the source whose type is named.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (await import(new URL(path, DIST).href)) as T;
}
