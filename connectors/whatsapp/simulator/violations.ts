import type { Clock } from '../../../src/core/clock.ts';

/** What a client, or one of our own people, did that a real server or phone would not accept. */
export type ViolationKind =
  | 'handshake' // Noise or client payload that does not parse or authenticate
  | 'bad_signature' // an XEdDSA signature that does not verify
  | 'malformed' // a stanza without what its kind needs
  | 'unknown_stanza'
  | 'unknown_iq'
  | 'unknown_recipient'
  | 'missing_device' // a message that leaves out a device of its recipients
  | 'missing_ack' // a stanza that the client left unanswered on a line that worked
  | 'unexpected_ack' // names something that was not waiting
  | 'negative_ack' // the client said it could not use a stanza
  | 'undecryptable' // the client asked for a message again, or a resident could not read what the client sealed
  | 'protocol_order' // before login, or after the end
  | 'resident_failed';

export interface Violation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: ViolationKind;
  /** LID style device address, or `-` before one is known. */
  readonly account: string;
  /** What happened, without bodies or keys. */
  readonly detail: string;
}

const KEPT_VIOLATIONS = 10_000; // a runaway client must not eat the memory of the sandbox

/** Everything that was wrong, oldest first. Tests assert that it is empty. */
export class ViolationLog {
  readonly #clock: Clock;
  readonly #entries: Violation[] = [];
  #dropped = 0;

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  record(kind: ViolationKind, account: string, detail: string): void {
    if (this.#entries.length >= KEPT_VIOLATIONS) {
      this.#dropped += 1;
      return;
    }
    this.#entries.push({ at: this.#clock.now(), kind, account, detail });
  }

  all(): readonly Violation[] {
    return [...this.#entries];
  }

  of(kind: ViolationKind): readonly Violation[] {
    return this.#entries.filter((entry) => entry.kind === kind);
  }

  /** Violations that came after the log was full. */
  get dropped(): number {
    return this.#dropped;
  }

  /** For a test that provoked some on purpose. */
  clear(): void {
    this.#entries.length = 0;
    this.#dropped = 0;
  }
}
