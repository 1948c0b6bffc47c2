import type { RowPlan } from './grafana-panel-plan.ts';
import { AT, HALF, OF, THIRD } from './grafana-panel-plan.ts';

export const messages: RowPlan = {
  title: 'Messages',
  panels: [
    {
      ...THIRD,
      title: 'From guests',
      queries: [
        {
          expr: `sum by (channel, outcome) (increase(bellhop_messages_inbound_total{${OF}}[$__rate_interval]))`,
          legend: '{{channel}} {{outcome}}',
        },
      ],
    },
    {
      ...THIRD,
      title: 'To guests',
      queries: [
        {
          expr: `sum by (channel, outcome) (increase(bellhop_messages_outbound_total{${OF}}[$__rate_interval]))`,
          legend: '{{channel}} {{outcome}}',
        },
      ],
    },
    {
      ...THIRD,
      title: 'Receipts',
      queries: [
        {
          expr: `sum by (status) (increase(bellhop_receipts_total{${OF}}[$__rate_interval]))`,
          legend: '{{status}}',
        },
      ],
    },
    {
      ...THIRD,
      title: 'Queue',
      queries: [{ expr: `bellhop_queue_depth{${OF}}`, legend: '{{session}}' }],
    },
    {
      ...THIRD,
      title: 'Oldest message in the queue',
      unit: 's',
      queries: [{ expr: `bellhop_queue_oldest_seconds{${OF}}`, legend: '{{session}}' }],
    },
    {
      ...THIRD,
      title: 'From acceptance to the network',
      unit: 's',
      queries: [0.5, 0.95].map((share) => ({
        expr: `histogram_quantile(${share}, sum by (channel, le) (rate(bellhop_outbound_wait_seconds_bucket{${AT}}[$__rate_interval])))`,
        legend: `{{channel}} ${share * 100} %`,
      })),
    },
  ],
};

export const networks: RowPlan = {
  title: 'Networks',
  panels: [
    {
      ...THIRD,
      title: 'Client versions',
      description: 'Degraded: on an older version than the newest. Empty rounds: all were refused that often.',
      queries: [
        { expr: `bellhop_client_version_degraded{${AT}}`, legend: '{{channel}} degraded' },
        { expr: `bellhop_client_version_empty_rounds{${AT}}`, legend: '{{channel}} empty rounds' },
      ],
    },
    {
      ...THIRD,
      title: 'Client versions tried',
      queries: [
        {
          expr: `sum by (channel, outcome) (increase(bellhop_client_versions_tried_total{${AT}}[$__rate_interval]))`,
          legend: '{{channel}} {{outcome}}',
        },
      ],
    },
    {
      ...THIRD,
      title: 'Limits',
      queries: [
        { expr: `sum by (session, scope) (bellhop_session_limits{${OF}}) > 0`, legend: '{{session}} {{scope}} closed' },
        {
          expr: `sum by (session, code) (increase(bellhop_network_limits_total{${OF}}[$__rate_interval]))`,
          legend: '{{session}} {{code}}',
        },
        {
          expr: `sum by (session, lane, rule) (bellhop_pacing_lane_closed{${OF}})`,
          legend: '{{session}} {{lane}}: {{rule}}',
        },
        { expr: `sum by (session, rule) (bellhop_pacing_brakes{${OF}})`, legend: '{{session}} new guests: {{rule}}' },
      ],
    },
  ],
};

export const lines: RowPlan = {
  title: 'Do the lines hear?',
  panels: [
    {
      ...HALF,
      title: 'Age of the last proof',
      unit: 's',
      queries: [{ expr: `bellhop_line_proven_seconds{${OF}}`, legend: '{{session}}' }],
    },
    {
      ...HALF,
      title: 'Questions to lines',
      queries: [
        {
          expr: `sum by (channel, question, outcome) (increase(bellhop_line_questions_total{${OF}}[$__rate_interval]))`,
          legend: '{{channel}} {{question}} {{outcome}}',
        },
      ],
    },
    {
      ...HALF,
      title: 'Round trip of questions (95 %)',
      unit: 's',
      queries: [
        {
          expr: `histogram_quantile(0.95, sum by (channel, question, le) (rate(bellhop_line_round_trip_seconds_bucket{${AT}}[$__rate_interval])))`,
          legend: '{{channel}} {{question}}',
        },
      ],
    },
    {
      ...HALF,
      title: 'Lines found broken',
      queries: [
        {
          expr: `sum by (session, layer) (increase(bellhop_line_deaf_total{${OF}}[$__rate_interval]))`,
          legend: '{{session}} {{layer}}',
        },
      ],
    },
  ],
};
