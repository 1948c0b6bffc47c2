import { createHash } from 'node:crypto';
import { expect, vi } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { Logger } from '../../../src/core/logger.ts';
import { silentLogger } from '../../../src/core/logger.ts';
import { systemRandom } from '../../../src/core/random.ts';
import { VirtualClock } from '../../../test/support/virtual-clock.ts';
import type {
  Announcement,
  CallOptions,
  ClientEnd,
  ClientOptions,
  MtprotoClient,
  MtprotoEngine,
  MtprotoKey,
} from '../mtproto/client.ts';
import { MtprotoServer } from '../simulator/mtproto-server.ts';
import type { CallContext } from '../simulator/rpc.ts';
import type { TlObject, TlValue } from '../tl.ts';

export const HOME_DC = 2;
export const FILE_DC = 1;
export const API_ID = 4711;

export const announcement: Announcement = {
  deviceModel: 'Front desk',
  systemVersion: 'Linux 6',
  appVersion: '0.1.0',
  langCode: 'de',
  systemLangCode: 'de-AT',
};

/** Ample on a busy machine; on the virtual clock it never passes by itself. */
export const AMPLE: CallOptions = { timeoutMs: 60_000 };

type Handler = (call: TlObject, context: CallContext) => Promise<TlValue> | TlValue;

const defaults: Readonly<Record<string, TlValue>> = {
  'help.getNearestDc': { _: 'nearestDc', country: 'AT', thisDc: HOME_DC, nearestDc: HOME_DC },
  'auth.exportAuthorization': { _: 'auth.exportedAuthorization', id: 77n, bytes: Uint8Array.of(1, 2, 3) },
  'auth.importAuthorization': { _: 'auth.authorization', user: { _: 'userEmpty', id: 77n } },
};

/** A client of the engine on trial, with what it said and what became of it. */
export interface Guest {
  readonly client: MtprotoClient;
  readonly clock: VirtualClock;
  readonly updates: TlObject[];
  readonly ends: ClientEnd[];
}

