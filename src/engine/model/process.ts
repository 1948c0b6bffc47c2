import { z } from 'zod';
import { channel, timestamp } from './primitives.ts';

/** A process that runs sessions, as the API shows it. */
export const connectorProcess = z
  .object({
    channel,
    number: z.int().positive().meta({ description: 'The smallest that was free among the processes of the channel.' }),
    pid: z.int().positive().nullable(),
    startedAt: timestamp,
    sessions: z.int().nonnegative().meta({ description: 'Open in it, or being opened.' }),
    retiring: z.boolean().meta({ description: 'Its sessions are being moved elsewhere; then it ends.' }),
    residentBytes: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'As it told within the last five seconds; null before it did.' }),
    heapBytes: z.int().nonnegative().nullable(),
    loopLagMs: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'Longest time that its event loop was blocked in the last five seconds.' }),
  })
  .meta({ id: 'ConnectorProcess' });
export type ConnectorProcess = z.infer<typeof connectorProcess>;
