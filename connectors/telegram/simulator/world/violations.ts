import type { Clock } from '../../../../src/core/clock.ts';

/** What a client asked that no real client would. */
export interface WorldViolation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly code:
    | 'unknown_method'
    | 'unknown_peer'
    | 'wrong_access_hash'
    | 'wrong_offset'
    | 'wrong_upload'
    | 'wrong_entity'
    | 'read_backwards'
    | 'future_position'
    | 'called_while_waiting'
    | 'called_when_logged_out';
  /** Without words, numbers of people or keys. */
  readonly detail: string;
}

const KEPT = 10_000; // a runaway client must not eat the memory of the sandbox

/** Everything that was wrong, oldest first. Tests assert that it is empty. */
export class WorldViolations {
  readonly #clock: Clock;
  readonly #entries: WorldViolation[] = [];

  constructor(deps: { readonly clock: Clock }) {
    this.#clock = deps.clock;
  }

  record(code: WorldViolation['code'], detail: string): void {
    if (this.#entries.length < KEPT) this.#entries.push({ at: this.#clock.now(), code, detail });
  }

  all(): readonly WorldViolation[] {
    return [...this.#entries];
  }

  /** For a test that provoked some on purpose. */
  clear(): void {
    this.#entries.length = 0;
  }
}