/** A network with two data centres, and clients of one engine on it. Time stands still for the clients, and runs for the network. */
export class EngineStage {
  readonly engine: MtprotoEngine;
  readonly server: MtprotoServer;
  /** Every call that reached the network, oldest first; `_` only where a test looks at the order. */
  readonly heard: { readonly call: TlObject; readonly context: CallContext }[] = [];
  readonly lines: string[] = [];
  readonly #handlers = new Map<string, Handler>();
  readonly #guests: Guest[] = [];
  readonly #waiting: { readonly method: string; readonly resolve: () => void }[] = [];
  readonly #console = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((name) =>
    vi.spyOn(console, name),
  );
  #key: MtprotoKey | undefined;

  constructor(engine: MtprotoEngine) {
    this.engine = engine;
    this.server = new MtprotoServer({
      clock: systemClock,
      random: systemRandom,
      dcs: [FILE_DC, HOME_DC],
      handler: { handle: (call, context) => this.#handle(call, context) },
    });
  }

  /** Starts the network, and makes the key that clients open with unless told otherwise. */
  async start(): Promise<void> {
    await this.server.start();
    const { client } = await this.open({ key: undefined });
    this.#key = client.key();
    await client.close();
  }

  async stop(): Promise<void> {
    await this.server.stop();
    for (const spy of this.#console) spy.mockRestore();
  }

  /** The key of the one account. */
  get key(): MtprotoKey {
    if (this.#key === undefined) throw new Error('not started');
    return this.#key;
  }

  /** What the network calls it. */
  get keyId(): string {
    return createHash('sha1').update(this.key.authKey).digest('hex').slice(24);
  }

  /** The key of whoever announced itself last. */
  get lastKeyId(): string {
    const last = this.server.inits.at(-1);
    if (last === undefined) throw new Error('nobody came');
    return last.keyId;
  }

  /** A client that is not open yet; the key is the account's where none is named. */
  guest(
    changes: Omit<Partial<ClientOptions>, 'key'> & {
      readonly key?: MtprotoKey | undefined;
      readonly engine?: MtprotoEngine;
      /** How wrong the client's clock is. */
      readonly skewMs?: number;
    } = {},
  ): Guest {
    const { key = 'key' in changes ? undefined : this.#key, engine = this.engine, skewMs = 0, ...rest } = changes;
    const clock = new VirtualClock(systemClock.now() + skewMs);
    const client = engine.createClient({
      apiId: API_ID,
      apiHash: '0123456789abcdef0123456789abcdef',
      announcement,
      endpoint: this.server.endpoint(HOME_DC),
      serverKeys: [this.server.publicKeyPem],
      clock,
      random: systemRandom,
      log: this.#logger(),
      ...rest,
      ...(key === undefined ? {} : { key }),
    });
    const guest: Guest = { client, clock, updates: [], ends: [] };
    client.onUpdates((updates) => guest.updates.push(updates));
    void client.ended.then((end) => guest.ends.push(end));
    this.#guests.push(guest);
    return guest;
  }

  async open(changes: Parameters<EngineStage['guest']>[0] = {}): Promise<Guest> {
    const guest = this.guest(changes);
    await guest.client.open();
    return guest;
  }

  /** From now on `method` is answered so, until the test is over. */
  answer(method: string, handler: Handler): void {
    this.#handlers.set(method, handler);
  }

  /** Resolves when the network has heard one more call of `method`. */
  nextCall(method: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ method, resolve }));
  }

  callsOf(method: string): number {
    return this.heard.filter(({ call }) => call._ === method).length;
  }

  /** After each test: closes the clients, and asks whether anybody did anything wrong meanwhile. */
  async settle(allowed: readonly string[] = []): Promise<void> {
    const guests = this.#guests.splice(0);
    await Promise.all(guests.map(({ client }) => client.close()));
    const timers = guests.map(({ clock }) => clock.pendingTimers);
    const violations = this.server.violations.all().filter(({ code }) => !allowed.includes(code));
    const errors = this.server.internalErrors.splice(0);
    const late = this.server.owed.filter(({ isLate }) => isLate);
    this.server.duties.clear();
    const printed = this.#console.flatMap((spy) => spy.mock.calls);
    this.server.faults.clear();
    this.server.violations.clear();
    this.#handlers.clear();
    this.heard.length = 0;
    for (const spy of this.#console) spy.mockClear();
    expect({ violations, errors, printed, late }).toEqual({ violations: [], errors: [], printed: [], late: [] });
    expect(timers).toEqual(timers.map(() => 0));
  }

  #handle(call: TlObject, context: CallContext): Promise<TlValue> | TlValue {
    this.heard.push({ call, context });
    const index = this.#waiting.findIndex(({ method }) => method === call._);
    if (index >= 0) this.#waiting.splice(index, 1)[0]?.resolve();
    const handler = this.#handlers.get(call._);
    if (handler !== undefined) return handler(call, context);
    const answer = defaults[call._];
    if (answer === undefined) throw new Error(`nobody answers ${call._}`);
    return answer;
  }

  #logger(): Logger {
    const write = (text: string, fields?: object): void => {
      this.lines.push(`${text} ${JSON.stringify(fields ?? {})}`);
    };
    const logger: Logger = {
      ...silentLogger,
      debug: write,
      info: write,
      warn: write,
      error: write,
      child: () => logger,
    };
    return logger;
  }
}

/** A promise, and its settling from outside. */
export function later<T>(): {
  readonly promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: Error) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}

/** The small call that the suite makes where it does not matter which. */
export const NEAREST: TlObject = { _: 'help.getNearestDc' };

/** A push that carries a number. */
export function numbered(number: number): TlObject {
  return {
    _: 'updates',
    updates: [{ _: 'updateUserStatus', userId: BigInt(number), status: { _: 'userStatusRecently' } }],
    users: [],
    chats: [],
    date: 1,
    seq: 0,
  };
}

/** What `numbered` put in. */
export function numberOf(updates: TlObject): bigint {
  const [first] = updates['updates'] as readonly TlObject[];
  return first!['userId'] as bigint;
}
