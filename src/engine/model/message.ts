import { z } from 'zod';
import { attachmentKinds, textEntityTypes } from '../../connector-api/content.ts';
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

const LONGEST_URL = 2_048;
const LONGEST_LANGUAGE = 64;

export const textEntity = z
  .object({
    type: z.enum(textEntityTypes),
    offset: z.int().nonnegative().meta({ description: 'In UTF-16 code units, as JavaScript and Java count.' }),
    length: z.int().positive(),
    url: z
      .string()
      .max(LONGEST_URL)
      .exactOptional()
      .meta({ description: 'Where a `link` leads whose text is not the address itself, or whom a `mention` means.' }),
    language: z.string().max(LONGEST_LANGUAGE).exactOptional().meta({ description: 'Of the program in a `pre`.' }),
  })
  .meta({ id: 'TextEntity', description: 'How a stretch of the body is shown.' });

export const button = z
  .object({
    id: z
      .string()
      .regex(/^[\x21-\x7e]{1,64}$/)
      .meta({ description: 'Comes back with the press; 1 to 64 printable ASCII characters.' }),
    label: z.string().min(1).max(100),
  })
  .meta({ id: 'Button' });

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
export const pollQuestion = z.object({
  question: z.string().min(1).max(255),
  options: z.array(z.string().min(1).max(100)).min(2).max(12),
  multiple: z.boolean().default(false),
});
export const pollVote = z
  .object({
    by: z.string(),
    options: z.array(z.int().nonnegative()).meta({ description: 'Places in the `options` of the poll, from 0.' }),
    at: timestamp,
  })
  .meta({ id: 'PollVote' });
export const poll = pollQuestion.extend({ votes: z.array(pollVote) }).meta({ id: 'Poll' });

export const reaction = z.object({ emoji: z.string(), by: z.string(), at: timestamp }).meta({ id: 'Reaction' });

export const messageError = z
  .object({
    code: z.string(),
    title: z.string(),
    remedy: z.string(),
    detail: z
      .string()
      .exactOptional()
      .meta({ description: 'What happened this time, where more is known than the code says.' }),
    certainty: z.enum(['not_sent', 'maybe_sent']),
    nativeCode: z.string().nullable(),
  })
  .meta({ id: 'MessageError' });
export type MessageError = z.infer<typeof messageError>;

export const heldBy = z
  .object({ rule: z.string(), until: timestamp.nullable(), detail: z.string() })
  .meta({ id: 'HeldBy', description: 'What a queued message waits for.' });
export type HeldBy = z.infer<typeof heldBy>;

/** A person has let a message go in spite of the rule that held it for one. */
export const messageRelease = z
  .object({
    at: timestamp,
    by: z.string().meta({ description: 'Name of the API key that was used.' }),
    keyId: z.string(),
    rule: z.string().meta({ description: 'What had held it: `same_text` or `unanswered`.' }),
  })
  .meta({ id: 'MessageRelease' });
export type MessageRelease = z.infer<typeof messageRelease>;

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
    entities: z.array(textEntity),
    attachments: z.array(attachment),
    albumId: z
      .string()
      .nullable()
      .meta({ description: 'Inbound messages that came as one album share it; each is a message of its own.' }),
    location: location.nullable(),
    contacts: z.array(contactCard).nullable(),
    poll: poll.nullable(),
    buttons: z.array(button).meta({ description: 'Under an outbound text, for the guest to press.' }),
    button: z.object({ id: z.string() }).nullable().meta({
      description: 'Which button the guest pressed; `body` is its label, `replyTo` the message it stands under.',
    }),
    forwarded: z.boolean().meta({ description: "Somebody else's words, which the guest passed on." }),
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
