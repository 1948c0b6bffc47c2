import { metricDefinitions } from './metric-definitions.ts';

/** `docs/reference/metrics.md`. */
export function renderMetricsReference(): string {
  const rows = Object.values(metricDefinitions).map((metric) => {
    const labels = metric.labels.length === 0 ? '–' : metric.labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${metric.name}\` | ${metric.type} | ${labels} | ${metric.help} |`;
  });
  return [
    '# Metrics',
    '',
    '<!-- Generated from src/observability/metric-definitions.ts by `npm run generate`. -->',
    '',
    '`GET /metrics` answers in the Prometheus text format. It wants an API key with the scope `metrics:read`, unless',
    '`server.metricsPublic` is set. Besides those below it carries the process metrics of `prom-client` (`process_*`, `nodejs_*`).',
    'Labels hold session ids and fixed words only: no address, name or text of a guest.',
    '',
    '| metric | type | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
