import { z } from 'zod';
import { timestamp } from './primitives.ts';

/** What last proved that a line hears: something that the network pushed, a canary that came back, an answered probe. */
export const lineProofs = ['push', 'canary', 'probe'] as const;

export const liveness = z
  .object({
    provenAt: timestamp.meta({
      description: 'When the line last proved that it hears; at first when it was connected.',
    }),
    provenBy: z.enum(lineProofs).nullable().meta({ description: 'By what; null = by nothing but connecting so far.' }),
    roundTripMs: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'How long the last canary or probe was on its way; null before the first.' }),
  })
  .meta({ id: 'Liveness' });
export type Liveness = z.infer<typeof liveness>;
export type LineProof = (typeof lineProofs)[number];

/** A time in which a line looked well and heard nothing. */
export const deafGap = z
  .object({
    from: timestamp.meta({ description: 'The line had last proved that it hears.' }),
    to: timestamp.meta({ description: 'It was connected anew.' }),
    lateMessages: z.int().nonnegative().meta({ description: 'Messages of that time that came after it.' }),
  })
  .meta({ id: 'DeafGap' });
export type DeafGap = z.infer<typeof deafGap>;
