import { describe, expect, it } from 'vitest';
import { causeTexts } from '../../../src/engine/causes.ts';
import type { StateReason } from '../../../src/engine/model/session.ts';
import { nativeClassOf } from '../../../src/engine/native-class.ts';
import { metricDefinitions } from '../../../src/observability/metric-definitions.ts';
import { createMetrics, type MetricsDeps } from '../../../src/observability/metrics.ts';
import { renderMetricsReference } from '../../../src/observability/metrics-reference.ts';

const figures = {
  queued: [{ session: 'front-desk', count: 3, oldestAt: 40_000 }],
  deliveriesPending: 2,
  deliveriesDead: 1,
  oldestDeliveryAt: 95_000,
  webhooks: { enabled: 2, paused: 0, refused: 1 },
  limits: [{ session: 'front-desk', scope: 'chat', count: 2 } as const],
  brakes: [{ session: 'front-desk', rule: 'reply_ratio' }],
};

const disks = [{ folder: 'store', freeBytes: 2_048, sizeBytes: 8_192 } as const];

function metrics(changes: Partial<MetricsDeps> = {}) {
  return createMetrics({
    version: '0.1.0',
    figures: async () => figures,
    tryStore: async () => undefined,
    disks: async () => disks,
    now: () => 100_000,
    ...changes,
  });
}

const loggedOut: StateReason = {
  code: 'whatsapp_401_logged_out',
  kind: 'logged_out',
  nativeCode: '401',
  text: 'The account +4915112345678 no longer knows this link.',
  action: 'relink',
  remedy: causeTexts.logged_out.remedy,
  retryAt: null,
};

