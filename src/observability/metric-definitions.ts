/** One metric: the registry is built from these and so is the reference page. */
export interface MetricDefinition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  readonly buckets?: readonly number[];
}

/** From a reply typed at once to one that waited for the morning; seconds. */
const WAIT_BUCKETS = [1, 2.5, 5, 10, 20, 40, 60, 120, 300, 900, 3_600, 14_400, 43_200] as const;
/** From loopback to an endpoint that was down for days; seconds. */
const DELIVERY_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3_600, 86_400] as const;

/** From a server in the rack to a phone that has to wake up; seconds. */
const ROUND_TRIP_BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15] as const;

const define = <const T extends Record<string, MetricDefinition>>(definitions: T): T => definitions;

/** Labels hold session ids (chosen by the operator) and fixed words; never addresses, names or texts. */
export const metricDefinitions = define({
  buildInfo: {
    name: 'bellhop_build_info',
    type: 'gauge',
    help: 'Always 1; the labels tell the version of Bellhop and of Node.',
    labels: ['version', 'node'],
  },
  sessionState: {
    name: 'bellhop_session_state',
    type: 'gauge',
    help: '1 for the state in which a session is, 0 for the others.',
    labels: ['session', 'channel', 'state'],
  },
  sessionUp: {
    name: 'bellhop_session_up',
    type: 'gauge',
    help: '1 while guests can reach the session (connected or degraded), else 0.',
    labels: ['session', 'channel'],
  },
  sessionSince: {
    name: 'bellhop_session_state_timestamp_seconds',
    type: 'gauge',
    help: 'When the session came into its state; Unix time.',
    labels: ['session', 'channel'],
  },
  sessionReason: {
    name: 'bellhop_session_reason_info',
    type: 'gauge',
    help: 'Always 1, while there is something to say about the session: `cause` is the code, `kind` and `happened` tell what it means, `action` what a person must do (`none`: Bellhop deals with it), `remedy` the same in words. Stays during the attempts to connect again.',
    labels: ['session', 'channel', 'cause', 'kind', 'happened', 'action', 'remedy'],
  },
  processRunning: {
    name: 'bellhop_process_running',
    type: 'gauge',
    help: 'Child processes that run sessions, by channel.',
    labels: ['channel'],
  },
  processSessions: {
    name: 'bellhop_process_sessions',
    type: 'gauge',
    help: 'Sessions in a child process. `process` is the smallest number that was free when it was started.',
    labels: ['channel', 'process'],
  },
  processResident: {
    name: 'bellhop_process_resident_bytes',
    type: 'gauge',
    help: 'Resident memory of a child process, as it told within the last 5 seconds.',
    labels: ['channel', 'process'],
  },
  processLag: {
    name: 'bellhop_process_loop_lag_seconds',
    type: 'gauge',
    help: 'Longest time that the event loop of a child process was blocked in its last 5 seconds.',
    labels: ['channel', 'process'],
  },
  processEnds: {
    name: 'bellhop_process_ends_total',
    type: 'counter',
    help: 'Child processes that ended and were replaced, by reason: `crashed`, `killed` (from outside), `out_of_memory` (its heap), `hung`, `slow` (blocked again and again), `memory` (grew beyond `sessions.maxMemoryMb`), `renewed` (by an operator), `regrouped` (set apart after crashes, and no longer).',
    labels: ['channel', 'reason'],
  },
  disconnects: {
    name: 'bellhop_session_disconnects_total',
    type: 'counter',
    help: 'Connections that ended, by kind of cause.',
    labels: ['session', 'kind'],
  },
  lineProven: {
    name: 'bellhop_line_proven_seconds',
    type: 'gauge',
    help: 'Age of the last proof that the line of a connected session hears: something pushed, a canary that came back, or an answered probe where nothing else can be asked. Absent while it is not connected.',
    labels: ['session', 'channel'],
  },
  lineQuestions: {
    name: 'bellhop_line_questions_total',
    type: 'counter',
    help: 'Questions to lines (`canary`, `probe`) by outcome: `answered`, `missed` (it found what the network had not sent), `refused`, `unanswered`, `unstored` (it came back and the store could not write).',
    labels: ['session', 'channel', 'question', 'outcome'],
  },
  lineRoundTrip: {
    name: 'bellhop_line_round_trip_seconds',
    type: 'histogram',
    help: 'How long answered questions to lines were on their way.',
    labels: ['channel', 'question'],
    buckets: ROUND_TRIP_BUCKETS,
  },
  lineDeaf: {
    name: 'bellhop_line_deaf_total',
    type: 'counter',
    help: 'Lines that looked connected and were found broken, by where: `bytes`, `answers`, `canary`, `pushes`, `library`.',
    labels: ['session', 'layer'],
  },
  versionsTried: {
    name: 'bellhop_client_versions_tried_total',
    type: 'counter',
    help: 'Client versions that were tried out or refused, by outcome: `accepted`, `refused`, `unclear` (it ended for another reason).',
    labels: ['channel', 'outcome'],
  },
  versionDegraded: {
    name: 'bellhop_client_version_degraded',
    type: 'gauge',
    help: '1 while sessions of the channel announce an older client version than the newest known, or none is accepted; else 0.',
    labels: ['channel'],
  },
  versionRounds: {
    name: 'bellhop_client_version_empty_rounds',
    type: 'gauge',
    help: 'How often in the search that goes on every known client version was refused; 0 while none goes on.',
    labels: ['channel'],
  },
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
  connectsWaiting: {
    name: 'bellhop_connects_waiting',
    type: 'gauge',
    help: 'Sessions whose attempt to connect is due and that wait until the start gate lets them begin.',
    labels: ['channel'],
  },
  connectsUnderWay: {
    name: 'bellhop_connects_under_way',
    type: 'gauge',
    help: 'Attempts to connect that have begun and have no outcome yet.',
    labels: ['channel'],
  },
  connectRate: {
    name: 'bellhop_connects_per_second',
    type: 'gauge',
    help: 'How many attempts may begin in a second just now: up to `sessions.connectsPerSecond`, less while the network refuses or this machine is late.',
    labels: ['channel'],
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
