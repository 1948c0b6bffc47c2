import type { BinaryNode, ConnectionState, UserFacingSocketConfig, WASocket } from '@whiskeysockets/baileys';
import type { Clock, Timer } from '../../src/core/clock.ts';
import { isRecord } from '../../src/core/json.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { Baileys } from './baileys.ts';
import type { ConnectionEnd } from './disconnect.ts';
import type { DurableInbox } from './durable-socket.ts';
import { Keeper } from './keeper.ts';
import { AckWaiter } from './outbound-acks.ts';
import type { SocketOptions } from './socket-options.ts';
import { KEEP_ALIVE_MS, toSocketConfig } from './socket-options.ts';

/** From the first packet to "open", with the upload of keys in between. */
const OPEN_TIMEOUT_MS = 60_000;
/** How often the line is looked at. Baileys itself notices a dead line after 35 to 65 s and then waits 30 s more. */
const WATCH_INTERVAL_MS = 5_000;
/** A keep-alive and ten seconds for its answer. */
const SILENCE_LIMIT_MS = KEEP_ALIVE_MS + 10_000;
/** For the closing handshake of the WebSocket; afterwards the socket is cut, well within the promised five seconds. */
const CLOSE_GRACE_MS = 1_500;

/**
 * What the strict curve and Baileys' Noise handler throw out of the handshake when the server's chain does not hold; no
 * other error that ends a socket has these words.
 */
const UNTRUSTED: ReadonlySet<string> = new Set([
  'Invalid signature',
  'Invalid public key',
  'invalid noise leaf certificate',
  'noise certificate signature invalid',
  'noise intermediate certificate signature invalid',
  'certification match failed',
]);

/** Boom, in which Baileys wraps the numbers of failures, throws on lesser ones: the end would be told to nobody. So it is shown none. */
const LEAST_BOOM = 400;

/** Stanzas that the server sends by itself; answers (`iq`, `ack`) and its words about the stream (`ib`) are none. */
const PUSHED: ReadonlySet<unknown> = new Set(['message', 'receipt', 'notification', 'presence', 'chatstate', 'call']);

export interface LineDeps {
  readonly baileys: Baileys;
  readonly inbox: DurableInbox;
  readonly clock: Clock;
  readonly log: Logger;
  readonly options: SocketOptions;
  readonly purpose: 'connect' | 'login';
  /** Called for each QR text while linking. */
  readonly onQr?: (text: string) => void;
  /** Called when the phone has confirmed the link; the server then asks for a restart. */
  readonly onPaired?: () => void;
}

/** One connection from its first packet to its end. Never reconnects. Made and used by the session and the login. */
export class Line {
  readonly sock: WASocket;
  readonly acks: AckWaiter;
  /** What the library logs to; its functions want one. */
  readonly logger: NonNullable<UserFacingSocketConfig['logger']>;
  /** Resolves at "open"; never rejects, see `ended`. */
  readonly opened: Promise<void>;
  /** Resolves once, with what ended the connection, as soon as it is known and before the socket is gone. */
  readonly ended: Promise<ConnectionEnd>;
  readonly #deps: LineDeps;
  #pushes = 0;
  readonly #detach: () => void;
  readonly #gone: Promise<void>;
  readonly #keeper: Keeper;
  #finish: (end: ConnectionEnd) => void = () => undefined;
  #open: () => void = () => undefined;
  #release: () => void = () => undefined;
  #watch: Timer | undefined;
  #deadline: Timer | undefined;
  #lastFrameAt: number;
  #isReached = false;
  #isOver = false;

