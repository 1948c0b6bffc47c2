import { describe, expect, it } from 'vitest';
import { nativeClassOf } from '../../../src/engine/native-class.ts';
import { metricDefinitions } from '../../../src/observability/metric-definitions.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { renderMetricsReference } from '../../../src/observability/metrics-reference.ts';

const figures = {
  queued: [{ session: 'front-desk', count: 3, oldestAt: 40_000 }],
  deliveriesPending: 2,
  deliveriesDead: 1,
  oldestDeliveryAt: 95_000,
  limits: [{ session: 'front-desk', scope: 'chat', count: 2 } as const],
};

function metrics() {
  return createMetrics({ version: '0.1.0', figures: async () => figures, now: () => 100_000 });
}

describe('metrics', () => {
  it('show one state a session and whether guests can reach it', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.sessionState('front-desk', 'whatsapp', 'connecting');
    telemetry.sessionState('front-desk', 'whatsapp', 'connected');
    const text = await renderOwn();
    expect(text).toContain('bellhop_session_state{session="front-desk",channel="whatsapp",state="connected"} 1');
    expect(text).toContain('bellhop_session_state{session="front-desk",channel="whatsapp",state="connecting"} 0');
    expect(text).toContain('bellhop_session_up{session="front-desk",channel="whatsapp"} 1');
  });

  it('read queue and webhook lag at the scrape', async () => {
    const text = await metrics().renderOwn();
    expect(text).toContain('bellhop_queue_depth{session="front-desk"} 3');
    expect(text).toContain('bellhop_queue_oldest_seconds{session="front-desk"} 60');
    expect(text).toContain('bellhop_webhook_lag_seconds 5');
    expect(text).toContain('bellhop_webhook_dead 1');
  });

  it('show what networks have closed, and count by code without the numbers in it', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.sessionState('front-desk', 'whatsapp', 'connected');
    telemetry.limited('front-desk', 'account', nativeClassOf('FLOOD_WAIT_31'));
    telemetry.limited('front-desk', 'account', nativeClassOf('FLOOD_WAIT_7'));
    const text = await renderOwn();
    expect(text).toContain('bellhop_session_limits{session="front-desk",scope="chat"} 2');
    expect(text).toContain('bellhop_session_limits{session="front-desk",scope="account"} 0');
    expect(text).toContain('bellhop_network_limits_total{session="front-desk",scope="account",code="FLOOD_WAIT"} 2');
  });

  it.each([
    ['SLOWMODE_WAIT_10', 'SLOWMODE_WAIT'],
    ['PEER_FLOOD', 'PEER_FLOOD'],
    ['FLOOD_PREMIUM_WAIT_3', 'FLOOD_PREMIUM_WAIT'],
    ['463', '463'],
    ['policy-violation', 'policy-violation'],
    ['4915112345678', 'other'],
    ['Too many messages to +49151', 'other'],
    [null, 'none'],
  ])('take %s for the class %s, so that no network makes labels without end', (code, name) => {
    expect(nativeClassOf(code)).toBe(name);
  });

  it('forget a session that was removed', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.sessionState('old', 'whatsapp', 'connected');
    telemetry.sessionGone('old');
    expect(await renderOwn()).not.toContain('session="old"');
  });

  it('count by direction and outcome', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.inbound('front-desk', 'whatsapp', 'text', 'stored');
    telemetry.outbound('front-desk', 'whatsapp', 'sent', 12);
    telemetry.delivery('delivered', 0.02);
    const text = await renderOwn();
    expect(text).toContain(
      'bellhop_messages_inbound_total{session="front-desk",channel="whatsapp",type="text",outcome="stored"} 1',
    );
    expect(text).toContain('bellhop_outbound_wait_seconds_count{channel="whatsapp"} 1');
    expect(text).toContain('bellhop_webhook_deliveries_total{outcome="delivered"} 1');
  });

  it('are all in the reference, and in the output under the names defined', async () => {
    const reference = renderMetricsReference();
    const text = await metrics().render();
    for (const { name } of Object.values(metricDefinitions)) {
      expect(reference).toContain(`\`${name}\``);
      expect(text).toContain(`# TYPE ${name} `);
    }
    expect(text).toContain('process_cpu_seconds_total');
  });
});
