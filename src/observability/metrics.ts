import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { limitScopes } from '../connector-api/index.ts';
import type { ClosedLane } from '../engine/pacing/governor.ts';
import type { AlertWay, ProcessEnd, ProcessView, StoreFigures, Telemetry } from '../engine/ports/index.ts';
import type { GateView } from '../engine/start-gate.ts';
import { AlertMetrics } from './alert-metrics.ts';
import { GateMetrics } from './gate-metrics.ts';
import { LineMetrics } from './line-metrics.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { metricDefinitions } from './metric-definitions.ts';
import { ProcessMetrics } from './process-metrics.ts';
import { baseOf } from './registered.ts';
import { SessionMetrics } from './session-metrics.ts';

export interface MetricsDeps {
  readonly version: string;
  /** Read at each scrape, so that gauges never show a stale queue. */
  readonly figures: () => Promise<StoreFigures>;
  /** Resolves when the store has taken a write. Asked at each scrape. */
  readonly tryStore: () => Promise<void>;
  /** Asked at each scrape. Never rejects: what cannot be looked at is left out. */
  readonly disks: () => Promise<readonly DiskFigures[]>;
  /** Asked at each scrape. Absent: none is run. */
  readonly processes?: () => readonly ProcessView[];
  /** Asked at each scrape. Absent: nothing is paced. */
  readonly closedLanes?: () => readonly ClosedLane[];
  /** Asked at each scrape. Absent: nothing connects. */
  readonly gates?: () => readonly GateView[];
  /** Asked at each scrape. Absent: nobody is told of alerts. */
  readonly alertWays?: () => readonly AlertWay[];
  readonly now: () => number;
}

