import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { findProgram } from '../../support/programs.ts';

const promtool = findProgram('promtool', 'prometheus');

describe.skipIf(promtool === null)('the metrics, judged by promtool', () => {
  it('pass its lint', async () => {
    const figures = {
      queued: [],
      deliveriesPending: 0,
      deliveriesDead: 0,
      oldestDeliveryAt: null,
      webhooks: { enabled: 0, paused: 0, refused: 0 },
      limits: [],
      brakes: [],
    };
    const metrics = createMetrics({
      version: '0.1.0',
      figures: async () => figures,
      tryStore: async () => undefined,
      disks: async () => [{ folder: 'store', freeBytes: 1, sizeBytes: 2 }],
      now: () => 0,
    });
    metrics.telemetry.sessionState('front-desk', 'whatsapp', 'connected', null, 0);
    metrics.telemetry.outbound('front-desk', 'whatsapp', 'sent', 3);
    metrics.telemetry.delivery('delivered', 0.1);
    const result = spawnSync(promtool ?? '', ['check', 'metrics'], {
      input: await metrics.renderOwn(),
      encoding: 'utf8',
    });
    expect(result.stdout + result.stderr).toBe('');
    expect(result.status).toBe(0);
  });
});