  /** Opens the socket: Baileys connects as soon as it is made. */
  constructor(deps: LineDeps) {
    this.#deps = deps;
    this.#lastFrameAt = deps.clock.monotonic();
    this.opened = new Promise((resolve) => (this.#open = resolve));
    this.ended = new Promise((resolve) => (this.#finish = resolve));
    this.#gone = new Promise((resolve) => (this.#release = resolve));
    const durable = deps.inbox.prepareSocket({
      purpose: deps.purpose,
      onFailure: (failure) => this.#end({ type: failure.type }),
    });
    this.#detach = () => durable.detach();
    this.logger = durable.config.logger;
    try {
      this.sock = deps.baileys.makeWASocket({ ...toSocketConfig(deps.options), ...durable.config });
    } catch (error) {
      durable.detach();
      throw error;
    }
    durable.attach(this.sock);
    this.acks = new AckWaiter({ frames: this.sock.ws, clock: deps.clock });
    this.#keeper = new Keeper({ sock: this.sock, clock: deps.clock, log: deps.log });
    this.#keeper.start();
    this.#listen();
  }

  /** Whether it has ended or is about to. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Since the last frame of the server; ms. */
  get silentForMs(): number {
    return this.#deps.clock.monotonic() - this.#lastFrameAt;
  }

  /** What the server has sent without having been asked. */
  get pushes(): number {
    return this.#pushes;
  }

  /** Ends the connection from our side; resolves when the socket is gone. Idempotent. */
  async close(): Promise<void> {
    this.#end({ type: 'closed', message: 'closed by us' });
    await this.#gone;
  }

  #listen(): void {
    const { clock, onQr, onPaired } = this.#deps;
    this.sock.ev.on('connection.update', (update) => {
      if (update.qr !== undefined) {
        this.#deadline?.cancel();
        onQr?.(update.qr);
      }
      if (update.isNewLogin === true) onPaired?.();
      if (update.connection === 'open') {
        this.#deadline?.cancel();
        this.#keeper.opened();
        this.#open();
      }
      if (update.connection === 'close') this.#end({ ...endOfUpdate(update), ...this.#reach() });
    });
    this.sock.ws.on('open', () => {
      this.#isReached = true;
    });
    this.sock.ws.on('frame', (frame: unknown) => {
      this.#lastFrameAt = clock.monotonic();
      if (isRecord(frame) && PUSHED.has(frame['tag'])) this.#pushes += 1;
    });
    for (const [stanza, attribute] of [
      ['failure', 'reason'],
      ['stream:error', 'code'],
    ] as const) {
      this.sock.ws.prependListener(`CB:${stanza}`, ({ attrs }: BinaryNode) => {
        const statusCode = Number(attrs[attribute]);
        if (!(statusCode < LEAST_BOOM)) return;
        this.#end({ type: 'closed', statusCode, data: { ...attrs } });
        delete attrs[attribute];
      });
    }
    // Baileys listens to this without acting, which keeps ws from ending the attempt: it would hang for ever.
    this.sock.ws.on('unexpected-response', (_request: unknown, response: unknown) => {
      this.#end({ type: 'upgrade_refused', status: isRecord(response) ? Number(response['statusCode']) : 0 });
    });
    this.#deadline = clock.after(OPEN_TIMEOUT_MS, () => this.#end({ type: 'connect_timeout', ...this.#reach() }));
    this.#watchLine();
  }

  #reach(): { readonly isUnreached?: true } {
    return this.#isReached ? {} : { isUnreached: true };
  }

  #watchLine(): void {
    this.#watch = this.#deps.clock.after(WATCH_INTERVAL_MS, () => {
      const isSilent = this.#deps.clock.monotonic() - this.#lastFrameAt > SILENCE_LIMIT_MS;
      // Closing without our doing: Baileys gave up and now waits for a peer that may be gone.
      if (this.sock.ws.isClosing || (isSilent && this.sock.ws.isOpen)) {
        this.#end({ type: 'closed', statusCode: 408, message: 'silent' });
      } else {
        this.#watchLine();
      }
    });
  }

  #end(end: ConnectionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#watch?.cancel();
    this.#deadline?.cancel();
    this.#detach();
    this.#keeper.stop();
    this.acks.close();
    this.#finish(end);
    void this.#cut();
  }

  /** Asks for a proper close and then insists; Baileys alone waits up to 30 s for a dead peer. */
  async #cut(): Promise<void> {
    const { clock, log } = this.#deps;
    const { ws } = this.sock;
    const force = clock.after(CLOSE_GRACE_MS, () => {
      terminate(ws);
      this.#release();
    });
    const release = (): void => {
      force.cancel();
      this.#release();
    };
    ws.once('close', release); // Baileys removes its own listeners first and then forgets sockets that the server closes
    if (ws.isConnecting) terminate(ws);
    try {
      await this.sock.end(undefined);
    } catch (error) {
      log.debug('socket did not end cleanly', { error: error instanceof Error ? error : undefined });
    }
    if (ws.isClosed) release();
  }
}

/** Takes Boom apart without importing it: `output.statusCode` is the code, `data` what the stanza said. */
function endOfUpdate(update: Partial<ConnectionState>): ConnectionEnd {
  const error: unknown = update.lastDisconnect?.error;
  if (!isRecord(error)) return { type: 'closed' };
  const output = isRecord(error['output']) ? error['output'] : {};
  const { statusCode } = output;
  if (UNTRUSTED.has(String(error['message']))) return { type: 'untrusted_server' };
  return {
    type: 'closed',
    ...(typeof statusCode === 'number' ? { statusCode } : {}),
    ...(typeof error['message'] === 'string' ? { message: error['message'] } : {}),
    data: error['data'],
  };
}

/** The WebSocket below Baileys' client; `terminate` destroys it without a handshake. */
function terminate(client: object): void {
  const socket: unknown = Reflect.get(client, 'socket');
  if (typeof socket !== 'object' || socket === null) return;
  const method: unknown = Reflect.get(socket, 'terminate');
  if (typeof method === 'function') Reflect.apply(method, socket, []);
}
