import type { Clock, Timer } from '../../../src/core/clock.ts';

/** Home routers forget idle lines after a minute or more; with the time for the pong, a dead line is found within half a minute. */
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 10_000;

export interface PingLoopDeps {
  readonly clock: Clock;
  /** Sends a ping; `onPong` runs when its answer is there. */
  readonly ping: (onPong: () => void) => void;
  /** All bytes that ever came: on a slow line a pong waits behind a file. */
  readonly bytesRead: () => number;
  readonly onSilent: () => void;
}

/** Notices a connection that is open and dead. */
export class PingLoop {
  readonly #deps: PingLoopDeps;
  #timer: Timer | undefined;

  constructor(deps: PingLoopDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = this.#deps.clock.after(PING_EVERY_MS, () => this.#ping());
  }

  /** Idempotent. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #ping(): void {
    const before = this.#deps.bytesRead();
    this.#expect(before);
    this.#deps.ping(() => {
      if (this.#timer === undefined) return;
      this.stop();
      this.start();
    });
  }

  #expect(before: number): void {
    this.#timer = this.#deps.clock.after(PONG_WITHIN_MS, () => {
      const now = this.#deps.bytesRead();
      if (now > before) {
        this.#expect(now);
        return;
      }
      this.stop();
      this.#deps.onSilent();
    });
  }
}
