import type { DisconnectCause } from '../connector-api/index.ts';
import type { ReconnectHistory } from './reconnect-policy.ts';
import { countFailure, REPLACED_MEMORY_MS } from './reconnect-policy.ts';

/** What is remembered of one session's trouble, for `decide`. Pure memory; kept by the session's runner. */
export class Trouble {
  #failures = 0;
  #ownFaults = 0;
  /** Monotonic times of ends of kind `replaced`, of the last day. */
  #replacedAt: number[] = [];

  /** Failures in a row. */
  get failures(): number {
    return this.#failures;
  }

  /** A person acted, or an account was linked: what comes next counts from the beginning. */
  forget(): void {
    this.#failures = 0;
    this.#ownFaults = 0;
    this.#replacedAt = [];
  }

  /** A connection ended after `heldMs`, or could not be made (undefined). `now`: monotonic; ms. */
  note(
    cause: DisconnectCause,
    heldMs: number | undefined,
    { now, isOwnFault }: { readonly now: number; readonly isOwnFault: boolean },
  ): ReconnectHistory {
    const before = this.#failures;
    this.#failures = countFailure(before, heldMs);
    if (this.#failures <= before) this.#ownFaults = 0;
    if (isOwnFault) this.#ownFaults += 1;
    const earlier = this.#replacedAt.filter((at) => now - at < REPLACED_MEMORY_MS);
    this.#replacedAt = cause.kind === 'replaced' ? [...earlier, now] : earlier;
    return {
      failures: this.#failures,
      ownFaults: isOwnFault ? this.#ownFaults : 0,
      replacedAgoMs: earlier.map((at) => now - at),
    };
  }
}
