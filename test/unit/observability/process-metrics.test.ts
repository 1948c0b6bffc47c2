import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import type { ProcessView } from '../../../src/engine/ports/index.ts';
import { processEnds } from '../../../src/engine/ports/processes.ts';
import { ProcessMetrics } from '../../../src/observability/process-metrics.ts';

const view = (overrides: Partial<ProcessView>): ProcessView => ({
  channel: 'whatsapp',
  number: 1,
  pid: 100,
  startedAt: 0,
  sessions: 3,
  isRetiring: false,
  rssBytes: 4_096,
  heapBytes: 1_024,
  loopLagMs: 250,
  ...overrides,
});

it('shows the processes as of the scrape, none of those that are gone, and why they ended', async () => {
  const registry = new Registry();
  let views = [
    view({}),
    view({ number: 2, rssBytes: null, heapBytes: null, loopLagMs: null }),
    view({ channel: 'xmpp' }),
  ];
  const metrics = new ProcessMetrics({ registry, read: () => views });
  const lines = async (): Promise<string[]> => {
    metrics.refresh();
    return (await registry.metrics())
      .split('\n')
      .filter((line) => line.startsWith('bellhop_') && line.includes('whatsapp'));
  };
  expect(await lines()).toEqual([
    'bellhop_process_running{channel="whatsapp"} 2',
    'bellhop_process_sessions{channel="whatsapp",process="1"} 3',
    'bellhop_process_sessions{channel="whatsapp",process="2"} 3',
    'bellhop_process_resident_bytes{channel="whatsapp",process="1"} 4096',
    'bellhop_process_loop_lag_seconds{channel="whatsapp",process="1"} 0.25',
    // From 0 on, so that the first end is an increase.
    ...processEnds.map((reason) => `bellhop_process_ends_total{channel="whatsapp",reason="${reason}"} 0`),
  ]);
  views = [];
  metrics.ended('whatsapp', 'hung');
  metrics.ended('whatsapp', 'hung');
  expect(await lines()).toEqual([
    'bellhop_process_running{channel="whatsapp"} 0',
    ...processEnds.map(
      (reason) => `bellhop_process_ends_total{channel="whatsapp",reason="${reason}"} ${reason === 'hung' ? 2 : 0}`,
    ),
  ]);
});
