import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BellhopError } from '../../src/core/errors.ts';
import { type Logger, silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { Scope } from '../../src/engine/model/access.ts';
import type { Conversation } from '../../src/engine/model/conversation.ts';
import type { LiveEvent } from '../../src/engine/model/event.ts';
import type { Message } from '../../src/engine/model/message.ts';
import type { MediaStore, Store } from '../../src/engine/ports/index.ts';
import { hashApiKey, makeApiKey } from '../../src/http/api-key.ts';
import { buildHttpApp, type HttpApp } from '../../src/http/http-app.ts';
import type { HttpConfig } from '../../src/http/http-config.ts';
import type { HttpDeps } from '../../src/http/http-deps.ts';
import { FileMediaStore } from '../../src/store/media/index.ts';
import { FakeEngine } from './http-fixture-engine.ts';
import { openTestStore } from './open-test-store.ts';
import type { VirtualClock } from './virtual-clock.ts';

export const ADMIN_KEY = 'bhk_admin-key-of-the-tests-only';

export interface HttpFixture {
  readonly app: HttpApp;
  readonly deps: HttpDeps;
  readonly store: Store;
  readonly media: MediaStore;
  readonly clock: VirtualClock;
  readonly engine: FakeEngine;
  /** Asks with the admin key, unless told otherwise. */
  ask(method: Method, url: string, options?: AskOptions): Promise<AskAnswer>;
  /** A key of the store with these scopes. */
  makeKey(scopes: readonly Scope[], property?: string): Promise<string>;
  /** A session with one guest who wrote: gives a conversation, a message and their events. */
  seed(options?: SeedOptions): Promise<Seed>;
  close(): Promise<void>;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS';

export interface AskOptions {
  readonly body?: unknown;
  readonly payload?: string | Buffer;
  /** `null` sends none. */
  readonly key?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as tests read it; what is not there is undefined and fails the expectation. */
export interface JsonAnswer {
  readonly id: string;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  readonly secret: string;
  readonly key: string;
  readonly data: readonly JsonAnswer[];
  readonly results: readonly JsonAnswer[];
  readonly nextCursor: string;
  readonly [name: string]: unknown;
}

export interface AskAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  readonly text: string;
  readonly bytes: Buffer;
  readonly json: JsonAnswer;
}

export interface SeedOptions {
  readonly session?: string;
  readonly property?: string;
  readonly number?: string;
  readonly body?: string;
  readonly networkId?: string;
}

export interface Seed {
  readonly message: Message;
  readonly conversation: Conversation;
}

export const testHttpConfig: HttpConfig = {
  host: '127.0.0.1',
  port: 0,
  bodyLimitBytes: 1_048_576,
  maxConnections: 1_024,
  rateLimit: { max: 10_000, windowSeconds: 60 },
  metricsPublic: false,
  mediaLimitBytes: 200_000,
};

export async function makeHttpFixture(
  options: { config?: Partial<HttpConfig>; log?: Logger; deps?: (deps: HttpDeps) => HttpDeps } = {},
): Promise<HttpFixture> {
  const { store, clock } = await openTestStore();
  const folder = await mkdtemp(path.join(tmpdir(), 'bellhop-http-'));
  const media = new FileMediaStore({ dir: folder });
  const engine = new FakeEngine({ store, clock });
  const base: HttpDeps = {
    engine,
    store,
    media,
    targets: {
      check: async (url) => {
        if (!URL.canParse(url)) throw new BellhopError('webhook_target_invalid', { pointer: 'url' });
        if (new URL(url).hostname === '10.0.0.1')
          throw new BellhopError('webhook_target_forbidden', { pointer: 'url' });
      },
    },
    processes: { processes: () => [], renew: async () => undefined },
    metrics: async () => '# HELP bellhop_up 1\nbellhop_up 1\n',
    health: async () => ({ ready: true, checks: [{ name: 'store', ok: true }] }),
    config: { ...testHttpConfig, ...options.config },
    knownKeys: [
      {
        hash: hashApiKey(ADMIN_KEY),
        principal: { keyId: 'admin', name: 'admin', scopes: new Set(['admin']), property: null },
      },
    ],
    clock,
    random: systemRandom,
    log: options.log ?? silentLogger,
    version: '0.0.0-test',
  };
  const deps = options.deps === undefined ? base : options.deps(base);
  const app = await buildHttpApp(deps);

  const ask: HttpFixture['ask'] = async (method, url, { body, payload, key = ADMIN_KEY, headers = {} } = {}) => {
    const answer = await app.server.inject({
      method,
      url,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      ...(payload === undefined ? {} : { payload }),
    });
    const isJson = String(answer.headers['content-type'] ?? '').includes('json') && answer.payload !== '';
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text: answer.payload,
      bytes: answer.rawPayload,
      json: isJson ? (JSON.parse(answer.payload) as JsonAnswer) : (undefined as unknown as JsonAnswer),
    };
  };

  const makeKey: HttpFixture['makeKey'] = async (scopes, property) => {
    const key = makeApiKey(systemRandom);
    await store.createApiKey({ name: 'test', hash: hashApiKey(key), scopes, property: property ?? null });
    return key;
  };

  const seed: HttpFixture['seed'] = async (facts = {}) => {
    const session = facts.session ?? 'front-desk';
    const property = facts.property ?? 'main';
    const address = facts.number ?? '+15551234567';
    if ((await store.getSession(session)) === null) {
      await store.createSession({ id: session, property, channel: 'whatsapp', settings: {} });
    }
    const { message } = await store.recordInbound({
      property,
      sessionId: session,
      channel: 'whatsapp',
      receivedAt: clock.now(),
      message: {
        networkId: facts.networkId ?? 'NET1',
        chat: { kind: 'direct', addresses: [address] },
        sender: { addresses: [address], displayName: 'Ada' },
        direction: 'inbound',
        content: { type: 'text', body: facts.body ?? 'Is breakfast included?' },
        sentAt: clock.now(),
      },
    });
    const conversation = await store.getConversation(message.conversationId, null);
    if (conversation === null) throw new Error('no conversation');
    return { message, conversation };
  };

  const close = async (): Promise<void> => {
    app.streams.closeAll();
    await app.server.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };

  return { app, deps, store, media, clock, engine, ask, makeKey, seed, close };
}

export const typingEvent = (property: string): LiveEvent => ({
  type: 'presence.typing',
  timestamp: '2026-03-04T15:00:00.000Z',
  property,
  data: { conversationId: 'cnv_x', on: true },
});
