import { z } from 'zod';
import { attachmentKinds } from '../../connector-api/content.ts';
import {
  attachmentId,
  channel,
  conversationId,
  guestId,
  mediaId,
  messageId,
  metadata,
  propertyId,
  sessionId,
  timestamp,
} from './primitives.ts';

/** The road of a message. Statuses only move forward; the last three are ends. */
export const messageStatuses = [
  'received',
  'queued',
  'sending',
  'sent',
  'delivered',
  'read',
  'failed',
  'cancelled',
  'expired',
] as const;
export const messageStatus = z.enum(messageStatuses).meta({
  description:
    'Outbound: queued → sending → sent → delivered → read, or failed, cancelled, expired. Inbound: received → read.',
});
export type MessageStatus = z.infer<typeof messageStatus>;

export const messageTypes = [
  'text',
  'image',
  'video',
  'video_note',
  'voice',
  'audio',
  'file',
  'sticker',
  'location',
  'contacts',
  'poll',
  'button',
  'unsupported',
] as const;
export const messageType = z.enum(messageTypes);
export type MessageType = z.infer<typeof messageType>;

export const urgency = z.enum(['very-low', 'low', 'normal', 'high']);
export type Urgency = z.infer<typeof urgency>;

export const purpose = z.enum(['reply', 'service', 'scheduled', 'promotional', 'safety']);
export type Purpose = z.infer<typeof purpose>;

export const attachment = z
  .object({
    id: attachmentId,
    mediaId: mediaId
      .nullable()
      .meta({ description: 'Fetch with GET /v1/media/:id; null while `status` is `unavailable`.' }),
    kind: z.enum(attachmentKinds),
    status: z.enum(['stored', 'unavailable']),
    mimeType: z.string(),
    filename: z.string().nullable(),
    sizeBytes: z.int().nonnegative().nullable(),
    sha256: z.string().nullable(),
    durationMs: z.int().nonnegative().nullable(),
    width: z.int().positive().nullable(),
    height: z.int().positive().nullable(),
    reason: z.string().nullable().meta({ description: 'Why the bytes could not be had.' }),
  })
  .meta({ id: 'Attachment' });
export type Attachment = z.infer<typeof attachment>;

export const location = z
  .object({
    latitude: z.number().min(-90).max(90),
    longitude: z.number().min(-180).max(180),
    name: z.string().max(200).optional(),
  })
  .meta({ id: 'Location' });
export const contactCard = z
  .object({ name: z.string().min(1).max(200), phones: z.array(z.string().max(40)).min(1).max(10) })
  .meta({ id: 'ContactCard' });
export const poll = z
  .object({
    question: z.string().min(1).max(255),
    options: z.array(z.string().min(1).max(100)).min(2).max(12),
    multiple: z.boolean().default(false),
  })
  .meta({ id: 'Poll' });

export const reaction = z.object({ emoji: z.string(), by: z.string(), at: timestamp }).meta({ id: 'Reaction' });

export const messageError = z
  .object({
    code: z.string(),
    title: z.string(),
    remedy: z.string(),
    certainty: z.enum(['not_sent', 'maybe_sent']),
    nativeCode: z.string().nullable(),
  })
  .meta({ id: 'MessageError' });
export type MessageError = z.infer<typeof messageError>;

export const heldBy = z
  .object({ rule: z.string(), until: timestamp.nullable(), detail: z.string() })
  .meta({ id: 'HeldBy', description: 'What a queued message waits for.' });
export type HeldBy = z.infer<typeof heldBy>;

export const message = z
  .object({
    id: messageId,
    property: propertyId,
    conversationId,
    seq: z.int().positive().meta({ description: 'Place of its first event in the conversation.' }),
    direction: z.enum(['inbound', 'outbound']),
    channel,
    session: sessionId,
    guestId: guestId.nullable(),
    from: z.string(),
    to: z.string(),
    type: messageType,
    body: z.string().nullable(),
    attachments: z.array(attachment),
    location: location.nullable(),
    contacts: z.array(contactCard).nullable(),
    poll: poll.nullable(),
    replyTo: messageId.nullable(),
    reactions: z.array(reaction),
    status: messageStatus,
    estimatedSendAt: timestamp.nullable(),
    heldBy: heldBy.nullable(),
    error: messageError.nullable(),
    attempts: z.int().nonnegative(),
    urgency: urgency.nullable(),
    purpose: purpose.nullable(),
    metadata: metadata.nullable(),
    channelMessageId: z.string().nullable(),
    editedAt: timestamp.nullable(),
    deletedAt: timestamp.nullable(),
    sendAt: timestamp.nullable(),
    expiresAt: timestamp.nullable(),
    createdAt: timestamp,
    queuedAt: timestamp.nullable(),
    sentAt: timestamp.nullable(),
    deliveredAt: timestamp.nullable(),
    readAt: timestamp.nullable(),
    failedAt: timestamp.nullable(),
  })
  .meta({ id: 'Message' });
export type Message = z.infer<typeof message>;
