import type { RowPlan } from './grafana-panel-plan.ts';
import { AT, HALF, THIRD } from './grafana-panel-plan.ts';

export const webhooks: RowPlan = {
  title: 'Webhooks and alerts',
  panels: [
    {
      ...THIRD,
      title: 'Deliveries',
      queries: [
        {
          expr: `sum by (outcome) (increase(bellhop_webhook_deliveries_total{${AT}}[$__rate_interval]))`,
          legend: '{{outcome}}',
        },
      ],
    },
    {
      ...THIRD,
      title: 'Age of the oldest delivery that waits',
      unit: 's',
      queries: [{ expr: `bellhop_webhook_lag_seconds{${AT}}`, legend: '{{instance}}' }],
    },
    {
      ...THIRD,
      title: 'From the event to the receiver',
      unit: 's',
      queries: [0.5, 0.95].map((share) => ({
        expr: `histogram_quantile(${share}, sum by (le) (rate(bellhop_webhook_delivery_seconds_bucket{${AT}, outcome="delivered"}[$__rate_interval])))`,
        legend: `${share * 100} %`,
      })),
    },
    {
      ...HALF,
      title: 'Waiting and given up',
      queries: [
        { expr: `bellhop_webhook_pending{${AT}}`, legend: 'waiting' },
        { expr: `bellhop_webhook_dead{${AT}}`, legend: 'given up' },
      ],
    },
    {
      ...HALF,
      title: 'Endpoints',
      queries: [{ expr: `bellhop_webhooks{${AT}}`, legend: '{{standing}}' }],
    },
    {
      ...HALF,
      title: "Bellhop's own alerts, by way and outcome",
      queries: [
        {
          expr: `sum by (way, outcome) (increase(bellhop_alert_deliveries_total{${AT}}[$__rate_interval]))`,
          legend: '{{way}} {{outcome}}',
        },
      ],
    },
    {
      ...HALF,
      title: 'No alert taken for',
      unit: 's',
      queries: [{ expr: `max by (way) (bellhop_alert_delivery_failing_seconds{${AT}})`, legend: '{{way}}' }],
    },
  ],
};

export const machine: RowPlan = {
  title: 'Machine',
  panels: [
    {
      ...THIRD,
      title: 'Free disk space',
      unit: 'bytes',
      queries: [{ expr: `bellhop_disk_free_bytes{${AT}}`, legend: '{{folder}}' }],
    },
    {
      ...THIRD,
      title: 'The store takes writes',
      queries: [{ expr: `bellhop_store_writable{${AT}}`, legend: '{{instance}}' }],
    },
    {
      ...THIRD,
      title: 'Delay of the daemon (99 %)',
      unit: 's',
      queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${AT}}`, legend: '{{instance}}' }],
    },
    {
      ...HALF,
      title: 'Memory of the daemon',
      unit: 'bytes',
      queries: [{ expr: `process_resident_memory_bytes{${AT}}`, legend: '{{instance}}' }],
    },
    {
      ...HALF,
      title: 'Processor of the daemon',
      unit: 'percentunit',
      queries: [{ expr: `rate(process_cpu_seconds_total{${AT}}[$__rate_interval])`, legend: '{{instance}}' }],
    },
  ],
};

export const processes: RowPlan = {
  title: 'Processes that run sessions',
  panels: [
    {
      ...THIRD,
      title: 'Processes',
      queries: [{ expr: `bellhop_process_running{${AT}}`, legend: '{{channel}}' }],
    },
    {
      ...THIRD,
      title: 'Sessions in a process',
      queries: [{ expr: `bellhop_process_sessions{${AT}}`, legend: '{{channel}} {{process}}' }],
    },
    {
      ...THIRD,
      title: 'Ends of processes, by reason',
      queries: [
        {
          expr: `sum by (channel, reason) (increase(bellhop_process_ends_total{${AT}}[$__rate_interval]))`,
          legend: '{{channel}} {{reason}}',
        },
      ],
    },
    {
      ...HALF,
      title: 'Sessions that wait to connect, and attempts under way',
      queries: [
        { expr: `bellhop_connects_waiting{${AT}}`, legend: '{{channel}} waiting' },
        { expr: `bellhop_connects_under_way{${AT}}`, legend: '{{channel}} under way' },
      ],
    },
    {
      ...HALF,
      title: 'Attempts to connect that may begin in a second',
      queries: [{ expr: `bellhop_connects_per_second{${AT}}`, legend: '{{channel}}' }],
    },
    {
      ...HALF,
      title: 'Memory of processes',
      unit: 'bytes',
      queries: [{ expr: `bellhop_process_resident_bytes{${AT}}`, legend: '{{channel}} {{process}}' }],
    },
    {
      ...HALF,
      title: 'Delay of processes',
      unit: 's',
      queries: [{ expr: `bellhop_process_loop_lag_seconds{${AT}}`, legend: '{{channel}} {{process}}' }],
    },
  ],
};
