import type { RowPlan } from './grafana-panel-plan.ts';
import { AT, HALF, NUMBER, OF } from './grafana-panel-plan.ts';
import { machine, processes, webhooks } from './grafana-panels-machine.ts';
import { lines, messages, networks } from './grafana-panels-traffic.ts';

const now: RowPlan = {
  title: 'Now',
  panels: [
    { ...NUMBER, title: 'Sessions that guests reach', queries: [{ expr: `sum(bellhop_session_up{${OF}})` }] },
    { ...NUMBER, title: 'Sessions', queries: [{ expr: `count(bellhop_session_up{${OF}})` }] },
    {
      ...NUMBER,
      title: 'Sessions that need a person',
      queries: [{ expr: `count(bellhop_session_reason_info{${OF}, action!~"none|wait"}) or vector(0)` }],
    },
    {
      ...NUMBER,
      title: 'Alerts that fire',
      queries: [{ expr: 'count(ALERTS{alertname=~"Bellhop.*", alertstate="firing"}) or vector(0)' }],
    },
    { ...NUMBER, title: 'Messages in the queue', queries: [{ expr: `sum(bellhop_queue_depth{${OF}})` }] },
    { ...NUMBER, title: 'Webhook deliveries that wait', queries: [{ expr: `sum(bellhop_webhook_pending{${AT}})` }] },
    {
      title: 'Sessions: state',
      type: 'table',
      width: 10,
      height: 9,
      queries: [{ expr: `bellhop_session_state{${OF}} == 1` }],
    },
    {
      title: 'Sessions: cause and remedy',
      type: 'table',
      width: 14,
      height: 9,
      description: 'Only sessions about which there is something to say.',
      queries: [{ expr: `bellhop_session_reason_info{${OF}}` }],
    },
    {
      title: 'Reached by guests',
      type: 'state-timeline',
      width: 12,
      height: 9,
      queries: [{ expr: `bellhop_session_up{${OF}}`, legend: '{{session}}' }],
    },
    {
      title: 'Alerts',
      type: 'state-timeline',
      width: 12,
      height: 9,
      queries: [
        {
          expr: 'max by (alertname, session, channel) (ALERTS{alertname=~"Bellhop.*", alertstate="firing"})',
          legend: '{{alertname}} {{session}}{{channel}}',
        },
      ],
    },
    {
      ...HALF,
      title: 'In this state for',
      unit: 's',
      queries: [{ expr: `time() - bellhop_session_state_timestamp_seconds{${OF}}`, legend: '{{session}}' }],
    },
    {
      ...HALF,
      title: 'Ends of connections, by kind',
      queries: [
        {
          expr: `sum by (kind) (increase(bellhop_session_disconnects_total{${OF}}[$__rate_interval]))`,
          legend: '{{kind}}',
        },
      ],
    },
  ],
};

/** In the order of the dashboard. */
export const dashboardRows: readonly RowPlan[] = [now, messages, lines, networks, webhooks, processes, machine];
