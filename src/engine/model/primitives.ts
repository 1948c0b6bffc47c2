import { z } from 'zod';
import type { JsonValue } from '../../core/json.ts';

/** RFC 3339 UTC with milliseconds. */
export const timestamp = z.string().meta({ format: 'date-time', examples: ['2026-03-04T15:00:00.000Z'] });

const id = (prefix: string): z.ZodString =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-z]{26}$`))
    .meta({ examples: [`${prefix}_01kag3m5v2e8q0w7x4c9rd6t1b`] });

export const messageId = id('msg');
export const conversationId = id('cnv');
export const guestId = id('gst');
export const eventId = id('evt');
export const webhookId = id('whk');
export const deliveryId = id('dlv');
export const mediaId = id('med');
export const apiKeyId = id('key');
export const attachmentId = id('att');
export const alertId = id('alr');

/** A slug the operator chooses; never used as a path without checking. */
export const sessionId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
  .meta({ examples: ['front-desk'] });

export const propertyId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/)
  .meta({ description: 'The hotel; `main` where there is only one.', examples: ['main'] });

/** The property of a daemon that serves one hotel. */
export const DEFAULT_PROPERTY = 'main';

export const channel = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/)
  .meta({ examples: ['whatsapp'] });

/**
 * What a JSON text held and nobody needs to look into again. `z.json()` would: it refers to itself, and zod then keeps a book of
 * every value it has seen, which costs a message more than all its other checks.
 */
// Only ever made by JSON.parse.
// oxlint-disable-next-line typescript/no-unsafe-type-assertion
const parsedJson = z.unknown().meta({ id: 'JsonValue', description: 'Any JSON value.' }) as z.ZodType<
  JsonValue,
  JsonValue
>;

/** Up to 4 KiB of the caller's own facts, echoed in every event about the message. */
export const metadata = z.record(z.string(), parsedJson);
