import { define } from './metric-definition.ts';
import { sessionMetricDefinitions } from './session-metric-definitions.ts';

/** From a reply typed at once to one that waited for the morning; seconds. */
const WAIT_BUCKETS = [1, 2.5, 5, 10, 20, 40, 60, 120, 300, 900, 3_600, 14_400, 43_200] as const;
/** From loopback to an endpoint that was down for days; seconds. */
const DELIVERY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3_600, 86_400] as const;

/** Labels hold session ids (chosen by the operator) and fixed words; never addresses, names or texts. */
export const metricDefinitions = define({
  buildInfo: {
    name: 'bellhop_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the version of Bellhop and of Node.',
    labels: ['version', 'node'],
  },
  ...sessionMetricDefinitions,
  inbound: {
    name: 'bellhop_messages_inbound_total',
    type: 'counter',
    help: 'Messages that networks delivered, by what became of them.',
    labels: ['session', 'channel', 'type', 'outcome'],
  },
  outbound: {
    name: 'bellhop_messages_outbound_total',
    type: 'counter',
    help: 'Attempts to send, and ends in the queue, by outcome.',
    labels: ['session', 'channel', 'outcome'],
  },
  outboundWait: {
    name: 'bellhop_outbound_wait_seconds',
    type: 'histogram',
    help: 'Time from acceptance until the network had the message.',
    labels: ['channel'],
    buckets: WAIT_BUCKETS,
  },
  limits: {
    name: 'bellhop_session_limits',
    type: 'gauge',
    help: 'What a network has closed for a session just now, by scope: `account`, `chat` (conversations), `new_chats`.',
    labels: ['session', 'scope'],
  },
  laneClosed: {
    name: 'bellhop_pacing_lane_closed',
    type: 'gauge',
    help: 'Kinds of messages that wait and of which none can go just now, by the rule that holds them: see docs/guides/pacing.md.',
    labels: ['session', 'lane', 'rule'],
  },
  brakes: {
    name: 'bellhop_pacing_brakes',
    type: 'gauge',
    help: '1 while fewer new guests are written to than usual, or none, by the rule: `new_chats_quota` (the network has warned), `reply_ratio`, `opt_outs`, `undelivered` (how guests took what was sent).',
    labels: ['session', 'rule'],
  },
  limited: {
    name: 'bellhop_network_limits_total',
    type: 'counter',
    help: 'Attempts to send that met a limit of the network, by scope and by its code without the numbers in it.',
    labels: ['session', 'scope', 'code'],
  },
  receipts: {
    name: 'bellhop_receipts_total',
    type: 'counter',
    help: 'Receipts that moved a message forward, by status.',
    labels: ['session', 'status'],
  },
  queueDepth: {
    name: 'bellhop_queue_depth',
    type: 'gauge',
    help: 'Messages that wait to be sent.',
    labels: ['session'],
  },
  queueOldest: {
    name: 'bellhop_queue_oldest_seconds',
    type: 'gauge',
    help: 'Age of the message that has waited longest; 0 when none waits. One that is set for a time to come waits from then on.',
    labels: ['session'],
  },
  alertsTold: {
    name: 'bellhop_alert_deliveries_total',
    type: 'counter',
    help: "Attempts to tell Bellhop's own alerts, by way (`email`, `webhook`) and outcome: `delivered`, `retry`, `dead` (given up after a week).",
    labels: ['way', 'outcome'],
  },
  alertsFailing: {
    name: 'bellhop_alert_delivery_failing_seconds',
    type: 'gauge',
    help: 'How long a way of telling alerts has taken nothing; 0 while it takes what it is given. Absent where the way is not configured.',
    labels: ['way'],
  },
  deliveries: {
    name: 'bellhop_webhook_deliveries_total',
    type: 'counter',
    help: 'Webhook attempts by outcome; `blocked` = refused by the address guard.',
    labels: ['outcome'],
  },
  deliverySeconds: {
    name: 'bellhop_webhook_delivery_seconds',
    type: 'histogram',
    help: 'Time from the event until an attempt ended, by outcome.',
    labels: ['outcome'],
    buckets: DELIVERY_BUCKETS,
  },
  webhookPending: {
    name: 'bellhop_webhook_pending',
    type: 'gauge',
    help: 'Deliveries that are not made yet.',
    labels: [],
  },
  webhookDead: {
    name: 'bellhop_webhook_dead',
    type: 'gauge',
    help: 'Deliveries that were given up; they are kept and can be sent again.',
    labels: [],
  },
  webhookLag: {
    name: 'bellhop_webhook_lag_seconds',
    type: 'gauge',
    help: 'Age of the oldest delivery that is not made yet, of webhooks that are enabled; 0 when none waits.',
    labels: [],
  },
  webhooks: {
    name: 'bellhop_webhooks',
    type: 'gauge',
    help: 'Webhooks by standing: `enabled`, `paused` (disabled by a person), `refused` (the endpoint answered 410 Gone).',
    labels: ['standing'],
  },
  storeWritable: {
    name: 'bellhop_store_writable',
    type: 'gauge',
    help: '1 if the store took a write at this scrape, else 0. While it is 0, the figures of queue, limits and webhooks may be missing.',
    labels: [],
  },
  diskFree: {
    name: 'bellhop_disk_free_bytes',
    type: 'gauge',
    help: 'Space that Bellhop can still use on the disk of its `store`, `vaults`, `media`.',
    labels: ['folder'],
  },
  diskSize: {
    name: 'bellhop_disk_size_bytes',
    type: 'gauge',
    help: 'Size of that disk.',
    labels: ['folder'],
  },
  clock: {
    name: 'bellhop_clock_timestamp_seconds',
    type: 'gauge',
    help: 'What the time is for the daemon, to be compared with that of who asks; Unix time.',
    labels: [],
  },
});
