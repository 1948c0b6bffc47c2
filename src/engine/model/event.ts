import { z } from 'zod';
import { alert } from './alert.ts';
import { consentEntry } from './consent.ts';
import { conversation, guest } from './conversation.ts';
import { deafGap } from './liveness.ts';
import { message, messageRelease } from './message.ts';
import { conversationId, eventId, timestamp } from './primitives.ts';
import { session } from './session.ts';
import { sessionLimit } from './session-limit.ts';

/** Durable event types: each is a row of the log with a global cursor. */
export const eventTypes = [
  'message.received',
  'message.queued',
  'message.sent',
  'message.delivered',
  'message.read',
  'message.failed',
  'message.edited',
  'message.deleted',
  'message.reaction',
  'message.poll_vote',
  'message.cancelled',
  'message.expired',
  'message.released',
  'conversation.created',
  'conversation.updated',
  'conversation.read',
  'guest.created',
  'guest.merged',
  'guest.updated',
  'guest.opted_out',
  'guest.opted_in',
  'session.linking',
  'session.connected',
  'session.disconnected',
  'session.degraded',
  'session.recovered',
  'session.logged_out',
  'session.banned',
  'session.version_changed',
  'session.limited',
  'session.limit_over',
  'webhook.disabled',
  'webhook.test',
  'alert.opened',
  'alert.updated',
  'alert.closed',
] as const;
export const eventType = z.enum(eventTypes);
export type EventType = z.infer<typeof eventType>;

/** Live only: on the stream and the WebSocket, never stored and never sent to webhooks. */
export const liveEventTypes = ['presence.typing', 'presence.updated'] as const;
export type LiveEventType = (typeof liveEventTypes)[number];

/** Whole objects under their names, as they were when the event happened. */
export const eventData = z.looseObject({
  message: message.optional(),
  conversation: conversation.optional(),
  guest: guest.optional(),
  session: session.optional(),
  cause: z.string().optional(),
  remedy: z.string().optional(),
  limit: sessionLimit.optional(),
  gap: deafGap.optional(),
  alert: alert.optional(),
  consent: consentEntry.optional(),
  release: messageRelease.optional(),
});

export const eventEnvelope = z
  .object({
    id: eventId,
    type: eventType,
    timestamp,
    cursor: z.string().meta({ description: 'Place in the whole log; opaque, give it back as `after`.' }),
    conversationId: conversationId.nullable(),
    seq: z
      .int()
      .positive()
      .nullable()
      .meta({ description: 'Gapless place in the conversation, from 1; null outside one.' }),
    data: eventData,
  })
  .meta({ id: 'Event' });
export type EventEnvelope = z.infer<typeof eventEnvelope>;

export interface LiveEvent {
  readonly type: LiveEventType;
  readonly timestamp: string;
  readonly property: string;
  readonly data: Readonly<Record<string, unknown>>;
}
