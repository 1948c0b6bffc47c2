import type { SessionConnectionParams, tl } from '@mtcute/node';
import { withDeadline } from '../../../src/core/clock.ts';
import { isRecord } from '../../../src/core/json.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import { CallQueue } from './call-queue.ts';
import type { CallOptions, ClientEnd, ClientOptions } from './client.ts';
import { CallLost, RpcFailure } from './client.ts';
import type { MtcuteParts } from './mtcute-parts.ts';
import { mtcuteLog, silentPlatform } from './mtcute-parts.ts';
import { makeReaders, wordOf } from './mtcute-readers.ts';
import { makeSalts } from './mtcute-salts.ts';
import { MtcuteSession } from './mtcute-session.ts';
import { MtcuteSocket } from './mtcute-socket.ts';
import { toLibrary, toNeutral } from './mtcute-values.ts';
import { writers } from './mtcute-writers.ts';

/**
 * The library's own pings come on top of ours: with a call under way they find a dead line within seconds, else they keep middle boxes
 * from forgetting it. A minute is what it uses by itself.
 */
const LIBRARY_PING_MS = 60_000;
/** Below the five seconds that `close` promises; a socket that is still being opened cannot be cut before. */
const CLOSE_TIMEOUT_MS = 4_000;

export interface LineDeps {
  readonly parts: MtcuteParts;
  readonly options: ClientOptions;
  readonly dcId: number;
  readonly host: string;
  readonly port: number;
  readonly authKey: Uint8Array | undefined;
  /** Names of the server keys that may be met; absent = Telegram's own. */
  readonly trusted: ReadonlySet<string> | undefined;
  /** Absent on a line for files, which gets no updates. */
  readonly onUpdates?: (updates: TlObject) => void;
}

/** One socket to one data centre, with its key. */
export class MtcuteLine {
  readonly dcId: number;
  /** Resolves when there is a key and messages can go out; with the end when there was none before. */
  readonly ready: Promise<ClientEnd | undefined>;
  /** Also after `close`. */
  readonly ended: Promise<ClientEnd>;
  readonly calls: CallQueue;
  readonly #deps: LineDeps;
  #tellReady: (end: ClientEnd | undefined) => void = () => undefined;
  #tellEnd: (end: ClientEnd) => void = () => undefined;
  #loseCall: (lost: CallLost) => void = () => undefined;
  #onPong: () => void = () => undefined;
  #isOver = false;
  readonly #socket: MtcuteSocket;
  readonly #session: MtcuteSession;

  constructor(deps: LineDeps) {
    const { options, dcId } = deps;
    this.#deps = deps;
    this.dcId = dcId;
    this.calls = new CallQueue({ clock: options.clock });
    this.#socket = new MtcuteSocket({ clock: options.clock });
    this.ready = new Promise((resolve) => {
      this.#tellReady = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
    this.#session = new MtcuteSession(
      paramsOf(deps, this.#socket, () => this.#onPong()),
      mtcuteLog(options.log),
      {
        onReady: () => this.#tellReady(undefined),
        onEnd: (end) => {
          this.#isOver = true;
          if (end.type === 'protocol') this.#loseCall(new CallLost({ isWritten: true, reason: 'unreadable' }));
          setImmediate(() => this.calls.end()); // after the call whose answer could not be read
          this.#tellReady(end);
          this.#tellEnd(end);
        },
      },
    );
    if (deps.authKey !== undefined) this.#session._session._authKey.setup(deps.authKey);
    this.#session.onUpdate.add((updates) => this.#take(updates));
  }

  open(): void {
    this.#session.connect();
  }

  get authKey(): Uint8Array | undefined {
    return this.#session.getAuthKey() ?? undefined;
  }

  /** All bytes that ever came. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  get heardAt(): number | undefined {
    return this.#socket.heardAt;
  }

  get isReached(): boolean {
    return this.#socket.isReached;
  }

  /** Resolves with the next pong, for which a ping is sent. */
  ping(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#onPong;
      this.#onPong = () => {
        this.#onPong = () => undefined;
        before();
        resolve();
      };
      this.#session.pingNow();
    });
  }

  /** Runs the call when its turn has come. Rejects with RpcFailure or CallLost. */
  invoke(call: TlObject, options: CallOptions): Promise<TlValue> {
    return this.calls.run(options, async (turn) => {
      if (this.#isOver) throw new CallLost({ isWritten: false, reason: 'ended' });
      const dropped = new AbortController();
      turn.onDropped(() => dropped.abort());
      turn.written();
      const unreadable = new Promise<never>((_resolve, reject) => {
        this.#loseCall = reject;
      });
      return Promise.race([this.#call(call, dropped.signal), unreadable]);
    });
  }

  async #call(call: TlObject, signal: AbortSignal): Promise<TlValue> {
    const { forms } = this.#deps.parts.schema;
    // The library's type of a call is the union of all methods of its layer; the neutral form is checked by its writer.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    const request = toLibrary(forms, call) as tl.RpcMethod;
    const answer: unknown = await this.#session.sendRpc(request, undefined, signal);
    if (!isRecord(answer) || answer['_'] !== 'mt_rpc_error') return toNeutral(forms, answer);
    throw new RpcFailure({
      code: Number(answer['errorCode']),
      text: wordOf(String(answer['errorMessage'])),
      method: call._,
    });
  }

  /** What the connector cannot take must come again: the connection ends before the network is told that it arrived. */
  #take(updates: tl.TypeUpdates): void {
    if (this.#isOver) return;
    try {
      const neutral = toNeutral(this.#deps.parts.schema.forms, updates);
      if (isObject(neutral)) this.#deps.onUpdates?.(neutral);
    } catch {
      this.#session.giveUp({ type: 'protocol', detail: 'an update could not be taken' });
    }
  }

  /** Resolves when the socket is gone, or when one that is still being opened has had its time. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.calls.end();
    this.#tellReady({ type: 'lost' });
    this.#tellEnd({ type: 'lost' });
    // Closed while it deals with an error, the library's own promise never settles.
    void this.#session.destroy();
    this.#session.reset(true);
    this.#socket.close();
    await withDeadline(this.#deps.options.clock, CLOSE_TIMEOUT_MS, this.#socket.gone, () => new Error('not yet')).catch(
      () => this.#deps.options.log.debug('a socket that is being opened outlives its client'),
    );
  }
}

function paramsOf(deps: LineDeps, transport: MtcuteSocket, onPong: () => void): SessionConnectionParams {
  const { options, parts, dcId, host, port, onUpdates, trusted } = deps;
  const { announcement, apiId } = options;
  return {
    crypto: parts.crypto,
    transport,
    dc: { id: dcId, ipAddress: host, port },
    testMode: false,
    reconnectionStrategy: () => false,
    // The library fills in the call.
    initConnection: { _: 'initConnection', ...announcement, apiId, langPack: '', query: NO_CALL },
    pingInterval: LIBRARY_PING_MS,
    layer: parts.schema.layer,
    disableUpdates: onUpdates === undefined,
    withUpdates: false, // it would ask for a state that we ask for ourselves
    isMainConnection: true,
    isMainDcConnection: true,
    salts: makeSalts({ clock: options.clock }),
    readerMap: makeReaders({ trusted, onPong }),
    writerMap: writers,
    platform: silentPlatform,
  };
}

const NO_CALL: tl.RpcMethod = { _: 'help.getConfig' };
