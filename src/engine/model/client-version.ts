import { z } from 'zod';
import { channel, timestamp } from './primitives.ts';

/** Where a version comes from: this release, the operator (configuration or pin), the network's own word, or an earlier success. */
export const versionOrigins = ['shipped', 'operator', 'live', 'learnt'] as const;
export const versionOrigin = z.enum(versionOrigins);
export type VersionOrigin = z.infer<typeof versionOrigin>;

/** One rung of a channel's ladder, as the API shows it. */
export const clientVersion = z
  .object({
    channel,
    version: z.string().meta({
      description: 'As the channel writes it; encode it when it is part of a path.',
      examples: ['2.3000.1043857760'],
    }),
    origin: versionOrigin,
    wanted: z.boolean().meta({ description: 'What sessions go back to as soon as the network accepts it.' }),
    current: z.boolean().meta({ description: 'What sessions announce now.' }),
    pinned: z.boolean(),
    sessions: z.int().nonnegative().meta({ description: 'How many sessions are connected with it.' }),
    firstWorkedAt: timestamp.nullable(),
    lastWorkedAt: timestamp.nullable(),
    firstFailedAt: timestamp.nullable(),
    lastFailedAt: timestamp.nullable(),
    failingSince: timestamp.nullable().meta({ description: 'Refused since then, and never accepted in between.' }),
  })
  .meta({ id: 'ClientVersion' });
export type ClientVersionView = z.infer<typeof clientVersion>;
