import { Gauge, type Registry } from 'prom-client';
import type { GateView } from '../engine/start-gate.ts';
import { metricDefinitions } from './metric-definitions.ts';
import { baseOf } from './registered.ts';

/** How sessions are let in that want to connect, as of each scrape. */
export class GateMetrics {
  readonly #read: () => readonly GateView[];
  readonly #waiting: Gauge;
  readonly #underWay: Gauge;
  readonly #rate: Gauge;

  constructor(deps: { registry: Registry; read: () => readonly GateView[] }) {
    const registers = [deps.registry];
    this.#read = deps.read;
    this.#waiting = new Gauge({ ...baseOf(metricDefinitions.connectsWaiting), registers });
    this.#underWay = new Gauge({ ...baseOf(metricDefinitions.connectsUnderWay), registers });
    this.#rate = new Gauge({ ...baseOf(metricDefinitions.connectRate), registers });
  }

  refresh(): void {
    for (const { channel, waiting, underWay, perSecond } of this.#read()) {
      this.#waiting.set({ channel }, waiting);
      this.#underWay.set({ channel }, underWay);
      this.#rate.set({ channel }, perSecond);
    }
  }
}
