import { z } from 'zod';
import type { MessageRequest } from '../../engine/engine-api.ts';
import {
  button,
  contactCard,
  location,
  message,
  pollQuestion,
  purpose,
  textEntity,
  urgency,
} from '../../engine/model/message.ts';
import {
  channel,
  conversationId,
  guestId,
  mediaId,
  messageId,
  metadata,
  sessionId,
} from '../../engine/model/primitives.ts';
import { problem } from './problem.ts';

/** Above every channel's own limit, which the engine checks; it only bounds the work of checking. */
const LONGEST_BODY = 100_000;
const LONGEST_ADDRESS = 320; // an e-mail address; phone numbers are far shorter
const LONGEST_FILENAME = 255;
const LONGEST_URL = 2_048;
const LONGEST_REFERENCE = 200;
const MOST_ATTACHMENTS = 30; // no channel takes more in one message
const MOST_CONTACTS = 20;
const MOST_ENTITIES = 1_000; // bounds the work; networks show about a hundred
const MOST_BUTTONS = 100; // no channel shows more under one message
/** Longest emoji sequences (families, flags) are about 35 code units. */
const LONGEST_EMOJI = 64;

const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => Date.parse(text))
  .meta({ description: 'RFC 3339.', examples: ['2026-03-04T15:00:00.000Z'] });

export const address = z
  .string()
  .min(1)
  .max(LONGEST_ADDRESS)
  .meta({ examples: ['+15551234567'] });

const attachmentRequest = z
  .strictObject({
    mediaId: mediaId.optional().meta({ description: 'From POST /v1/media; or give a `url`.' }),
    url: z
      .string()
      .min(1)
      .max(LONGEST_URL)
      .optional()
      .meta({
        format: 'uri',
        description:
          'Fetched before the answer, within 20 s and without following redirects; private addresses as for webhooks.',
        examples: ['https://pms.example/invoices/4711.pdf'],
      }),
    caption: z.string().max(LONGEST_BODY).optional(),
    filename: z.string().min(1).max(LONGEST_FILENAME).optional(),
    voice: z.boolean().optional().meta({ description: 'Send audio as a voice note where the channel knows one.' }),
    videoNote: z
      .boolean()
      .optional()
      .meta({ description: 'Send a film as a round video note where the channel knows one.' }),
  })
  .refine(({ mediaId: id, url }) => (id === undefined) !== (url === undefined), 'Expected one of mediaId and url.')
  .meta({ id: 'NewAttachment' });

const newLocation = z
  .strictObject({ ...location.shape, name: z.exactOptional(location.shape.name.unwrap()) })
  .meta({ id: 'NewLocation' });

const newPoll = z.strictObject(pollQuestion.shape).meta({ id: 'NewPoll' });

const newTextEntity = z.strictObject(textEntity.shape).meta({ id: 'NewTextEntity' });
const newButton = z.strictObject(button.shape).meta({ id: 'NewButton' });

export const messageRequest = z
  .strictObject({
    channel: channel.optional().meta({ description: 'With `to`; in place of `conversationId` or `guestId`.' }),
    to: address.optional(),
    conversationId: conversationId.optional(),
    guestId: guestId.optional(),
    session: sessionId
      .optional()
      .meta({ description: 'Else the session that last spoke with this guest, else the only one of the channel.' }),
    body: z
      .string()
      .max(LONGEST_BODY)
      .optional()
      .meta({ examples: ['Your room is ready.'] }),
    entities: z.array(newTextEntity).max(MOST_ENTITIES).optional().meta({
      description: 'Formatting of the body or the caption. Where the channel shows none, the text goes out without it.',
    }),
    buttons: z.array(newButton).max(MOST_BUTTONS).optional().meta({
      description: 'To press under a text; a press comes back as a message of the type `button`.',
    }),
    attachments: z.array(attachmentRequest).max(MOST_ATTACHMENTS).optional().meta({
      description: 'Several make an album, as many as the channel takes in one message.',
    }),
    location: newLocation.optional(),
    contacts: z
      .array(z.strictObject(contactCard.shape).meta({ id: 'NewContactCard' }))
      .min(1)
      .max(MOST_CONTACTS)
      .optional(),
    poll: newPoll.optional(),
    replyTo: messageId.optional(),
    urgency: urgency.optional(),
    purpose: purpose.optional(),
    basis: z
      .strictObject({
        reservation: z.string().min(1).max(LONGEST_REFERENCE).optional(),
        consent: z.string().min(1).max(LONGEST_REFERENCE).optional(),
      })
      .optional()
      .meta({ description: 'Why a guest who never wrote may be written to.' }),
    sendAt: instant.optional(),
    expiresAt: instant.optional(),
    metadata: metadata.optional().meta({ description: 'Up to 4 KiB, echoed in every event about the message.' }),
  })
  .meta({ id: 'NewMessage' }) satisfies z.ZodType<MessageRequest>;

/** The batch as a shell: each message is checked alone, so that one bad message does not stop the others. */
export const batchShell = z.strictObject({ messages: z.array(z.unknown()).min(1) });

/** What the API description says of a batch. */
export const batchRequest = z
  .strictObject({ messages: z.array(messageRequest).min(1).max(50) })
  .meta({ id: 'NewBatch' });

export const batchAnswer = z
  .object({ results: z.array(z.union([message, problem])) })
  .meta({ id: 'BatchAnswer', description: 'In order: the accepted message, or what is wrong with it.' });

export const editRequest = z.strictObject({ body: z.string().min(1).max(LONGEST_BODY) });

export const reactionRequest = z.strictObject({
  emoji: z.string().max(LONGEST_EMOJI).meta({ description: 'One emoji; empty takes the reaction back.' }),
});
