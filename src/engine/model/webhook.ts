import { z } from 'zod';
import { deliveryId, eventId, propertyId, timestamp, webhookId } from './primitives.ts';

export const webhook = z
  .object({
    id: webhookId,
    property: propertyId,
    url: z.string(),
    types: z.array(z.string()).meta({ description: 'Event names or prefixes such as `message.*`; empty means all.' }),
    description: z.string().nullable(),
    disabled: z.boolean(),
    disabledReason: z.string().nullable(),
    pending: z.int().nonnegative().meta({ description: 'Deliveries that still wait.' }),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Webhook' });
export type Webhook = z.infer<typeof webhook>;

export const deliveryStatuses = ['pending', 'delivered', 'dead'] as const;
export const deliveryStatus = z.enum(deliveryStatuses);
export type DeliveryStatus = z.infer<typeof deliveryStatus>;

export const delivery = z
  .object({
    id: deliveryId,
    webhookId,
    eventId,
    eventType: z.string(),
    status: deliveryStatus,
    attempts: z.int().nonnegative(),
    nextAttemptAt: timestamp.nullable(),
    lastAttemptAt: timestamp.nullable(),
    lastStatus: z.int().nullable().meta({ description: 'HTTP status of the last answer; null when there was none.' }),
    lastError: z.string().nullable(),
    deliveredAt: timestamp.nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'Delivery' });
export type Delivery = z.infer<typeof delivery>;
