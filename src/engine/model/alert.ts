import { z } from 'zod';
import { alertId, channel, propertyId, sessionId, timestamp, webhookId } from './primitives.ts';
import { userAction } from './session.ts';

/** What is in trouble. Two troubles of one kind and one subject are never told apart: they are one alert. */
export const alertKinds = ['line', 'version', 'limit', 'queue', 'webhook', 'disk', 'store', 'alerting'] as const;
export const alertKind = z.enum(alertKinds);
export type AlertKind = z.infer<typeof alertKind>;

/** What a person has to do; `none` while Bellhop deals with it alone. */
export const alertAction = z.enum([...userAction.options, 'mend_webhook', 'check_host']);
export type AlertAction = z.infer<typeof alertAction>;

/** `recovered`: it works again. `ended`: the operator stopped, unlinked or removed it. `moved`: told on in other alerts. */
export const alertResolutions = ['recovered', 'ended', 'moved'] as const;
export const alertResolution = z.enum(alertResolutions);
export type AlertResolution = z.infer<typeof alertResolution>;

export const alert = z
  .object({
    id: alertId,
    property: propertyId,
    kind: alertKind.meta({
      description:
        '`line`: accounts without a working connection. `version`: an older client version than wanted. `limit`: the network limits an account. `queue`: messages wait too long. `webhook`: an endpoint that takes nothing. `disk`, `store`: this machine. `alerting`: a way of telling alerts takes nothing.',
    }),
    code: z
      .string()
      .meta({ description: 'Stable code of the cause, e.g. `whatsapp_401_logged_out`.', examples: ['unstable'] }),
    name: z.string().meta({
      description: 'What it concerns, for people.',
      examples: ['front-desk (WhatsApp)', '12 sessions of WhatsApp'],
    }),
    title: z.string().meta({ description: 'The alert in a line.' }),
    text: z.string().meta({ description: 'What happened, in a sentence.' }),
    action: alertAction,
    remedy: z.string().meta({ description: 'What Bellhop does and what a person should do, in a sentence.' }),
    channel: channel.nullable(),
    sessions: z.array(sessionId).meta({ description: 'Whom it concerns; several where many failed together.' }),
    webhookId: webhookId.nullable(),
    since: timestamp.meta({ description: 'When the trouble began.' }),
    openedAt: timestamp,
    updatedAt: timestamp,
    endedAt: timestamp.nullable().meta({ description: 'When the trouble ended; null while it lasts.' }),
    closedAt: timestamp.nullable().meta({ description: 'When the all-clear was given; null while it is open.' }),
    resolution: alertResolution.nullable(),
  })
  .meta({ id: 'Alert' });
export type Alert = z.infer<typeof alert>;
