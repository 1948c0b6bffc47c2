import type { Clock, Timer } from '../core/clock.ts';

/** How a wait ended. */
export type WaitEnd = 'elapsed' | 'woken' | 'stopped';

/** A wait that other parts can end early. A call of `wake` between two waits is remembered: no wake-up is lost. */
export class WakeSignal {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #isWoken = false;
  #end: ((end: WaitEnd) => void) | undefined;

  constructor(deps: { clock: Clock; signal: AbortSignal }) {
    this.#clock = deps.clock;
    this.#signal = deps.signal;
    this.#signal.addEventListener('abort', () => this.#end?.('stopped'), { once: true });
  }

  wake(): void {
    this.#isWoken = true;
    this.#end?.('woken');
  }

  /** What was said before now is known; only later wake-ups count. Called just before the state is read. */
  clear(): void {
    this.#isWoken = false;
  }

  /** At most one wait at a time. */
  async wait(delayMs: number): Promise<WaitEnd> {
    if (this.#signal.aborted) return 'stopped';
    if (this.#isWoken) return 'woken';
    let timer: Timer | undefined;
    const end = await new Promise<WaitEnd>((resolve) => {
      this.#end = resolve;
      timer = this.#clock.after(delayMs, () => resolve('elapsed'));
    });
    timer?.cancel();
    this.#end = undefined;
    return end;
  }
}
