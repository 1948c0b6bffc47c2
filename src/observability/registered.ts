import type { MetricDefinition } from './metric-definition.ts';

/** What prom-client wants to know of a metric. */
export function baseOf(definition: MetricDefinition): { name: string; help: string; labelNames: string[] } {
  return { name: definition.name, help: definition.help, labelNames: [...definition.labels] };
}
