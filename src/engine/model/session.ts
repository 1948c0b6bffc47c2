import { z } from 'zod';
import { disconnectKinds } from '../../connector-api/disconnect.ts';
import { lanes } from '../pacing/types.ts';
import { deafGap, liveness } from './liveness.ts';
import { heldBy } from './message.ts';
import { channel, messageId, propertyId, sessionId, timestamp } from './primitives.ts';
import { sessionLimit } from './session-limit.ts';

export const sessionStates = [
  'unlinked',
  'linking',
  'connecting',
  'connected',
  'backing_off',
  'degraded',
  'logged_out',
  'banned',
  'stopped',
] as const;
export const sessionState = z.enum(sessionStates);
export type SessionState = z.infer<typeof sessionState>;

/** What a person has to do; `none` while Bellhop deals with it alone. */
export const userAction = z.enum(['none', 'link', 'relink', 'open_app', 'wait', 'upgrade', 'start']);
export type UserAction = z.infer<typeof userAction>;

export const stateReason = z
  .object({
    code: z.string().meta({ description: 'Stable code of the cause, e.g. `whatsapp_401_logged_out`.' }),
    kind: z.enum(disconnectKinds).nullable(),
    nativeCode: z.string().nullable(),
    text: z.string().meta({ description: 'What happened, in a sentence.' }),
    action: userAction,
    remedy: z.string().meta({ description: 'What Bellhop does and what a person should do, in a sentence.' }),
    retryAt: timestamp.nullable(),
  })
  .meta({ id: 'StateReason' });
export type StateReason = z.infer<typeof stateReason>;

export const sessionAccount = z.object({
  address: z.string(),
  displayName: z.string().nullable(),
  kind: z
    .string()
    .nullable()
    .meta({
      description: 'Where the channel knows several kinds of account, e.g. `user` or `bot`.',
      examples: ['bot'],
    }),
});

/** How fast the account sends, and what is in the way. */
export const sessionPacing = z
  .object({
    mode: z.string(),
    queued: z.int().nonnegative(),
    budgets: z
      .array(
        z.object({
          id: z.string().meta({ description: 'The limit, as in the configuration.', examples: ['ownPerHour'] }),
          limit: z.number(),
          used: z.int().nonnegative(),
          left: z.number(),
          unit: z.string(),
          resetsAt: timestamp.nullable().meta({ description: 'When the next place falls free; null while all are.' }),
        }),
      )
      .meta({ description: 'Of the account: all its sessions share them. Empty where nothing is paced.' }),
    lanes: z
      .array(
        z.object({
          lane: z.enum([...lanes, 'new_chats']),
          queued: z.int().nonnegative(),
          closedBy: heldBy.nullable().meta({ description: 'What holds back all of them; null while one can go.' }),
        }),
      )
      .meta({ description: 'What waits in this session, by kind. `new_chats`: to guests who never wrote.' }),
    nextSendAt: timestamp.nullable(),
    waiting: z
      .array(
        z.object({
          messageId,
          lane: z.enum(lanes),
          estimatedSendAt: timestamp.nullable(),
          heldBy: heldBy.nullable(),
          detail: z.string().meta({ description: 'Why it is not out yet, in a sentence.' }),
        }),
      )
      .meta({
        description: 'The first few that wait, in the order in which they will go; then some that wait for a person.',
      }),
  })
  .meta({ id: 'SessionPacing' });
export type SessionPacing = z.infer<typeof sessionPacing>;

export const session = z
  .object({
    id: sessionId,
    property: propertyId,
    channel,
    account: sessionAccount.nullable(),
    state: sessionState,
    since: timestamp,
    unreachableSince: timestamp.nullable().meta({
      description:
        'Since when guests have not been reached through it; null while they are, and while no account is linked.',
    }),
    reason: stateReason.nullable(),
    liveness: liveness
      .nullable()
      .meta({ description: 'How the line last proved that it hears; null while it is not connected.' }),
    limits: z.array(sessionLimit).meta({ description: 'What the network has closed for now; mostly nothing.' }),
    version: z.object({ current: z.string().nullable(), wanted: z.string().nullable(), ladder: z.array(z.string()) }),
    pacing: sessionPacing,
    settings: z.record(z.string(), z.json()),
    lastInboundAt: timestamp.nullable(),
    lastOutboundAt: timestamp.nullable(),
    createdAt: timestamp,
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof session>;

export const timelineEntry = z
  .object({
    at: timestamp,
    state: sessionState,
    reason: stateReason.nullable(),
    version: z.string().nullable(),
    attempt: z.int().nonnegative(),
    gap: deafGap.optional().meta({ description: 'A time in which the line was deaf, told once it is over.' }),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.infer<typeof timelineEntry>;
