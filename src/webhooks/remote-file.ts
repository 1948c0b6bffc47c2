import { Agent, buildConnector } from 'undici';
import { BellhopError } from '../core/errors.ts';
import type { AddressPolicy } from './address-policy.ts';
import { ForbiddenTargetError, guardedConnector, type Lookup } from './guarded-connect.ts';

/** A file on somebody else's server, while it is read. */
export interface RemoteFile {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** What the other server says it is. */
  readonly declaredType: string;
}

export interface RemoteFiles {
  /**
   * Resolves when the other server has begun to answer. Rejects with `invalid_request` for what is no usable URL and with
   * `media_fetch_failed`; `bytes` fail with `media_fetch_failed` too.
   */
  open(url: string): Promise<RemoteFile>;
  close(): Promise<void>;
}

/** The caller of the API waits meanwhile, so less than the 30 s after which common clients give up; ms. */
const FETCH_TIMEOUT_MS = 20_000;
/** A batch may name fifty files of one server; four at once do not trouble it. */
const CONNECTIONS_PER_ORIGIN = 4;
const IDLE_CONNECTION_MS = 5_000; // such files come one by one
const OK = 200;

/**
 * Reads files by URL behind the guard of the webhooks: private addresses are out of reach unless listed, whatever a name
 * resolves to. Redirects are not followed, and the deadline covers the whole file.
 */
export function createRemoteFiles(options: {
  policy: AddressPolicy;
  userAgent: string;
  timeoutMs?: number;
  lookup?: Lookup;
}): RemoteFiles {
  const timeoutMs = options.timeoutMs ?? FETCH_TIMEOUT_MS;
  const agent = new Agent({
    connect: guardedConnector(options.policy, {
      build: buildConnector,
      timeoutMs,
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    }),
    connections: CONNECTIONS_PER_ORIGIN,
    pipelining: 1,
    keepAliveTimeout: IDLE_CONNECTION_MS,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  return {
    async open(text) {
      const url = readUrl(text);
      try {
        const answer = await agent.request({
          origin: url.origin,
          path: url.pathname + url.search,
          method: 'GET',
          headers: { 'user-agent': options.userAgent, accept: '*/*' },
          signal: AbortSignal.timeout(timeoutMs),
        });
        if (answer.statusCode !== OK) {
          answer.body.on('error', () => undefined).destroy();
          throw failed(`The server answered ${answer.statusCode}; redirects are not followed.`);
        }
        const type = answer.headers['content-type'];
        return { bytes: readAll(answer.body), declaredType: typeof type === 'string' ? type : '' };
      } catch (error) {
        throw toFailure(error);
      }
    },
    close: () => agent.destroy(),
  };
}

async function* readAll(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw toFailure(error);
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isUsable = url !== null && (url.protocol === 'http:' || url.protocol === 'https:');
  if (!isUsable || url.username !== '' || url.password !== '') {
    throw new BellhopError('invalid_request', { detail: 'Expected an http:// or https:// URL without credentials.' });
  }
  return url;
}

function failed(detail: string, cause?: unknown): BellhopError {
  return new BellhopError('media_fetch_failed', { detail, ...(cause === undefined ? {} : { cause }) });
}

/** Names what went wrong without repeating the URL, which may hold a token. */
function toFailure(error: unknown): BellhopError {
  if (error instanceof BellhopError) return error;
  if (
    error instanceof ForbiddenTargetError ||
    (error instanceof Error && error.cause instanceof ForbiddenTargetError)
  ) {
    return failed('The host is not a public address, and no range under webhooks.allowTargets covers it.');
  }
  if (error instanceof Error && error.name === 'TimeoutError') return failed('The server took too long.', error);
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return failed(`The connection failed (${typeof code === 'string' ? code : 'unknown'}).`, error);
}
