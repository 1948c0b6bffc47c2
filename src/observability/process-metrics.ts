import { Counter, Gauge, type Registry } from 'prom-client';
import { type ProcessEnd, type ProcessView, processEnds } from '../engine/ports/processes.ts';
import { metricDefinitions } from './metric-definitions.ts';
import { baseOf } from './registered.ts';

/** The processes that run sessions, as of each scrape, and why others ended. */
export class ProcessMetrics {
  readonly #read: () => readonly ProcessView[];
  readonly #running: Gauge;
  readonly #sessions: Gauge;
  readonly #resident: Gauge;
  readonly #lag: Gauge;
  readonly #ends: Counter;
  /** Every channel that ever had one: what is gone shows as 0 and not as nothing. */
  readonly #channels = new Set<string>();

  constructor(deps: { registry: Registry; read: () => readonly ProcessView[] }) {
    const registers = [deps.registry];
    this.#read = deps.read;
    this.#running = new Gauge({ ...baseOf(metricDefinitions.processRunning), registers });
    this.#sessions = new Gauge({ ...baseOf(metricDefinitions.processSessions), registers });
    this.#resident = new Gauge({ ...baseOf(metricDefinitions.processResident), registers });
    this.#lag = new Gauge({ ...baseOf(metricDefinitions.processLag), registers });
    this.#ends = new Counter({ ...baseOf(metricDefinitions.processEnds), registers });
  }

  ended(channel: string, reason: ProcessEnd): void {
    this.#ends.inc({ channel, reason });
  }

  refresh(): void {
    for (const gauge of [this.#running, this.#sessions, this.#resident, this.#lag]) gauge.reset();
    for (const channel of this.#channels) this.#running.set({ channel }, 0);
    for (const { channel, number, sessions, rssBytes, loopLagMs } of this.#read()) {
      const labels = { channel, process: String(number) };
      // From 0 on, so that the first end counts as an increase.
      if (!this.#channels.has(channel)) for (const reason of processEnds) this.#ends.inc({ channel, reason }, 0);
      this.#channels.add(channel);
      this.#running.inc({ channel });
      this.#sessions.set(labels, sessions);
      if (rssBytes !== null) this.#resident.set(labels, rssBytes);
      if (loopLagMs !== null) this.#lag.set(labels, loopLagMs / 1_000);
    }
  }
}
