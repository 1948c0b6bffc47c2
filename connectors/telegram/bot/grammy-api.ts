import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Api, GrammyError, HttpError, InputFile } from 'grammy';
import type { Clock } from '../../../src/core/clock.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { BotApi, BotMethod, BotPayload, CallOptions, CreateBotApi, LossReason } from './bot-api.ts';
import { BotLost, BotRefused, OutgoingFile } from './bot-api.ts';

const MS_PER_SECOND = 1_000;
/** The library has a timer of its own, which is not wanted: longer than any of our deadlines. */
const LIBRARY_TIMEOUT_SECONDS = 24 * 60 * 60;
/** With these no byte has reached the server. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** What ended a call before its answer. */
interface Ending {
  reason: LossReason | undefined;
  cause: unknown;
}

/** The Bot API by grammY's client: it words requests and reads answers. Loops, deadlines, waits and retries are not its business. */
class GrammyApi implements BotApi {
  readonly #options: Parameters<CreateBotApi>[0];
  readonly #clock: Clock;
  /**
   * Each call has a line of its own: on one that is kept open and that the server closes at this moment, a message would be lost, and
   * nobody could tell whether it was.
   */
  readonly #agent: HttpAgent;
  readonly #api: Api;
  readonly #closed = new AbortController();
  #heardAt: number | undefined;

  constructor(options: Parameters<CreateBotApi>[0]) {
    this.#options = options;
    this.#clock = options.clock;
    const { root, token } = options;
    this.#agent = root.startsWith('https:')
      ? new HttpsAgent({ keepAlive: false })
      : new HttpAgent({ keepAlive: false });
    this.#api = new Api(token, {
      apiRoot: root,
      timeoutSeconds: LIBRARY_TIMEOUT_SECONDS,
      baseFetchConfig: { agent: this.#agent },
    });
  }

  get heardAt(): number | undefined {
    return this.#heardAt;
  }

  async call(method: BotMethod, payload: BotPayload, { timeoutMs, signal }: CallOptions): Promise<unknown> {
    const ending: Ending = { reason: undefined, cause: undefined };
    const stop = new AbortController();
    const end = (reason: LossReason, cause?: unknown): void => {
      ending.reason ??= reason;
      ending.cause ??= cause;
      stop.abort();
    };
    const onAbort = (): void => end('aborted');
    const timer = this.#clock.after(timeoutMs, () => end('late'));
    const signals = [this.#closed.signal, ...(signal === undefined ? [] : [signal])];
    for (const each of signals) each.addEventListener('abort', onAbort);
    try {
      if (signals.some(({ aborted }) => aborted)) throw new BotLost({ method, reason: 'aborted' });
      const whole = withFiles(payload, (cause) => end('source', cause));
      const answer = await this.#invoke(method, whole, stop.signal);
      this.#heard();
      return answer;
    } catch (error) {
      if (error instanceof GrammyError) this.#heard();
      throw error instanceof BotLost ? error : translate(method, error, ending);
    } finally {
      timer.cancel();
      for (const each of signals) each.removeEventListener('abort', onAbort);
    }
  }

  async *download(filePath: string, { signal }: { signal: AbortSignal }): AsyncGenerator<Uint8Array> {
    const { root, token } = this.#options;
    const method = 'download';
    const path = filePath.split('/').map(encodeURIComponent).join('/');
    try {
      const response = await fetch(`${root}/file/bot${token}/${path}`, {
        signal: AbortSignal.any([signal, this.#closed.signal]),
        redirect: 'error',
      });
      if (!response.ok) {
        await response.body?.cancel();
        throw new BotRefused({ method, code: response.status, description: 'the file is not handed out' });
      }
      for await (const chunk of response.body ?? []) {
        this.#heard();
        yield chunk;
      }
    } catch (error) {
      if (error instanceof BotRefused) throw error;
      const isAborted = signal.aborted || this.#closed.signal.aborted;
      throw new BotLost({ method, reason: isAborted ? 'aborted' : 'broken', systemCode: systemCodeOf(error) });
    }
  }

  close(): void {
    this.#closed.abort();
    this.#agent.destroy();
  }

  #heard(): void {
    this.#heardAt = this.#clock.monotonic();
  }

  /** The library types each method by itself. What goes out is worded by this folder, what comes back is parsed by who called. */
  async #invoke(method: BotMethod, payload: BotPayload, signal: AbortSignal): Promise<unknown> {
    const run: unknown = Reflect.get(this.#api.raw, method);
    if (typeof run !== 'function') throw new TypeError('no such method');
    const answer: unknown = await Reflect.apply(run, undefined, method === 'getMe' ? [signal] : [payload, signal]);
    return answer;
  }
}

export const createBotApi: CreateBotApi = (options) => new GrammyApi(options);

function translate(method: string, error: unknown, ending: Ending): BotRefused | BotLost {
  if (error instanceof GrammyError) {
    // What is no Bot API server answers otherwise than the library's types promise.
    const [code, description]: readonly unknown[] = [error.error_code, error.description];
    const parameters: unknown = error.parameters;
    const { retry_after: seconds, migrate_to_chat_id: migratedTo } = isRecord(parameters) ? parameters : {};
    return new BotRefused({
      method,
      code: typeof code === 'number' ? code : 0,
      description: typeof description === 'string' ? description : '',
      retryAfterMs: typeof seconds === 'number' ? seconds * MS_PER_SECOND : undefined,
      migratedTo: typeof migratedTo === 'number' ? migratedTo : undefined,
    });
  }
  const systemCode = systemCodeOf(error instanceof HttpError ? error.error : error);
  if (ending.reason !== undefined) {
    return new BotLost({ method, reason: ending.reason, systemCode, cause: ending.cause });
  }
  const isUnreachable = systemCode !== undefined && UNREACHABLE.has(systemCode);
  return new BotLost({ method, reason: isUnreachable ? 'unreachable' : 'broken', systemCode });
}

function systemCodeOf(error: unknown): string | undefined {
  if (!isRecord(error)) return undefined;
  const code = error['code'];
  return typeof code === 'string' ? code : systemCodeOf(error['cause']);
}

/** Puts the library's files in the place of ours. */
function withFiles(payload: BotPayload, onFault: (cause: unknown) => void): BotPayload {
  const convert = (value: unknown): unknown => {
    if (value instanceof OutgoingFile) return inputFile(value, onFault);
    if (Array.isArray(value)) return value.map(convert);
    return isRecord(value) && 'media' in value ? { ...value, media: convert(value['media']) } : value;
  };
  return Object.fromEntries(Object.entries(payload).map(([name, value]) => [name, convert(value)]));
}

function inputFile({ name, open }: OutgoingFile, onFault: (cause: unknown) => void): InputFile {
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      yield* open();
    } catch (cause) {
      onFault(cause); // at once: a request that were ended properly would be one
      throw cause;
    }
  }
  return new InputFile(read, quoted(name));
}

/** The library writes the name as it is, into a header: quoted it may hold spaces and semicolons. */
const quoted = (name: string): string => `"${name.replaceAll(/[\p{Cc}"\\]/gu, '_')}"`;
