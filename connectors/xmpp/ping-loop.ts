import type { Clock, Timer } from '../../src/core/clock.ts';

/** Home routers forget idle lines after a minute or more; with the time for the answer, a dead line is found within half a minute. */
const PING_EVERY_MS = 20_000;

/** Notices a connection that is open and dead. */
export class PingLoop {
  readonly #clock: Clock;
  readonly #probe: () => Promise<unknown>;
  readonly #heardAt: () => number;
  readonly #onSilent: () => void;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(deps: {
    clock: Clock;
    /** Rejects when no answer came in time. */
    probe: () => Promise<unknown>;
    /** When anything came last; monotonic. */
    heardAt: () => number;
    onSilent: () => void;
  }) {
    this.#clock = deps.clock;
    this.#probe = deps.probe;
    this.#heardAt = deps.heardAt;
    this.#onSilent = deps.onSilent;
  }

  start(): void {
    this.#timer = this.#clock.after(PING_EVERY_MS, () => void this.#ping());
  }

  /** Idempotent; not started again. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  async #ping(): Promise<void> {
    const begun = this.#clock.monotonic();
    const isAnswered = await this.#probe().then(
      () => true,
      () => false,
    );
    if (this.#isStopped) return;
    // An answer may stand in a long line behind other things that do come.
    if (isAnswered || this.#heardAt() > begun) this.start();
    else this.#onSilent();
  }
}