describe('metrics', () => {
  it('show which kinds of messages are held back, by which rule, and no longer than they are', async () => {
    let closed = [{ session: 'front-desk', lane: 'new_chats', rule: 'opt_outs' }];
    const { renderOwn } = metrics({ closedLanes: () => closed });
    const row = 'bellhop_pacing_lane_closed{session="front-desk",lane="new_chats",rule="opt_outs"} 1';
    expect(await renderOwn()).toContain(row);
    closed = [];
    expect(await renderOwn()).not.toContain(row);
  });

  it('show one state a session and whether guests can reach it', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.sessionState('front-desk', 'whatsapp', 'connecting', null, 90_000);
    telemetry.sessionState('front-desk', 'whatsapp', 'connected', null, 90_000);
    const text = await renderOwn();
    expect(text).toContain('bellhop_session_state{session="front-desk",channel="whatsapp",state="connected"} 1');
    expect(text).toContain('bellhop_session_state{session="front-desk",channel="whatsapp",state="connecting"} 0');
    expect(text).toContain('bellhop_session_up{session="front-desk",channel="whatsapp"} 1');
  });

  it('tell why a session is down and what to do, in codes and fixed words, while it tries again too', async () => {
    const { telemetry, renderOwn } = metrics();
    const info = async (): Promise<string | undefined> =>
      (await renderOwn()).split('\n').find((line) => line.startsWith('bellhop_session_reason_info{'));
    telemetry.sessionState('front-desk', 'whatsapp', 'connected', null, 10_000);
    expect(await info()).toBeUndefined();
    telemetry.sessionState('front-desk', 'whatsapp', 'logged_out', loggedOut, 20_000);
    const told = `bellhop_session_reason_info{session="front-desk",channel="whatsapp",cause="whatsapp_401_logged_out",kind="logged_out",happened="${causeTexts.logged_out.text}",action="relink",remedy="${causeTexts.logged_out.remedy}"} 1`;
    expect(await info()).toBe(told);
    telemetry.sessionState('front-desk', 'whatsapp', 'connecting', null, 30_000);
    expect(await info()).toBe(told);
    const unknown = { ...loggedOut, kind: null, code: 'telegram_4915112345678' };
    telemetry.sessionState('front-desk', 'whatsapp', 'backing_off', unknown, 40_000);
    expect(await info()).toContain('cause="other",kind="none",happened=""');
    expect((await renderOwn()).match(/bellhop_session_reason_info\{/g)).toHaveLength(1);
    telemetry.sessionState('front-desk', 'whatsapp', 'connected', null, 50_000);
    expect(await info()).toBeUndefined();
  });

  it('tell since when a session is in its state, also when its reason changes', async () => {
    const { telemetry, renderOwn } = metrics();
    const since = 'bellhop_session_state_timestamp_seconds{session="front-desk",channel="whatsapp"}';
    telemetry.sessionState('front-desk', 'whatsapp', 'backing_off', null, 20_000);
    telemetry.sessionState('front-desk', 'whatsapp', 'backing_off', loggedOut, 30_000);
    expect(await renderOwn()).toContain(`${since} 20\n`);
    telemetry.sessionState('front-desk', 'whatsapp', 'connecting', null, 40_000);
    expect(await renderOwn()).toContain(`${since} 40\n`);
  });

  it('show a store in trouble, and everything else all the same', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('disk full');
    };
    for (const changes of [{ figures: broken }, { tryStore: broken }]) {
      const { telemetry, renderOwn } = metrics(changes);
      telemetry.sessionState('front-desk', 'whatsapp', 'connected', null, 1);
      const text = await renderOwn();
      expect(text).toContain('bellhop_store_writable 0');
      expect(text).toContain('bellhop_disk_free_bytes{folder="store"} 2048');
      expect(text).toContain('bellhop_session_up{session="front-desk",channel="whatsapp"} 1');
    }
    expect(await metrics().renderOwn()).toContain('bellhop_store_writable 1');
  });

  it('begin counting at 0, so that the first one is an increase', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.sessionState('front-desk', 'whatsapp', 'connected', null, 1);
    telemetry.disconnected('front-desk', 'network');
    telemetry.sessionState('front-desk', 'whatsapp', 'backing_off', null, 2);
    const text = await renderOwn();
    expect(text).toContain('bellhop_session_disconnects_total{session="front-desk",kind="network"} 1');
    expect(text).toContain('bellhop_session_disconnects_total{session="front-desk",kind="banned"} 0');
    expect(text).toContain('bellhop_webhook_deliveries_total{outcome="dead"} 0');
  });

  it('show the client versions of a channel and how often all of them were refused', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.versionDegraded('whatsapp', true, 2);
    const text = await renderOwn();
    expect(text).toContain('bellhop_client_version_degraded{channel="whatsapp"} 1');
    expect(text).toContain('bellhop_client_version_empty_rounds{channel="whatsapp"} 2');
  });

  it('read queue and webhook lag at the scrape', async () => {
    const text = await metrics().renderOwn();
    expect(text).toContain('bellhop_queue_depth{session="front-desk"} 3');
    expect(text).toContain('bellhop_queue_oldest_seconds{session="front-desk"} 60');
    expect(text).toContain('bellhop_webhook_lag_seconds 5');
    expect(text).toContain('bellhop_webhook_dead 1');
    expect(text).toContain('bellhop_webhooks{standing="refused"} 1');
    expect(text).toContain('bellhop_clock_timestamp_seconds 100');
  });

  it('show what networks have closed, and count by code without the numbers in it', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.sessionState('front-desk', 'whatsapp', 'connected', null, 90_000);
    telemetry.limited('front-desk', 'account', nativeClassOf('FLOOD_WAIT_31'));
    telemetry.limited('front-desk', 'account', nativeClassOf('FLOOD_WAIT_7'));
    const text = await renderOwn();
    expect(text).toContain('bellhop_session_limits{session="front-desk",scope="chat"} 2');
    expect(text).toContain('bellhop_session_limits{session="front-desk",scope="account"} 0');
    expect(text).toContain('bellhop_pacing_brakes{session="front-desk",rule="reply_ratio"} 1');
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

  it('tell of the ways of alerts whether they take what they are given, the worst of each kind', async () => {
    const well = {
      id: 'a',
      way: 'webhook to a',
      kind: 'webhook',
      waiting: 0,
      failingSince: null,
      reason: null,
    } as const;
    const down = { ...well, way: 'webhook to b', waiting: 1, failingSince: 40_000, reason: 'connection refused' };
    const { telemetry, renderOwn } = metrics({ alertWays: () => [down, well] });
    expect(await renderOwn()).toContain('bellhop_alert_deliveries_total{way="webhook",outcome="dead"} 0');
    telemetry.alertTold('webhook', 'retry');
    const text = await renderOwn();
    expect(text).toContain('bellhop_alert_delivery_failing_seconds{way="webhook"} 60');
    expect(text).toContain('bellhop_alert_deliveries_total{way="webhook",outcome="retry"} 1');
    expect(text).not.toContain('way="email"');
  });

  it('show at each scrape who waits to connect, and how fast they are let in', async () => {
    let waiting = 900;
    const gates = () => [{ channel: 'whatsapp', waiting, underWay: 20, perSecond: 12.5 }];
    const { renderOwn } = metrics({ gates });
    expect(await renderOwn()).toContain('bellhop_connects_waiting{channel="whatsapp"} 900');
    waiting = 0;
    const text = await renderOwn();
    expect(text).toContain('bellhop_connects_waiting{channel="whatsapp"} 0');
    expect(text).toContain('bellhop_connects_under_way{channel="whatsapp"} 20');
    expect(text).toContain('bellhop_connects_per_second{channel="whatsapp"} 12.5');
  });

  it('forget a session that was removed', async () => {
    const { telemetry, renderOwn } = metrics();
    telemetry.sessionState('old', 'whatsapp', 'logged_out', loggedOut, 90_000);
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
