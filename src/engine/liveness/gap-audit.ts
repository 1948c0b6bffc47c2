import type { ConnectorEvent } from '../../connector-api/index.ts';
import type { Clock, Timer } from '../../core/clock.ts';
import { toTimestamp } from '../../core/clock.ts';
import type { DeafGap } from '../model/liveness.ts';

/** What the network had kept comes within seconds of the proof; the report waits for it; ms. */
const SETTLE_MS = 10_000;
/** Networks tell when a message was said in whole seconds; ms. */
const SECOND_MS = 1_000;

export interface AuditDeps {
  readonly clock: Clock;
  onReport(gap: DeafGap): void;
}

/** Looks back at a time in which a line was deaf: when it began and ended, and what of it came late. Kept by the watch. */
export class GapAudit {
  readonly #deps: AuditDeps;
  #from: number | undefined;
  #to: number | undefined;
  #lateMessages = 0;
  #timer: Timer | undefined;

  constructor(deps: AuditDeps) {
    this.#deps = deps;
  }

  /** A gap is known and has not been reported. */
  get isOpen(): boolean {
    return this.#from !== undefined;
  }

  /** Epoch ms. */
  get from(): number | undefined {
    return this.#from;
  }

  /** The line has been deaf since then; the first of several findings counts. Epoch ms. */
  begin(from: number): void {
    this.#from ??= from;
    this.#to = undefined;
    this.interrupt();
  }

  /** The line is connected anew. */
  end(to: number): void {
    if (this.#from !== undefined) this.#to = to;
  }

  /** A message was stored for the first time. It may come before the new connection is known to stand. */
  heard(event: ConnectorEvent): void {
    if (this.#from === undefined || event.type !== 'message' || event.message.direction !== 'inbound') return;
    const from = Math.floor(this.#from / SECOND_MS) * SECOND_MS;
    const { sentAt } = event.message;
    if (sentAt >= from && sentAt <= (this.#to ?? Number.POSITIVE_INFINITY)) this.#lateMessages += 1;
  }

  /** The line was proven after the gap: the report follows. */
  passed(): void {
    if (this.#to === undefined || this.#timer !== undefined) return;
    this.#timer = this.#deps.clock.after(SETTLE_MS, () => this.#report());
  }

  /** The connection ended before the report. */
  interrupt(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Somebody acted: nothing is to be reported any more. */
  forget(): void {
    this.interrupt();
    this.#from = undefined;
    this.#to = undefined;
    this.#lateMessages = 0;
  }

  #report(): void {
    if (this.#from === undefined || this.#to === undefined) return;
    const gap = { from: toTimestamp(this.#from), to: toTimestamp(this.#to), lateMessages: this.#lateMessages };
    this.forget();
    this.#deps.onReport(gap);
  }
}
