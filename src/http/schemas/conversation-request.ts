import { z } from 'zod';
import { consentState } from '../../engine/model/consent.ts';
import { eventEnvelope } from '../../engine/model/event.ts';
import { channel, guestId, sessionId } from '../../engine/model/primitives.ts';
import { address } from './message-request.ts';
import { limit, pageQuery } from './paging.ts';

const LONGEST_SEARCH = 200;
const LONGEST_TITLE = 200;
const LONGEST_NAME = 200;
const LONGEST_NOTES = 4_000;
const MOST_PARTICIPANTS = 100;

export const search = z.string().min(1).max(LONGEST_SEARCH).optional();

export const conversationQuery = z.object({
  channel: channel.optional(),
  session: sessionId.optional(),
  guestId: guestId.optional(),
  unread: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional()
    .meta({ description: '`true`: only those with unread messages.' }),
  q: search.meta({ description: "Part of the title, of a guest's name or of an address." }),
  ...pageQuery,
});

export const conversationRequest = z
  .strictObject({
    channel,
    session: sessionId.optional(),
    participants: z.array(address).min(1).max(MOST_PARTICIPANTS),
    kind: z.enum(['direct', 'group']).optional(),
    title: z.string().min(1).max(LONGEST_TITLE).optional(),
    distinct: z
      .boolean()
      .optional()
      .meta({ description: 'Return the one that exists for the same participants; always so for `direct`.' }),
  })
  .meta({ id: 'NewConversation' });

const seq = z.coerce.number().int().min(1);

export const eventRange = z.object({ fromSeq: seq.default(1), toSeq: seq.optional(), limit });

export const eventRangeAnswer = z
  .object({
    data: z.array(eventEnvelope),
    nextSeq: z.int().nullable().meta({ description: 'Go on with it as `fromSeq`; null when the range is complete.' }),
  })
  .meta({ id: 'EventRange' });

export const readRequest = z.strictObject({
  seq: z.int().min(0).optional().meta({ description: 'Read up to here; the last event when absent.' }),
});

export const typingRequest = z.strictObject({ on: z.boolean() });

export const guestQuery = z.object({ q: search.meta({ description: 'Part of a name or an address.' }), ...pageQuery });

export const guestPatch = z
  .strictObject({
    displayName: z.string().min(1).max(LONGEST_NAME).nullable().optional(),
    language: z
      .string()
      .regex(/^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$/)
      .nullable()
      .optional()
      .meta({ description: 'BCP 47.', examples: ['de', 'pt-BR'] }),
    notes: z.string().max(LONGEST_NOTES).nullable().optional(),
  })
  .meta({ id: 'GuestPatch' });

export const consentRequest = z
  .strictObject({
    state: consentState,
    note: z
      .string()
      .min(1)
      .max(LONGEST_NOTES)
      .meta({
        description: 'How the guest said so: when, to whom. It is the proof.',
        examples: ['By phone to reception'],
      }),
  })
  .meta({ id: 'ConsentRequest' });

export const mergeRequest = z.strictObject({
  guestId: guestId.meta({ description: 'Becomes part of the guest in the path.' }),
});