export interface DiskFigures {
  readonly folder: 'store' | 'vaults' | 'media';
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

export interface Metrics {
  readonly telemetry: Telemetry;
  /** A process that ran sessions ended. */
  processEnded(channel: string, end: ProcessEnd): void;
  /** The Prometheus text format. */
  render(): Promise<string>;
  /** Only what is defined here, without the process metrics of the client library; for linting. */
  renderOwn(): Promise<string>;
}

const deliveryOutcomes = ['delivered', 'retry', 'dead', 'blocked'] as const satisfies readonly Parameters<
  Telemetry['delivery']
>[0][];

/** One registry a daemon; nothing is kept in the module, so tests run side by side. */
export function createMetrics(deps: MetricsDeps): Metrics {
  const own = new Registry();
  const process = new Registry();
  collectDefaultMetrics({ register: process });
  const gauge = (definition: MetricDefinition) => new Gauge({ ...baseOf(definition), registers: [own] });
  const counter = (definition: MetricDefinition) => new Counter({ ...baseOf(definition), registers: [own] });
  const histogram = (definition: MetricDefinition) =>
    new Histogram({ ...baseOf(definition), buckets: [...(definition.buckets ?? [])], registers: [own] });

  const d = metricDefinitions;
  const metrics = {
    disconnects: counter(d.disconnects),
    versionsTried: counter(d.versionsTried),
    versionDegraded: gauge(d.versionDegraded),
    versionRounds: gauge(d.versionRounds),
    inbound: counter(d.inbound),
    outbound: counter(d.outbound),
    outboundWait: histogram(d.outboundWait),
    limits: gauge(d.limits),
    laneClosed: gauge(d.laneClosed),
    brakes: gauge(d.brakes),
    limited: counter(d.limited),
    receipts: counter(d.receipts),
    queueDepth: gauge(d.queueDepth),
    queueOldest: gauge(d.queueOldest),
    deliveries: counter(d.deliveries),
    deliverySeconds: histogram(d.deliverySeconds),
    webhookPending: gauge(d.webhookPending),
    webhookDead: gauge(d.webhookDead),
    webhookLag: gauge(d.webhookLag),
    webhooks: gauge(d.webhooks),
    storeWritable: gauge(d.storeWritable),
    diskFree: gauge(d.diskFree),
    diskSize: gauge(d.diskSize),
    clock: gauge(d.clock),
  };
  gauge(d.buildInfo).set({ version: deps.version, node: globalThis.process.versions.node }, 1);
  const lines = new LineMetrics({ registry: own, now: deps.now });
  const sessions = new SessionMetrics({ registry: own, disconnects: metrics.disconnects });
  const processes = new ProcessMetrics({ registry: own, read: deps.processes ?? (() => []) });
  const gates = new GateMetrics({ registry: own, read: deps.gates ?? (() => []) });
  const alerts = new AlertMetrics({ registry: own, read: deps.alertWays ?? (() => []), now: deps.now });
  // From 0 on, so that the first one counts as an increase.
  for (const outcome of deliveryOutcomes) metrics.deliveries.inc({ outcome }, 0);

  const telemetry: Telemetry = {
    sessionState: (session, channel, state, why, at) => sessions.is(session, channel, state, why, at),
    sessionGone(session) {
      sessions.gone(session);
      lines.gone(session);
    },
    lineProven: (session, channel, at) => lines.proven(session, channel, at),
    lineAsked: (session, channel, question, outcome, roundTripMs) =>
      lines.asked(session, channel, question, outcome, roundTripMs),
    lineDeaf: (session, layer) => lines.deaf(session, layer),
    disconnected: (session, kind) => metrics.disconnects.inc({ session, kind }),
    versionTried: (channel, outcome) => metrics.versionsTried.inc({ channel, outcome }),
    versionDegraded(channel, isDegraded, emptyRounds) {
      metrics.versionDegraded.set({ channel }, isDegraded ? 1 : 0);
      metrics.versionRounds.set({ channel }, emptyRounds);
    },
    inbound: (session, channel, type, outcome) => metrics.inbound.inc({ session, channel, type, outcome }),
    outbound(session, channel, outcome, waitedSeconds) {
      metrics.outbound.inc({ session, channel, outcome });
      if (outcome === 'sent') metrics.outboundWait.observe({ channel }, waitedSeconds);
    },
    limited: (session, scope, code) => metrics.limited.inc({ session, scope, code }),
    receipt: (session, status) => metrics.receipts.inc({ session, status }),
    alertTold: (way, outcome) => alerts.told(way, outcome),
    delivery(outcome, seconds) {
      metrics.deliveries.inc({ outcome });
      metrics.deliverySeconds.observe({ outcome }, seconds);
    },
  };

  const ageSeconds = (at: number | null): number => (at === null ? 0 : Math.max(0, (deps.now() - at) / 1_000));
  const refreshStore = async (): Promise<void> => {
    for (const metric of [metrics.queueDepth, metrics.queueOldest, metrics.limits, metrics.brakes, metrics.webhooks])
      metric.reset();
    const figures = await deps.figures();
    for (const session of sessions.ids) {
      metrics.queueDepth.set({ session }, 0);
      metrics.queueOldest.set({ session }, 0);
      for (const scope of limitScopes) metrics.limits.set({ session, scope }, 0);
    }
    for (const { session, scope, count } of figures.limits) metrics.limits.set({ session, scope }, count);
    for (const { session, rule } of figures.brakes) metrics.brakes.set({ session, rule }, 1);
    for (const queue of figures.queued) {
      metrics.queueDepth.set({ session: queue.session }, queue.count);
      metrics.queueOldest.set({ session: queue.session }, ageSeconds(queue.oldestAt));
    }
    metrics.webhookPending.set(figures.deliveriesPending);
    metrics.webhookDead.set(figures.deliveriesDead);
    metrics.webhookLag.set(ageSeconds(figures.oldestDeliveryAt));
    for (const standing of ['enabled', 'paused', 'refused'] as const)
      metrics.webhooks.set({ standing }, figures.webhooks[standing]);
    await deps.tryStore();
  };
  const refresh = async (): Promise<void> => {
    lines.refresh();
    processes.refresh();
    gates.refresh();
    alerts.refresh();
    metrics.laneClosed.reset();
    for (const { session, lane, rule } of deps.closedLanes?.() ?? [])
      metrics.laneClosed.set({ session, lane, rule }, 1);
    metrics.diskFree.reset();
    metrics.diskSize.reset();
    for (const { folder, freeBytes, sizeBytes } of await deps.disks()) {
      metrics.diskFree.set({ folder }, freeBytes);
      metrics.diskSize.set({ folder }, sizeBytes);
    }
    // A store in trouble must be seen, so it may not take the other figures with it.
    const isWritable = await refreshStore().then(
      () => true,
      () => false,
    );
    metrics.storeWritable.set(isWritable ? 1 : 0);
    metrics.clock.set(deps.now() / 1_000);
  };

  const renderOwn = async (): Promise<string> => {
    await refresh();
    return own.metrics();
  };
  return {
    telemetry,
    processEnded: (channel, end) => processes.ended(channel, end),
    renderOwn,
    render: async () => `${await renderOwn()}\n${await process.metrics()}`,
  };
}
