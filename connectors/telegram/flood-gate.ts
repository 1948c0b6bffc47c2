import type { Clock } from '../../src/core/clock.ts';
import { floodError } from './limits.ts';
import type { RpcFailure } from './mtproto/client.ts';
import { readWord, waitOf } from './rpc-word.ts';

/** Methods under a wait at the same time; there are only so many that a connector calls. */
const MOST_KEPT = 200;

/**
 * Methods that Telegram wants to be left alone, each with its end. A call before that end is refused here: asking again prolongs the
 * wait. In memory: the daemon keeps the limits that hold messages back.
 */
export class FloodGate {
  readonly #clock: Clock;
  readonly #closed = new Map<string, { readonly until: number; readonly nativeCode: string }>();

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  /** Throws `rate_limited` with what is left of the wait. */
  check(method: string): void {
    const closed = this.#closed.get(method);
    if (closed === undefined) return;
    const leftMs = closed.until - this.#clock.monotonic();
    if (leftMs > 0) throw floodError(method, Math.ceil(leftMs), closed.nativeCode);
    this.#closed.delete(method);
  }

  /** Takes note of an answer. A slow mode is the chat's, not the method's. */
  note(failure: RpcFailure): void {
    const waitMs = waitOf(failure);
    if (waitMs === undefined || readWord(failure.text).word === 'SLOWMODE_WAIT') return;
    if (this.#closed.size >= MOST_KEPT) this.#closed.clear();
    this.#closed.set(failure.method, { until: this.#clock.monotonic() + waitMs, nativeCode: failure.text });
  }
}
