import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { limitScopes } from '../connector-api/index.ts';
import { sessionStates } from '../engine/model/session.ts';
import type { StoreFigures, Telemetry } from '../engine/ports/index.ts';
import { type MetricDefinition, metricDefinitions } from './metric-definitions.ts';

export interface MetricsDeps {
  readonly version: string;
  /** Read at each scrape, so that gauges never show a stale queue. */
  readonly figures: () => Promise<StoreFigures>;
  readonly now: () => number;
}

export interface Metrics {
  readonly telemetry: Telemetry;
  /** The Prometheus text format. */
  render(): Promise<string>;
  /** Only what is defined here, without the process metrics of the client library; for linting. */
  renderOwn(): Promise<string>;
}

/** One registry a daemon; nothing is kept in the module, so tests run side by side. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const own = new Registry();
  const process = new Registry();
  collectDefaultMetrics({ register: process });
  const gauge = (definition: MetricDefinition) => new Gauge({ ...base(definition), registers: [own] });
  const counter = (definition: MetricDefinition) => new Counter({ ...base(definition), registers: [own] });
  const histogram = (definition: MetricDefinition) =>
    new Histogram({ ...base(definition), buckets: [...(definition.buckets ?? [])], registers: [own] });

  const d = metricDefinitions;
  const metrics = {
    sessionState: gauge(d.sessionState),
    sessionUp: gauge(d.sessionUp),
    disconnects: counter(d.disconnects),
    versionsTried: counter(d.versionsTried),
    versionDegraded: gauge(d.versionDegraded),
    inbound: counter(d.inbound),
    outbound: counter(d.outbound),
    outboundWait: histogram(d.outboundWait),
    limits: gauge(d.limits),
    limited: counter(d.limited),
    receipts: counter(d.receipts),
    queueDepth: gauge(d.queueDepth),
    queueOldest: gauge(d.queueOldest),
    deliveries: counter(d.deliveries),
    deliverySeconds: histogram(d.deliverySeconds),
    webhookPending: gauge(d.webhookPending),
    webhookDead: gauge(d.webhookDead),
    webhookLag: gauge(d.webhookLag),
  };
  gauge(d.buildInfo).set({ version: deps.version, node: globalThis.process.versions.node }, 1);
  const channels = new Map<string, string>();

  const telemetry: Telemetry = {
    sessionState(session, channel, state) {
      channels.set(session, channel);
      for (const each of sessionStates)
        metrics.sessionState.set({ session, channel, state: each }, each === state ? 1 : 0);
      metrics.sessionUp.set({ session, channel }, state === 'connected' || state === 'degraded' ? 1 : 0);
    },
    sessionGone(session) {
      const channel = channels.get(session);
      if (channel === undefined) return;
      for (const state of sessionStates) metrics.sessionState.remove({ session, channel, state });
      metrics.sessionUp.remove({ session, channel });
      channels.delete(session);
    },
    disconnected: (session, kind) => metrics.disconnects.inc({ session, kind }),
    versionTried: (channel, outcome) => metrics.versionsTried.inc({ channel, outcome }),
    versionDegraded: (channel, isDegraded) => metrics.versionDegraded.set({ channel }, isDegraded ? 1 : 0),
    inbound: (session, channel, type, outcome) => metrics.inbound.inc({ session, channel, type, outcome }),
    outbound(session, channel, outcome, waitedSeconds) {
      metrics.outbound.inc({ session, channel, outcome });
      if (outcome === 'sent') metrics.outboundWait.observe({ channel }, waitedSeconds);
    },
    limited: (session, scope, code) => metrics.limited.inc({ session, scope, code }),
    receipt: (session, status) => metrics.receipts.inc({ session, status }),
    delivery(outcome, seconds) {
      metrics.deliveries.inc({ outcome });
      metrics.deliverySeconds.observe({ outcome }, seconds);
    },
  };

  const ageSeconds = (at: number | null): number => (at === null ? 0 : Math.max(0, (deps.now() - at) / 1_000));
  const refresh = async (): Promise<void> => {
    const figures = await deps.figures();
    metrics.queueDepth.reset();
    metrics.queueOldest.reset();
    metrics.limits.reset();
    for (const session of channels.keys()) {
      metrics.queueDepth.set({ session }, 0);
      metrics.queueOldest.set({ session }, 0);
      for (const scope of limitScopes) metrics.limits.set({ session, scope }, 0);
    }
    for (const { session, scope, count } of figures.limits) metrics.limits.set({ session, scope }, count);
    for (const queue of figures.queued) {
      metrics.queueDepth.set({ session: queue.session }, queue.count);
      metrics.queueOldest.set({ session: queue.session }, ageSeconds(queue.oldestAt));
    }
    metrics.webhookPending.set(figures.deliveriesPending);
    metrics.webhookDead.set(figures.deliveriesDead);
    metrics.webhookLag.set(ageSeconds(figures.oldestDeliveryAt));
  };

  const renderOwn = async (): Promise<string> => {
    await refresh();
    return own.metrics();
  };
  return { telemetry, renderOwn, render: async () => `${await renderOwn()}\n${await process.metrics()}` };
}

function base(definition: MetricDefinition): { name: string; help: string; labelNames: string[] } {
  return { name: definition.name, help: definition.help, labelNames: [...definition.labels] };
}
