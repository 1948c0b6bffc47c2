import type { Clock } from '../../../src/core/clock.ts';
import type { CallOptions } from './client.ts';
import { CallLost } from './client.ts';

/** What a call in flight tells the queue, and hears from it. */
export interface Turn {
  /** From now on the call may have reached the server. */
  written(): void;
  /** `work` runs when nobody waits for the answer any more: deadline, abort or end. */
  onDropped(work: () => void): void;
  /** The call is lost for this reason, whatever becomes of the connection now. */
  lose(reason: CallLost['reason']): void;
}

interface Entry {
  readonly start: () => void;
  readonly drop: (reason: CallLost['reason']) => void;
}

/** Lets one call at a time go, in order. Each has its own deadline, which also runs while it waits for its turn. */
export class CallQueue {
  readonly #clock: Clock;
  #waiting: Entry[] = [];
  #running: Entry | undefined;
  #isOver = false;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Settles as `work` does, or with CallLost. */
  run<T>(options: Pick<CallOptions, 'timeoutMs' | 'signal'>, work: (turn: Turn) => Promise<T>): Promise<T> {
    const { timeoutMs, signal } = options;
    return new Promise<T>((resolve, reject) => {
      if (this.#isOver || signal?.aborted === true) {
        reject(new CallLost({ isWritten: false, reason: this.#isOver ? 'ended' : 'aborted' }));
        return;
      }
      let isWritten = false;
      let isSettled = false;
      let onDropped = (): void => undefined;
      const settle = (finish: () => void): void => {
        if (isSettled) return;
        isSettled = true;
        timer.cancel();
        signal?.removeEventListener('abort', onAbort);
        finish();
        this.#leave(entry);
      };
      const entry: Entry = {
        start: () => {
          if (signal?.aborted === true) {
            entry.drop('aborted'); // the signal of the one before, which has just made way
            return;
          }
          const turn: Turn = {
            written: () => {
              isWritten = true;
            },
            onDropped: (listener) => {
              onDropped = listener;
              if (isSettled) listener();
            },
            lose: entry.drop,
          };
          // A `work` that throws at once must not stop the queue.
          (async () => work(turn))().then(
            (value) => settle(() => resolve(value)),
            (error: unknown) => settle(() => reject(error instanceof Error ? error : new Error(String(error)))),
          );
        },
        drop: (reason) =>
          settle(() => {
            reject(new CallLost({ isWritten, reason }));
            onDropped();
          }),
      };
      const onAbort = (): void => entry.drop('aborted');
      const timer = this.#clock.after(timeoutMs, () => entry.drop('deadline'));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(entry);
      this.#next();
    });
  }

  /** Every call is lost, those to come as well. Idempotent. */
  end(): void {
    this.#isOver = true;
    const entries = [...(this.#running === undefined ? [] : [this.#running]), ...this.#waiting];
    for (const entry of entries) entry.drop('ended');
  }

  #leave(entry: Entry): void {
    if (this.#running === entry) this.#running = undefined;
    else this.#waiting = this.#waiting.filter((other) => other !== entry);
    this.#next();
  }

  #next(): void {
    if (this.#isOver || this.#running !== undefined) return;
    this.#running = this.#waiting.shift();
    this.#running?.start();
  }
}
