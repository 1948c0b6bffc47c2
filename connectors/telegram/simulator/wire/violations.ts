import type { Clock } from '../../../../src/core/clock.ts';

/** What a client did that Telegram's own servers refuse, or that no correct client does. */
export type ViolationCode =
  | 'framing' // the stream is no MTProto transport, or breaks off its rules
  | 'key_exchange' // a step out of order, or a proof that does not fit
  | 'bad_length' // an encrypted packet of impossible length
  | 'bad_msg_key'
  | 'bad_padding'
  | 'bad_msg_id' // not divisible by four, not rising, or far from the server's time
  | 'bad_seqno'
  | 'bad_container'
  | 'unknown_constructor' // not in the layer that the client announced
  | 'trailing_bytes'
  | 'undecodable'
  | 'not_inited' // a call before `initConnection`
  | 'unknown_layer' // a layer that no installed schema has
  | 'not_acknowledged' // the client kept silent about what it got
  | 'unexpected_ack' // names something that was never sent
  | 'unexpected_service'; // a service message that a client has no reason to send

export interface Violation {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly code: ViolationCode;
  /** Hex id of the key, or `-` before there is one. */
  readonly keyId: string;
  /** What happened, without content or secrets. */
  readonly detail: string;
}

const KEPT_VIOLATIONS = 10_000; // a runaway client must not eat the memory of the sandbox

/** Everything that was wrong, oldest first. Tests assert that it is empty. */
export class ViolationLog {
  readonly #clock: Clock;
  readonly #entries: Violation[] = [];

  constructor(deps: { clock: Clock }) {
    this.#clock = deps.clock;
  }

  record(code: ViolationCode, keyId: string, detail: string): void {
    if (this.#entries.length < KEPT_VIOLATIONS) this.#entries.push({ at: this.#clock.now(), code, keyId, detail });
  }

  all(): readonly Violation[] {
    return [...this.#entries];
  }

  of(code: ViolationCode): readonly Violation[] {
    return this.#entries.filter((entry) => entry.code === code);
  }

  /** For a test that provoked some on purpose. */
  clear(): void {
    this.#entries.length = 0;
  }
}
