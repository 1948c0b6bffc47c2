import { z } from 'zod';
import { guestConsent } from './consent.ts';
import { channel, conversationId, guestId, propertyId, sessionId, timestamp } from './primitives.ts';

export const guestIdentity = z
  .object({ channel, address: z.string(), canonical: z.boolean() })
  .meta({ id: 'GuestIdentity' });

export const guest = z
  .object({
    id: guestId,
    property: propertyId,
    displayName: z.string().nullable(),
    language: z.string().nullable(),
    notes: z.string().nullable(),
    consent: guestConsent.nullable().meta({ description: 'What the guest last asked for; null = nothing.' }),
    identities: z.array(guestIdentity),
    mergedInto: guestId.nullable(),
    lastInboundAt: timestamp.nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Guest' });
export type Guest = z.infer<typeof guest>;

export const conversation = z
  .object({
    id: conversationId,
    property: propertyId,
    channel,
    session: sessionId,
    kind: z.enum(['direct', 'group']),
    address: z.string().meta({ description: 'Where the channel reaches it: the guest, or `group:<opaque>`.' }),
    title: z.string().nullable(),
    guests: z.array(z.object({ id: guestId, displayName: z.string().nullable(), address: z.string() })),
    lastSeq: z.int().nonnegative(),
    lastReadSeq: z.int().nonnegative(),
    unreadCount: z.int().nonnegative(),
    lastMessageAt: timestamp.nullable(),
    createdAt: timestamp,
    updatedAt: timestamp,
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof conversation>;
