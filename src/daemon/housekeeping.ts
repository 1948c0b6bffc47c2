import type { Clock, Timer } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Store } from '../engine/ports/index.ts';

const HOUR_MS = 3_600_000;
/** A client that repeats a request after a week has forgotten why; the field's floor is one day. */
export const KEEP_IDEMPOTENCY_MS = 7 * 24 * HOUR_MS;
/** Whether a guest has answered is looked up as far back as this: a stay with what is written before and after it. */
export const KEEP_SEND_LOG_MS = 90 * 24 * HOUR_MS;
/** Closed alerts: long enough to see what last season was like. */
export const KEEP_ALERTS_MS = 90 * 24 * HOUR_MS;
const EVERY_MS = HOUR_MS;

type Kept = Pick<Store, 'pruneIdempotency' | 'pruneSendLog' | 'pruneAlerts'>;

/** Throws away what the daemon keeps for a time only. A failure waits for the next round. */
export class Housekeeping {
  readonly #deps: { store: Kept; clock: Clock; log: Logger };
  #timer: Timer | undefined;
  #isRunning = false;

  constructor(deps: { store: Kept; clock: Clock; log: Logger }) {
    this.#deps = deps;
  }

  start(): void {
    this.#isRunning = true;
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#timer?.cancel();
  }

  #arm(): void {
    if (this.#isRunning) this.#timer = this.#deps.clock.after(EVERY_MS, () => void this.#tidy());
  }

  async #tidy(): Promise<void> {
    const { store, clock, log } = this.#deps;
    try {
      const count = await store.pruneIdempotency(clock.now() - KEEP_IDEMPOTENCY_MS);
      if (count > 0) log.debug('old idempotency keys forgotten', { count });
      await store.pruneSendLog(clock.now() - KEEP_SEND_LOG_MS);
      await store.pruneAlerts(clock.now() - KEEP_ALERTS_MS);
    } catch (error) {
      log.warn('housekeeping failed', { error: error instanceof Error ? error : String(error) });
    }
    this.#arm();
  }
}
