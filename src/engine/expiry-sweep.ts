import type { Clock, Timer } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import { expireMessages } from './expire-messages.ts';
import type { Store, Telemetry } from './ports/index.ts';

/** How late an expired message may be told as such; a message that is due is checked at once by its worker; ms. */
const SWEEP_EVERY_MS = 10_000;

/** Ends queued messages whose time has passed, also those of sessions that are down. */
export class ExpirySweep {
  readonly #deps: { store: Store; telemetry: Telemetry; clock: Clock; log: Logger };
  #timer: Timer | undefined;
  #isRunning = false;

  constructor(deps: { store: Store; telemetry: Telemetry; clock: Clock; log: Logger }) {
    this.#deps = deps;
  }

  start(): void {
    this.#isRunning = true;
    this.#arm();
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer?.cancel();
  }

  #arm(): void {
    if (this.#isRunning) this.#timer = this.#deps.clock.after(SWEEP_EVERY_MS, () => void this.#sweep());
  }

  async #sweep(): Promise<void> {
    const { clock, log } = this.#deps;
    try {
      const count = await expireMessages(this.#deps, clock.now());
      if (count > 0) log.info('queued messages expired', { count });
    } catch (error) {
      log.error('expiry sweep failed', { error: error instanceof Error ? error : String(error) });
    }
    this.#arm();
  }
}
