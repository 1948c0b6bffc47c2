import { isRecord } from '../core/json.ts';
import { exitCodes } from './exit-codes.ts';
import { CommandError } from './terminal.ts';

export interface ApiClient {
  readonly url: string;
  get(path: string): Promise<unknown>;
  /** `null` while the server answers 404. */
  find(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<unknown>;
  patch(path: string, body: unknown): Promise<unknown>;
  delete(path: string): Promise<unknown>;
}

const TIMEOUT_MS = 30_000; // linking waits for the network's first step

/** The public API, as any integrator would call it. Failures become CommandErrors that carry the daemon's own words. */
export function createApiClient(address: { url: string; key: string }): ApiClient {
  const base = address.url.replace(/\/$/, '');
  const call = async (
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ): Promise<{ status: number; value: unknown }> => {
    const { request } = await import('undici'); // not needed by `start`, which loads this file too
    const answer = await request(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${address.key}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
    }).catch((error: unknown) => {
      throw new CommandError(
        exitCodes.unreachable,
        `No daemon answers at ${base} (${error instanceof Error && 'code' in error ? String(error.code) : 'no answer'}).`,
        'Start it with `bellhop start`, or name it with --url and --key.',
      );
    });
    const text = await answer.body.text();
    return { status: answer.statusCode, value: parse(text) };
  };
  const expectSuccess = (answer: { status: number; value: unknown }): unknown => {
    if (answer.status < 300) return answer.value;
    throw refusal(answer.status, answer.value);
  };
  return {
    url: base,
    get: async (path) => expectSuccess(await call('GET', path)),
    find: async (path) => {
      const answer = await call('GET', path);
      return answer.status === 404 ? null : expectSuccess(answer);
    },
    post: async (path, body) => expectSuccess(await call('POST', path, body ?? {})),
    patch: async (path, body) => expectSuccess(await call('PATCH', path, body)),
    delete: async (path) => expectSuccess(await call('DELETE', path)),
  };
}

function parse(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}

function refusal(status: number, problem: unknown): CommandError {
  if (!isRecord(problem)) return new CommandError(exitCodes.refused, `The daemon answered HTTP ${status}.`);
  const [title = '', detail = '', code = ''] = [problem['title'], problem['detail'], problem['code']].map((part) =>
    typeof part === 'string' ? part : '',
  );
  const text = [title, detail === title ? '' : detail, code === '' ? '' : `(${code})`]
    .filter((part) => part !== '')
    .join(' ');
  const remedy = problem['remedy'];
  const said = typeof remedy === 'string' ? remedy : undefined;
  return new CommandError(exitCodes.refused, text, said, { code, detail });
}
