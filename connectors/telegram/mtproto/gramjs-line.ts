import { withDeadline } from '../../../src/core/clock.ts';
import type { TlObject, TlValue } from '../tl.ts';
import { isObject } from '../tl-fields.ts';
import type { Turn } from './call-queue.ts';
import { CallQueue } from './call-queue.ts';
import type { ClientEnd, ClientOptions } from './client.ts';
import { CallLost, OpenFailure, RpcFailure } from './client.ts';
import type { DataCentre } from './data-centres.ts';
import type { Encoded } from './gramjs-call.ts';
import { encode } from './gramjs-call.ts';
import { GramjsEnvelope } from './gramjs-envelope.ts';
import { makeAuthKey } from './gramjs-handshake.ts';
import { GramjsReader, TlUnreadable } from './gramjs-reader.ts';
import type { GramjsSchema } from './gramjs-schema.ts';
import { GramjsSession } from './gramjs-session.ts';
import type { Reply } from './gramjs-session-deps.ts';
import { MessageIds } from './message-ids.ts';
import { PacketSocket } from './packet-socket.ts';
import { PingLoop } from './ping-loop.ts';
import { SaltBook } from './salt-book.ts';

/** Socket, key and first answer together; a healthy server needs two seconds. */
const OPEN_TIMEOUT_MS = 30_000;
/** The server lets go of a line that we left without a word. Longer than the pause between two pings. */
const SERVER_PATIENCE_SECONDS = 75;
const AUTH_KEY_BYTES = 256;
/** What the library says of a wrong proof is a short sentence. */
const LONGEST_DETAIL = 80;

export interface LineDeps {
  readonly schema: GramjsSchema;
  readonly layer: number;
  readonly options: Pick<ClientOptions, 'apiId' | 'announcement' | 'serverKeys' | 'clock' | 'random' | 'log'>;
  readonly address: DataCentre;
  /** Absent: a new one is made. */
  readonly authKey: Uint8Array | undefined;
  /** Absent: the server is asked to push none here. */
  readonly onUpdates: ((updates: TlObject) => void) | undefined;
}

/** One connection to one data centre, from the first byte to its end. */
export class GramjsLine {
  /** Resolves once, when an open line is gone or proved dead. Not after `close`. */
  readonly ended: Promise<ClientEnd>;
  readonly #deps: LineDeps;
  readonly #socket: PacketSocket;
  readonly #pings: PingLoop;
  /** What waits for the server, and hears of the end. */
  readonly #waiting = new Set<(end: ClientEnd) => void>();
  #state: 'opening' | 'open' | 'over' = 'opening';
  #authKey: Uint8Array | undefined;
  #session: GramjsSession | undefined;
  #onPlain: (packet: Buffer) => void = () => undefined;
  #resolveEnded: (end: ClientEnd) => void = () => undefined;

