import { z } from 'zod';
import { limitScopes } from '../../connector-api/errors.ts';
import { conversationId, timestamp } from './primitives.ts';

/** What is closed for a session that is connected, by its network or by Bellhop to protect the account. */
export const sessionLimit = z
  .object({
    scope: z.enum(limitScopes).meta({
      description:
        '`account`: nothing is sent. `chat`: nothing in one conversation. `new_chats`: nothing to guests who never wrote.',
    }),
    source: z.enum(['network', 'bellhop']).meta({
      description:
        '`network`: its servers have said so. `bellhop`: too few guests answer, several asked for no more messages, or too much does not arrive; `code` says which.',
    }),
    state: z.enum(['closed', 'slowed']).meta({
      description:
        '`slowed`: what is meant goes out, but less of it: the network has warned, or too few guests answer.',
    }),
    conversationId: conversationId.nullable().meta({ description: 'The conversation, for the scope `chat`.' }),
    code: z.string().meta({
      description:
        'Stable code of the cause: `rate_limited`, `new_chats_warning`, `reply_ratio`, `opt_outs`, `undelivered`.',
    }),
    nativeCode: z.string().nullable(),
    since: timestamp,
    until: timestamp.meta({
      description: 'When it ends; where nobody knows, when one message is tried, or the next new guest written to.',
    }),
    text: z.string().meta({ description: 'What happened, in a sentence.' }),
    remedy: z.string().meta({ description: 'What Bellhop does and what a person should do, in a sentence.' }),
  })
  .meta({ id: 'SessionLimit' });
export type SessionLimit = z.infer<typeof sessionLimit>;
