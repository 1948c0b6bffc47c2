import { LoginError } from '../../src/connector-api/index.ts';
import { BellhopError } from '../../src/core/errors.ts';
import { endsSession } from './disconnect.ts';
import type {
  CallOptions,
  ClientOptions,
  EngineName,
  MtprotoClient,
  MtprotoEngine,
  MtprotoKey,
} from './mtproto/client.ts';
import { CallLost, OpenFailure, RpcFailure } from './mtproto/client.ts';
import { migrationOf, readWord } from './rpc-word.ts';
import type { TlObject, TlValue } from './tl.ts';
import type { Rung } from './versions.ts';

const CALL_TIMEOUT_MS = 20_000;
const LOG_OUT_TIMEOUT_MS = 3_000;
/** Telegram sends a client from one data centre to the right one, not further; engines are few. */
const MOST_TURNS = 6;
const MOST_FAILED_EXCHANGES = 2;
/** The engine is at fault, not the login: the next one may be accepted. */
const WANTS_OTHER_ENGINE: ReadonlySet<string> = new Set([
  'UPDATE_APP_TO_LOGIN',
  'CONNECTION_LAYER_INVALID',
  'INPUT_LAYER_INVALID',
]);

export interface LoginLineDeps {
  readonly rungs: readonly [Rung, ...Rung[]];
  readonly loadEngine: (name: EngineName) => Promise<MtprotoEngine>;
  /** Everything but where and with which key. */
  readonly options: (rung: Rung) => Omit<ClientOptions, 'dcId' | 'key'>;
  readonly onUpdates: (updates: TlObject) => void;
}

/**
 * The connection of a login: goes where Telegram sends it (another data centre, another engine), and comes back under the same key when
 * it breaks while a person types.
 */
export class LoginLine {
  readonly #deps: LoginLineDeps;
  #rungs: readonly [Rung, ...Rung[]];
  #client: MtprotoClient | undefined;
  #key: MtprotoKey | undefined;
  #dcId: number | undefined;
  #failedExchanges = 0;
  #lost: () => void = () => undefined;

  constructor(deps: LoginLineDeps) {
    this.#deps = deps;
    this.#rungs = deps.rungs;
  }

  /** The key that the login is about; only after a call was answered. */
  get key(): MtprotoKey {
    if (this.#key === undefined) throw new LoginError('network', 'no connection');
    return this.#key;
  }

  get rung(): Rung {
    return this.#rungs[0];
  }

  /** Rejects with RpcFailure, CallLost or OpenFailure. */
  async invoke(call: TlObject, signal: AbortSignal): Promise<TlValue> {
    for (let turn = 1; ; turn += 1) {
      try {
        const client = await this.#connected(signal);
        return await client.invoke(call, { timeoutMs: CALL_TIMEOUT_MS, signal });
      } catch (error) {
        if (signal.aborted || turn >= MOST_TURNS || !(await this.#canGoOn(error))) throw error;
      }
    }
  }

  /** Goes on at another data centre, with a new key. */
  async moveTo(dcId: number): Promise<void> {
    await this.close();
    this.#dcId = dcId;
    this.#key = undefined;
  }

  async provePassword(password: TlObject, typed: string, signal: AbortSignal): Promise<TlObject> {
    return (await this.#connected(signal)).provePassword(password, typed);
  }

  /** Resolves when the connection that is open now has ended; at once where there is none. */
  whenLost(): Promise<void> {
    if (this.#client === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#lost = resolve;
    });
  }

  /** Takes back an authorization that nobody will use. Never rejects. */
  async logOut(): Promise<void> {
    const options: CallOptions = { timeoutMs: LOG_OUT_TIMEOUT_MS };
    await this.#client?.invoke({ _: 'auth.logOut' }, options).catch(() => undefined);
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    await client?.close();
  }

  /** Puts right what the error tells, where it can be. */
  async #canGoOn(error: unknown): Promise<boolean> {
    if (error instanceof BellhopError && error.code === 'connector_missing') return this.#tryNextEngine();
    if (error instanceof CallLost) return error.reason === 'ended' && !error.isWritten;
    // One key exchange in some hundreds fails on a number that begins with a zero; another one does not. The server says -404 then.
    const isExchange = error instanceof OpenFailure && ['protocol', 'transport'].includes(error.end.type);
    if (isExchange && this.#key === undefined) {
      this.#failedExchanges += 1;
      return this.#failedExchanges <= MOST_FAILED_EXCHANGES;
    }
    const failure = error instanceof OpenFailure && error.end.type === 'refused' ? error.end.failure : error;
    if (!(failure instanceof RpcFailure)) return false;
    const dcId = migrationOf(failure);
    if (dcId !== undefined) {
      await this.moveTo(dcId);
      return true;
    }
    return WANTS_OTHER_ENGINE.has(readWord(failure.text).word) && (await this.#tryNextEngine());
  }

  async #tryNextEngine(): Promise<boolean> {
    const [, next, ...rest] = this.#rungs;
    if (next === undefined) return false;
    await this.close();
    this.#rungs = [next, ...rest];
    return true;
  }

  async #connected(signal: AbortSignal): Promise<MtprotoClient> {
    if (this.#client !== undefined) return this.#client;
    const { loadEngine, options, onUpdates } = this.#deps;
    const engine = await loadEngine(this.rung.engine);
    const client = engine.createClient({
      ...options(this.rung),
      ...(this.#dcId === undefined ? {} : { dcId: this.#dcId }),
      ...(this.#key === undefined ? {} : { key: this.#key }),
    });
    client.onUpdates(onUpdates);
    this.#client = client;
    const giveUp = (): void => void client.close();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await client.open();
    } catch (error) {
      if (this.#client === client) this.#client = undefined;
      await client.close();
      // A key that is refused before anybody has logged in with it is of no use.
      if (error instanceof OpenFailure && error.end.type === 'refused' && endsSession(error.end.failure))
        this.#key = undefined;
      throw error;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
    this.#key = client.key();
    void client.ended.then(() => this.#onEnded(client));
    return client;
  }

  #onEnded(client: MtprotoClient): void {
    if (this.#client === client) this.#client = undefined;
    void client.close();
    this.#lost();
  }
}
