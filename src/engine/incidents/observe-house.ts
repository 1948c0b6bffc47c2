import { toTimestamp } from '../../core/clock.ts';
import { DEFAULT_PROPERTY } from '../model/primitives.ts';
import type { Session } from '../model/session.ts';
import type { AlertWay, Troubles, WebhookTrouble } from '../ports/index.ts';
import type { AlertRules } from './alert-rules.ts';
import { ALERTING_PATIENCE_MS, DISK_MARGIN, TWO_LOOKS_MS, WEBHOOK_PATIENCE_MS } from './alert-rules.ts';
import { nameOf } from './line-texts.ts';
import type { Health, Observation } from './observation.ts';

const MEBIBYTE = 1_048_576;
const WELL: Health = { is: 'well', since: null };

/** Messages that should have gone out long ago although their session is connected. Pure. */
export function observeQueue(
  session: Session,
  channelName: string,
  overdue: Troubles['overdue'],
  rules: AlertRules,
): Observation {
  const stuck = overdue.find((each) => each.session === session.id);
  const isUp = session.state === 'connected' || session.state === 'degraded';
  // While the line is down, or the network has closed it, another alert tells why they wait.
  const isExplained = !isUp || session.limits.some(({ scope }) => scope === 'account');
  const minutes = Math.round(rules.queueMs / 60_000);
  const health: Health =
    stuck === undefined
      ? WELL
      : isExplained
        ? { is: 'unclear' }
        : {
            is: 'ill',
            since: stuck.oldestAt,
            patienceMs: TWO_LOOKS_MS,
            complaint: {
              code: 'messages_overdue',
              name: nameOf(session, channelName),
              title: `${nameOf(session, channelName)}: messages wait too long`,
              text: `In ${stuck.count} conversations a message should have gone out more than ${minutes} minutes ago, although the session is connected.`,
              action: 'check_host',
              remedy:
                'Nothing is lost, and Bellhop goes on sending. If more is sent than a person could type, it takes its time; otherwise look at the log, and restart the session.',
            },
          };
  return {
    key: `session:${session.id}/queue`,
    kind: 'queue',
    property: session.property,
    channel: session.channel,
    channelName,
    session: session.id,
    webhookId: null,
    health,
  };
}

/** An endpoint of an integrator. `now`: epoch ms. Pure. */
export function observeWebhook(webhook: WebhookTrouble, now: number): Observation {
  return {
    key: `webhook:${webhook.webhookId}`,
    kind: 'webhook',
    property: webhook.property,
    channel: null,
    channelName: null,
    session: null,
    webhookId: webhook.webhookId,
    health: webhookHealth(webhook, now),
  };
}

function webhookHealth({ host, disabledReason, failingSince, deadAt }: WebhookTrouble, now: number): Health {
  const action = 'mend_webhook';
  const name = `The webhook to ${host}`;
  const complaint = { action, name, title: `${name} takes nothing` } as const;
  if (disabledReason !== null)
    return {
      is: 'ill',
      since: now,
      patienceMs: 0,
      complaint: {
        ...complaint,
        code: 'webhook_disabled',
        text: `It was disabled: ${disabledReason}.`,
        remedy: 'Its events wait. Mend the endpoint, then enable it: PATCH /v1/webhooks/:id {"disabled": false}.',
      },
    };
  const failing = {
    ...complaint,
    code: 'webhook_failing',
    text: 'Events are not taken.',
    remedy:
      'Bellhop tries again for three days, with growing waits. Mend the endpoint; GET /v1/webhooks/:id/deliveries says what it answers.',
  };
  if (failingSince !== null)
    return { is: 'ill', since: failingSince, patienceMs: WEBHOOK_PATIENCE_MS, complaint: failing };
  if (deadAt === null) return WELL;
  const code = 'webhook_gave_up';
  const text = `Events were given up at ${toTimestamp(deadAt)}, after three days of trying.`;
  const remedy =
    'They are kept: GET /v1/webhooks/:id/deliveries?status=dead. Mend the endpoint, then replay them. The all-clear comes with the next event that is taken.';
  return { is: 'ill', since: deadAt, patienceMs: 0, complaint: { ...complaint, code, text, remedy } };
}

/** Free space, the least of all folders; null = not known. Pure. */
export function observeDisk(freeBytes: number | null, now: number, { diskFreeBytes }: AlertRules): Observation {
  const health = (): Health => {
    if (freeBytes === null) return { is: 'unclear' };
    if (freeBytes > diskFreeBytes * (1 + DISK_MARGIN)) return WELL;
    if (freeBytes > diskFreeBytes) return { is: 'unclear' };
    return {
      is: 'ill',
      since: now,
      patienceMs: 0,
      complaint: {
        code: 'disk_nearly_full',
        name: 'The disk',
        title: 'The disk is nearly full',
        text: `Only ${Math.floor(freeBytes / MEBIBYTE)} MiB are free.`,
        action: 'check_host',
        remedy:
          'Free some space, or give Bellhop a larger disk. When nothing is left it accepts no more messages and loses none; it goes on by itself.',
      },
    };
  };
  return houseObservation('disk', health());
}

/** `code`: why the store cannot be written; null = it can. Pure. */
export function observeStore(code: string | null, now: number): Observation {
  if (code === null) return houseObservation('store', WELL);
  return houseObservation('store', {
    is: 'ill',
    since: now,
    patienceMs: TWO_LOOKS_MS,
    complaint: {
      code,
      name: 'The store',
      title: 'The store cannot be written',
      text: 'Bellhop cannot write down what happens.',
      action: 'check_host',
      remedy:
        'Nothing new is accepted, nothing is lost, and Bellhop goes on by itself when it can write again. Look at the disk and at the log.',
    },
  });
}

/** Of the alert about a way, of which that way need not be told. */
export function wayKey(way: string): string {
  return `house/alerting/${way}`;
}

/** A way of telling alerts: the others, and integrators, are told that it takes nothing. Pure. */
export function observeWay({ id, way, failingSince, reason }: AlertWay): Observation {
  const name = `Alerts by ${way}`;
  const health: Health =
    failingSince === null
      ? WELL
      : {
          is: 'ill',
          since: failingSince,
          patienceMs: ALERTING_PATIENCE_MS,
          complaint: {
            code: 'alerts_not_told',
            name,
            title: `${name} do not arrive`,
            text: `Nothing is taken: ${reason ?? 'nobody knows why'}.`,
            action: 'check_host',
            remedy:
              'What is to be told is kept and tried again for a week. Correct `alerts` in the configuration, or the receiver, then: `bellhop alerts test`.',
          },
        };
  return houseObservation('alerting', health, wayKey(id));
}

function houseObservation(kind: 'disk' | 'store' | 'alerting', health: Health, key = `house/${kind}`): Observation {
  const nobody = { channel: null, channelName: null, session: null, webhookId: null };
  return { key, kind, property: DEFAULT_PROPERTY, ...nobody, health };
}
