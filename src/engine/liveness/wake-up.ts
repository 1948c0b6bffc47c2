import type { Clock, Timer } from '../../core/clock.ts';
import { LAG_MS } from './line-state.ts';

/** One timer that is only ever set earlier: whoever is woken too early looks and sets it again. So a busy line costs no timers. */
export class WakeUp {
  readonly #clock: Clock;
  readonly #run: (isLate: boolean) => void;
  #timer: Timer | undefined;
  #at = Number.POSITIVE_INFINITY;

  /** `isLate`: this process was blocked when the time came. */
  constructor(deps: { clock: Clock; run: (isLate: boolean) => void }) {
    this.#clock = deps.clock;
    this.#run = deps.run;
  }

  /** Monotonic ms; infinite = never. */
  at(time: number): void {
    if (time >= this.#at || !Number.isFinite(time)) return;
    this.#timer?.cancel();
    this.#at = time;
    this.#timer = this.#clock.after(Math.ceil(time - this.#clock.monotonic()), () => {
      const lateMs = this.#clock.monotonic() - time;
      this.cancel();
      this.#run(lateMs >= LAG_MS);
    });
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#at = Number.POSITIVE_INFINITY;
  }
}
