import { z } from 'zod';
import { channel, messageId, sessionId, timestamp } from './primitives.ts';

/** Whether the hotel may write to a guest by itself. */
export const consentStates = ['opted_in', 'opted_out'] as const;
export const consentState = z.enum(consentStates);
export type ConsentState = z.infer<typeof consentState>;

/** `guest`: a keyword in a message. `staff`: somebody entered it, e.g. after a call. */
const source = z.enum(['guest', 'staff']);

/** What a guest has asked for last; null on a guest who never asked for anything. */
export const guestConsent = z.object({ state: consentState, since: timestamp, source }).meta({ id: 'GuestConsent' });
export type GuestConsent = z.infer<typeof guestConsent>;

/** One row of the ledger. Rows are only added. */
export const consentEntry = z
  .object({
    at: timestamp,
    state: consentState,
    source,
    channel: channel.nullable(),
    session: sessionId.nullable(),
    messageId: messageId.nullable().meta({ description: 'The message that said so.' }),
    note: z.string().nullable().meta({ description: 'What staff wrote about it.' }),
    by: z.string().nullable().meta({ description: 'Id of the API key that entered it.' }),
  })
  .meta({ id: 'ConsentEntry' });
export type ConsentEntry = z.infer<typeof consentEntry>;
