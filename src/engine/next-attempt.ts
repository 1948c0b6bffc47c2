import type { Clock, Timer } from '../core/clock.ts';
import type { SessionVersions } from './session-versions.ts';

/** When a session tries again: by the clock, or sooner when there is news of the client versions. Kept by its runner. */
export class NextAttempt {
  /** `run` must not reject. */
  readonly #deps: { readonly clock: Clock; readonly versions: SessionVersions; readonly run: () => Promise<void> };
  #timer: Timer | undefined;
  /** Counts the plans: an earlier one has nothing to say any more. */
  #plan = 0;

  constructor(deps: { clock: Clock; versions: SessionVersions; run: () => Promise<void> }) {
    this.#deps = deps;
  }

  /** Replaces what was planned. `hears`: news of the versions makes it sooner. */
  plan(delayMs: number, hears: boolean): void {
    this.cancel();
    const plan = this.#plan;
    const run = (): void => {
      if (plan !== this.#plan) return;
      this.cancel();
      void this.#deps.run();
    };
    this.#timer = this.#deps.clock.after(delayMs, run);
    if (hears) this.#deps.versions.wait(run);
  }

  cancel(): void {
    this.#plan += 1;
    this.#timer?.cancel();
  }
}
