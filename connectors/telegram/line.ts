import { SendError } from '../../src/connector-api/index.ts';
import type { LineEnd } from './disconnect.ts';
import { endsSession } from './disconnect.ts';
import type { FloodGate } from './flood-gate.ts';
import type { CallOptions, MtprotoClient } from './mtproto/client.ts';
import { CallLost, OpenFailure, RpcFailure } from './mtproto/client.ts';
import type { TlObject, TlValue } from './tl.ts';

const FLOOD = 420;
const MS_PER_SECOND = 1000;

/** What the parts of a session call the network with. */
export interface Caller {
  /** Rejects with RpcFailure, CallLost, or the SendError of a limit that stands. */
  invoke(call: TlObject, options: CallOptions): Promise<TlValue>;
}

/**
 * One open connection of the account: the engine's client, and over it what an engine does not judge: errors that end the session, and
 * methods that Telegram wants to be left alone.
 */
export class Line implements Caller {
  readonly #client: MtprotoClient;
  readonly #gate: FloodGate;
  #isOver = false;
  #seen: LineEnd | undefined;
  #end: (end: LineEnd) => void = () => undefined;
  /** Resolves once; not after `close`. */
  readonly ended: Promise<LineEnd>;

  constructor(deps: { client: MtprotoClient; gate: FloodGate }) {
    this.#client = deps.client;
    this.#gate = deps.gate;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    void deps.client.ended.then((end) => this.end(end));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What an error of the first calls says about the line as a whole: how it ended, if it has. */
  endBy(error: unknown): LineEnd {
    if (this.#seen !== undefined) return this.#seen;
    if (error instanceof OpenFailure) return error.end;
    if (error instanceof RpcFailure) return { type: 'refused', failure: error };
    // A wait that an earlier connection was told, and that is not over: nobody was asked.
    if (error instanceof SendError && error.retryAfterMs !== undefined) {
      const text = `FLOOD_WAIT_${Math.ceil(error.retryAfterMs / MS_PER_SECOND)}`;
      return { type: 'refused', failure: { code: FLOOD, text, method: 'connect' } };
    }
    return error instanceof CallLost && error.reason === 'deadline' ? { type: 'silent' } : { type: 'lost' };
  }

  async invoke(call: TlObject, options: CallOptions): Promise<TlValue> {
    if (this.#isOver) throw new CallLost({ isWritten: false, reason: 'ended' });
    this.#gate.check(call._);
    try {
      return await this.#client.invoke(call, options);
    } catch (error) {
      if (error instanceof RpcFailure) this.#note(error, options);
      throw error;
    }
  }

  ping(timeoutMs: number): Promise<number> {
    if (this.#isOver) return Promise.reject(new CallLost({ isWritten: false, reason: 'ended' }));
    return this.#client.ping(timeoutMs);
  }

  /** Ends the line from this side, as if the network had; a later end changes nothing. */
  end(end: LineEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#seen = end;
    this.#end(end);
  }

  /** Resolves when the socket is gone, within 5 s. `ended` then never resolves, unless it has. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#client.close();
  }

  #note(failure: RpcFailure, { dcId }: CallOptions): void {
    this.#gate.note(failure);
    // Another data centre speaks of the link with itself, which was exported to it for files.
    if (dcId === undefined && endsSession(failure)) this.end({ type: 'refused', failure });
  }
}
