import { connectors } from '../connectors/registry.ts';
import { describeConfig, renderExample, renderReference } from '../src/config/reference.ts';
import { renderMetricsReference } from '../src/observability/metrics-reference.ts';
import { renderConnectorTable } from './connector-table.ts';
import { renderDisconnectReference } from './disconnect-reference.ts';
import { renderErrorReference } from './error-reference.ts';
import { renderOpenApi } from './generate-openapi.ts';
import { renderDashboard } from './grafana-dashboard.ts';

export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** Every file that is generated from the code and committed; a test compares them. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const config = describeConfig(
    Object.fromEntries(connectors.map(({ manifest }) => [manifest.channel, manifest.configSchema])),
  );
  return [
    { path: 'config.example.yaml', text: renderExample(config) },
    { path: 'docs/reference/config.md', text: renderReference(config) },
    { path: 'docs/reference/errors.md', text: renderErrorReference() },
    { path: 'docs/reference/disconnects.md', text: renderDisconnectReference() },
    { path: 'docs/reference/metrics.md', text: renderMetricsReference() },
    { path: 'docs/reference/connectors.md', text: renderConnectorTable() },
    { path: 'deploy/grafana/bellhop.json', text: renderDashboard() },
    { path: 'docs/reference/openapi.json', text: await renderOpenApi() },
  ];
}
