import { z } from 'zod';
import { apiKey, scope } from '../../engine/model/access.ts';
import { propertyId } from '../../engine/model/primitives.ts';
import { deliveryStatus, webhook } from '../../engine/model/webhook.ts';
import { webhookTypes } from './event-types.ts';
import { eventCursor, pageQuery } from './paging.ts';

const LONGEST_URL = 2_048;
const LONGEST_DESCRIPTION = 200;
const LONGEST_KEY_NAME = 100;

const url = z
  .string()
  .min(1)
  .max(LONGEST_URL)
  .meta({ format: 'uri', examples: ['https://pms.example/hooks/bellhop'] });
const description = z.string().max(LONGEST_DESCRIPTION);

export const webhookRequest = z
  .strictObject({
    url,
    types: webhookTypes.default([]).meta({ description: 'Names or prefixes; none means all.' }),
    description: description.optional(),
    property: propertyId.optional(),
  })
  .meta({ id: 'NewWebhook' });

export const webhookPatch = z
  .strictObject({
    url: url.optional(),
    types: webhookTypes.optional(),
    description: description.nullable().optional(),
    disabled: z.boolean().optional().meta({ description: '`false` lets what had waited go out.' }),
  })
  .meta({ id: 'WebhookPatch' });

export const newWebhookAnswer = z
  .object({ ...webhook.shape, secret: z.string().meta({ description: '`whsec_…`, to check signatures; shown once.' }) })
  .meta({ id: 'WebhookWithSecret' });

export const deliveryQuery = z.object({ status: deliveryStatus.optional(), ...pageQuery });

export const replayRequest = z
  .strictObject({ after: eventCursor, until: eventCursor.optional() })
  .meta({ id: 'ReplayRequest' });

export const replayAnswer = z.object({ deliveries: z.int().nonnegative() }).meta({ id: 'ReplayAnswer' });

export const keyRequest = z
  .strictObject({
    name: z.string().min(1).max(LONGEST_KEY_NAME),
    scopes: z.array(scope).min(1),
    property: propertyId.nullable().optional().meta({ description: 'Binds the key to one hotel.' }),
  })
  .meta({ id: 'NewApiKey' });

export const newKeyAnswer = z
  .object({ ...apiKey.shape, key: z.string().meta({ description: 'The key itself; shown once.' }) })
  .meta({ id: 'ApiKeyWithKey' });
