import type { RpcError } from '../rpc.ts';
import type { CallFaults, FaultScope } from './call-faults.ts';
import { NO_SUCH_CONSTRUCTOR } from './call-faults.ts';
import type { Connection } from './connection.ts';
import type { Doors } from './doors.ts';
import type { Pushes, PushFilter } from './pushes.ts';

/**
 * The levers of the wire: what goes wrong between a client and Telegram, on demand. A `keyId` is that of a permanent key; without one,
 * everybody is meant.
 */
export class WireFaults {
  readonly #calls: CallFaults;
  readonly #pushes: Pushes;
  readonly #doors: Doors;
  readonly #connections: () => readonly Connection[];

  constructor(deps: { calls: CallFaults; pushes: Pushes; doors: Doors; connections: () => readonly Connection[] }) {
    this.#calls = deps.calls;
    this.#pushes = deps.pushes;
    this.#doors = deps.doors;
    this.#connections = deps.connections;
  }

  /** TCP ends without a word. */
  cut(keyId?: string): void {
    for (const connection of this.#of(keyId)) connection.close();
  }

  /** The connections that are open now stay open and carry nothing any more, in either direction. */
  silence(keyId?: string): void {
    for (const connection of this.#of(keyId)) connection.silence();
  }

  /** A transport error (-404, -429, …) on the connections that are open now, and their end. */
  transportError(code: number, keyId?: string): void {
    for (const connection of this.#of(keyId)) connection.endWith(code);
  }

  /** `refuse` resets new connections, `stall` takes them and says nothing, `open` lets them in again. */
  newConnections(state: Doors['state']): void {
    this.#doors.state = state;
  }

  /** Every packet, whoever sends it, is answered with this transport error, and its connection ended; undefined ends it. */
  refusePackets(code: number | undefined): void {
    this.#doors.errorCode = code;
  }

  /** The next call of the method is answered with this error; the world never hears of it. */
  failCall(method: string, error: RpcError, scope?: FaultScope): void {
    this.#calls.arm(method, { type: 'fail', error }, scope);
  }

  /**
   * The next call of the method is acted on, and its answer is lost on this connection. A client that goes on with its session over
   * another one gets it there, and so does one that repeats the message under the same id; nothing is done twice.
   */
  swallowAnswer(method: string, scope?: FaultScope): void {
    this.#calls.arm(method, { type: 'swallow' }, scope);
  }

  /** The next call of the method is acted on, and answered with a constructor that no layer has. */
  unreadableAnswer(method: string, scope?: FaultScope): void {
    this.#calls.arm(method, { type: 'unreadable' }, scope);
  }

  /** Answers leave this many milliseconds late; 0 ends it. */
  delayAnswers(ms: number, keyId?: string): void {
    this.#calls.delay(ms, keyId);
  }

  /** Keeps updates back until `releasePushes` with the same `keyId`. */
  holdPushes(keyId?: string): void {
    this.#pushes.hold(keyId);
  }

  releasePushes(order: 'forward' | 'reverse' = 'forward', keyId?: string): void {
    this.#pushes.release(order, keyId);
  }

  /** Pushes a constructor that no layer has. */
  pushUnreadable(keyId: string): void {
    this.#pushes.pushBytes(keyId, NO_SUCH_CONSTRUCTOR);
  }

  /** What becomes of each push: `[]` drops it, `[updates, updates]` doubles it; undefined ends it. */
  filterPushes(filter: PushFilter | undefined): void {
    this.#pushes.setFilter(filter);
  }

  /** Everything as it should be, for what comes; updates that were kept back go out. Connections that were silenced stay silent. */
  clear(): void {
    this.#calls.clear();
    this.#doors.state = 'open';
    this.#doors.errorCode = undefined;
    this.#pushes.clear();
  }

  #of(keyId: string | undefined): readonly Connection[] {
    return this.#connections().filter((connection) => keyId === undefined || connection.keyId === keyId);
  }
}
