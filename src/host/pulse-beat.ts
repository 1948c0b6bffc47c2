import type { SessionVitals } from '../connector-api/index.ts';
import type { Clock, Timer } from '../core/clock.ts';
import { PULSE_MS } from '../engine/ports/connector-host.ts';
import type { ProcessGauge } from './process-gauge.ts';
import type { ProcessPulse } from './process-pulse.ts';

interface BeatDeps {
  readonly clock: Clock;
  readonly gauge: ProcessGauge;
  /** Asked at each beat. */
  readonly vitals: () => Record<string, SessionVitals>;
  readonly tell: (pulse: ProcessPulse) => void;
}

/** Tells every PULSE_MS how a process and its sessions are. Beats only while there is a session. */
export class PulseBeat {
  readonly #deps: BeatDeps;
  #timer: Timer | undefined;

  constructor(deps: BeatDeps) {
    this.#deps = deps;
  }

  /** Idempotent. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#deps.gauge.read(); // what was before the first session, e.g. loading its library, is no news
    this.#wait();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #wait(): void {
    const { clock, gauge, vitals, tell } = this.#deps;
    const dueAt = clock.monotonic() + PULSE_MS;
    this.#timer = clock.after(PULSE_MS, () => {
      const lateMs = clock.monotonic() - dueAt;
      this.#wait();
      const reading = gauge.read();
      // A block that has only just ended may not be in the gauge yet; it made the beat late.
      tell({ ...reading, loopLagMs: Math.round(Math.max(reading.loopLagMs, lateMs)), vitals: vitals() });
    });
  }
}
