import type { Clock, Timer } from '../core/clock.ts';
import type { Session } from './model/session.ts';
import type { SessionVersions } from './session-versions.ts';

/** A timer of a `Clock` cannot be set for longer than 24.8 days; a network may want to be left alone for longer; ms. */
const LONGEST_TIMER_MS = 86_400_000;

export interface NextAttemptDeps {
  readonly clock: Clock;
  readonly versions: Pick<SessionVersions, 'wait'>;
  readonly run: () => Promise<void>;
}

/** When a session tries again: by the clock, or sooner when there is news of the client versions. Kept by its runner. */
export class NextAttempt {
  /** `run` must not reject. */
  readonly #deps: NextAttemptDeps;
  #timer: Timer | undefined;
  /** Counts the plans: an earlier one has nothing to say any more. */
  #plan = 0;

  constructor(deps: NextAttemptDeps) {
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
    this.#wait(delayMs, run);
    if (hears) this.#deps.versions.wait(run);
  }

  cancel(): void {
    this.#plan += 1;
    this.#timer?.cancel();
  }

  #wait(restMs: number, run: () => void): void {
    this.#timer =
      restMs <= LONGEST_TIMER_MS
        ? this.#deps.clock.after(restMs, run)
        : this.#deps.clock.after(LONGEST_TIMER_MS, () => this.#wait(restMs - LONGEST_TIMER_MS, run));
  }
}

/** How long a network that restricted the account still has to be left alone when the daemon starts anew; ms, 0 = not at all. Pure. */
export function restOfRestriction({ state, reason }: Pick<Session, 'state' | 'reason'>, now: number): number {
  if (state !== 'backing_off' || reason?.kind !== 'restricted' || reason.retryAt === null) return 0;
  return Math.max(0, Date.parse(reason.retryAt) - now);
}