  constructor(deps: LineDeps) {
    this.#deps = deps;
    this.#authKey = deps.authKey;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#socket = new PacketSocket({
      clock: deps.options.clock,
      listener: {
        onPacket: (packet) => (this.#session === undefined ? this.#onPlain(packet) : this.#session.receive(packet)),
        onEnd: (end) => this.#end(end),
      },
    });
    this.#pings = new PingLoop({
      clock: deps.options.clock,
      bytesRead: () => this.#socket.bytesRead,
      ping: (onPong) => {
        this.#session?.send(this.#pingBody(true), onPong);
        this.#session?.keepSalts();
      },
      onSilent: () => this.#end({ type: 'silent' }),
    });
  }

  /** Only after `open`. */
  get authKey(): Uint8Array {
    if (this.#authKey === undefined) throw new Error('not open');
    return this.#authKey;
  }

  get heardAt(): number | undefined {
    return this.#socket.heardAt;
  }

  get isReached(): boolean {
    return this.#socket.isReached;
  }

  /** Resolves with the answer of `help.getConfig`. Rejects with OpenFailure, and is closed then. */
  async open(): Promise<TlObject> {
    const { clock } = this.#deps.options;
    try {
      this.#socket.open(this.#deps.address);
      const config = await withDeadline(
        clock,
        OPEN_TIMEOUT_MS,
        this.#start(),
        () => new OpenFailure({ type: 'silent' }),
      );
      this.#state = 'open';
      this.#pings.start();
      return config;
    } catch (error) {
      this.#finish({ type: 'lost' });
      throw asOpenFailure(error);
    }
  }

  /** Rejects with RpcFailure, or with CallLost when the line ends or cannot read the answer. */
  async call({ method, body }: Encoded, turn?: Turn): Promise<TlValue> {
    const reply = await this.#request(body, turn);
    if (reply.type === 'error') throw new RpcFailure({ ...reply, method: method.name });
    try {
      if (reply.type === 'pong') throw new TlUnreadable('a pong for a call');
      return new GramjsReader(this.#deps.schema, reply.body).answer(method);
    } catch (error) {
      this.#end({ type: 'protocol', detail: error instanceof TlUnreadable ? error.message : 'unreadable' });
      turn?.lose('unreadable'); // before the queue hears of the end, and after nothing can be sent any more
      throw new CallLost({ isWritten: true, reason: 'unreadable' });
    }
  }

  /** The time until the pong, ms. Rejects with CallLost. */
  async ping(timeoutMs: number): Promise<number> {
    const { clock } = this.#deps.options;
    const begun = clock.monotonic();
    await new CallQueue({ clock }).run({ timeoutMs }, (turn) => this.#request(this.#pingBody(false), turn));
    return clock.monotonic() - begun;
  }

  /** Resolves when nothing is left. Idempotent. */
  async close(): Promise<void> {
    this.#finish({ type: 'lost' });
    await this.#socket.closed;
  }

  async #start(): Promise<TlObject> {
    const { schema, options, onUpdates } = this.#deps;
    const offsetMs = this.#authKey === undefined ? await this.#makeKey() : 0;
    if (this.#authKey?.length !== AUTH_KEY_BYTES) throw new TlUnreadable('an auth key of a wrong length');
    this.#session = new GramjsSession({
      schema,
      envelope: new GramjsEnvelope({ authKey: this.#authKey, random: options.random }),
      ids: new MessageIds({ clock: options.clock, offsetMs }),
      salts: new SaltBook({ clock: options.clock }),
      random: options.random,
      write: (packet) => this.#socket.write(packet),
      onUpdates: (updates) => onUpdates?.(updates),
      onBroken: (end) => this.#end(end),
    });
    const config = await this.call(this.#encodedInit());
    if (!isObject(config) || config._ !== 'config') throw new TlUnreadable('no configuration');
    return config;
  }

  async #makeKey(): Promise<number> {
    const { clock, log, serverKeys } = this.#deps.options;
    const made = await makeAuthKey({ clock, log, serverKeys, exchange: (packet) => this.#exchange(packet) });
    this.#authKey = made.authKey;
    return made.offsetMs;
  }

  #encodedInit(): Encoded {
    const { layer, options, onUpdates, schema } = this.#deps;
    const getConfig: TlObject = { _: 'help.getConfig' };
    const query: TlObject = {
      _: 'initConnection',
      apiId: options.apiId,
      ...options.announcement,
      langPack: '', // only official applications have one
      query: onUpdates === undefined ? { _: 'invokeWithoutUpdates', query: getConfig } : getConfig,
    };
    const { method } = encode(schema, getConfig);
    return { method, body: encode(schema, { _: 'invokeWithLayer', layer, query }).body };
  }

  #exchange(packet: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      if (this.#state === 'over') {
        reject(new OpenFailure({ type: 'lost' }));
        return;
      }
      const lose = (end: ClientEnd): void => reject(new OpenFailure(end));
      this.#waiting.add(lose);
      this.#onPlain = (answer) => {
        this.#waiting.delete(lose);
        resolve(answer);
      };
      this.#socket.write(packet);
    });
  }

  #request(body: Buffer, turn?: Turn): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const session = this.#session;
      if (session === undefined || this.#state === 'over') {
        reject(new CallLost({ isWritten: false, reason: 'ended' }));
        return;
      }
      const lose = (end: ClientEnd): void =>
        reject(this.#state === 'opening' ? new OpenFailure(end) : new CallLost({ isWritten: true, reason: 'ended' }));
      this.#waiting.add(lose);
      const forget = session.send(body, (reply) => {
        this.#waiting.delete(lose);
        resolve(reply);
      });
      turn?.written();
      turn?.onDropped(() => {
        forget();
        this.#waiting.delete(lose);
      });
    });
  }

  #pingBody(isLasting: boolean): Buffer {
    const pingId = Buffer.from(this.#deps.options.random.bytes(8)).readBigInt64LE(0);
    const ping: TlObject = isLasting
      ? { _: 'pingDelayDisconnect', pingId, disconnectDelay: SERVER_PATIENCE_SECONDS }
      : { _: 'ping', pingId };
    return encode(this.#deps.schema, ping).body;
  }

  #end(end: ClientEnd): void {
    if (this.#state === 'over') return;
    const wasOpen = this.#state === 'open';
    this.#finish(end);
    if (wasOpen) this.#resolveEnded(end);
  }

  #finish(end: ClientEnd): void {
    this.#pings.stop();
    this.#socket.destroy();
    for (const lose of this.#waiting) lose(end);
    this.#waiting.clear();
    this.#state = 'over';
  }
}

function asOpenFailure(error: unknown): OpenFailure {
  if (error instanceof OpenFailure) return error;
  if (error instanceof RpcFailure) return new OpenFailure({ type: 'refused', failure: error });
  const detail = error instanceof Error ? error.message.slice(0, LONGEST_DETAIL) : 'unknown';
  return new OpenFailure({ type: 'protocol', detail });
}
