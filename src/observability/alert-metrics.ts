import { Counter, Gauge, type Registry } from 'prom-client';
import type { AlertWay, Telemetry } from '../engine/ports/index.ts';
import { metricDefinitions } from './metric-definitions.ts';
import { baseOf } from './registered.ts';

type Told = Parameters<Telemetry['alertTold']>;

const outcomes = ['delivered', 'retry', 'dead'] as const satisfies readonly Told[1][];

/** Whether Bellhop's own alerts reach people. */
export class AlertMetrics {
  readonly #deps: { readonly read: () => readonly AlertWay[]; readonly now: () => number };
  readonly #told: Counter;
  readonly #failing: Gauge;

  constructor(deps: { registry: Registry; read: () => readonly AlertWay[]; now: () => number }) {
    const registers = [deps.registry];
    this.#deps = deps;
    this.#told = new Counter({ ...baseOf(metricDefinitions.alertsTold), registers });
    this.#failing = new Gauge({ ...baseOf(metricDefinitions.alertsFailing), registers });
  }

  told(...[way, outcome]: Told): void {
    this.#told.inc({ way, outcome });
  }

  /** Of several endpoints, the one that has been failing longest counts. */
  refresh(): void {
    const { read, now } = this.#deps;
    const longest = new Map<string, number>();
    for (const { kind, failingSince } of read()) {
      // From 0 on, so that the first one counts as an increase.
      for (const outcome of outcomes) this.#told.inc({ way: kind, outcome }, 0);
      const ms = failingSince === null ? 0 : Math.max(0, now() - failingSince);
      longest.set(kind, Math.max(longest.get(kind) ?? 0, ms));
    }
    for (const [way, ms] of longest) this.#failing.set({ way }, ms / 1_000);
  }
}
