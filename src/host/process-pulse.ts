import { z } from 'zod';
import type { SessionVitals } from '../connector-api/index.ts';

const sessionVitals: z.ZodType<SessionVitals> = z.object({
  silentForMs: z.number().nullable(),
  oldestPendingMs: z.number(),
  pushes: z.number(),
});

/** What a process that runs sessions tells of itself and of them, in one note. */
export const processPulse = z.object({
  /** Longest time that its event loop was blocked since the last pulse; ms. */
  loopLagMs: z.number(),
  cpuShare: z.number(),
  rssBytes: z.number(),
  heapBytes: z.number(),
  /** By session; only of those whose connector tells any. */
  vitals: z.record(z.string(), sessionVitals),
});
export type ProcessPulse = z.infer<typeof processPulse>;

/** What a connector told, as plain data; undefined when it is something else. Throws what the connector throws. */
export function readVitals(told: unknown): SessionVitals | undefined {
  return sessionVitals.safeParse(told).data;
}
