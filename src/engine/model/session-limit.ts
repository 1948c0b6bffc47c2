import { z } from 'zod';
import { limitScopes } from '../../connector-api/errors.ts';
import { conversationId, timestamp } from './primitives.ts';

/** What the network has closed for a session that is connected. */
export const sessionLimit = z
  .object({
    scope: z.enum(limitScopes).meta({
      description:
        '`account`: nothing is sent. `chat`: nothing in one conversation. `new_chats`: nothing to guests who never wrote.',
    }),
    conversationId: conversationId.nullable().meta({ description: 'The conversation, for the scope `chat`.' }),
    code: z.string().meta({ description: 'Stable code of the cause, e.g. `rate_limited`.' }),
    nativeCode: z.string().nullable(),
    since: timestamp,
    until: timestamp.meta({ description: 'When it ends; where the network gave no end, when one message is tried.' }),
    text: z.string().meta({ description: 'What happened, in a sentence.' }),
    remedy: z.string().meta({ description: 'What Bellhop does and what a person should do, in a sentence.' }),
  })
  .meta({ id: 'SessionLimit' });
export type SessionLimit = z.infer<typeof sessionLimit>;
