import { z } from 'zod';
import { spanWords } from '../engine/explain-session.ts';
import type { ApiClient } from './api-client.ts';

const alertWays = z.object({
  data: z.array(
    z.object({ way: z.string(), waiting: z.int(), failingSince: z.string().nullable(), reason: z.string().nullable() }),
  ),
});

/** A way of telling alerts that takes nothing just now. */
export interface SilentWay {
  readonly way: string;
  /** In a sentence: for how long, why, and what waits. */
  readonly text: string;
}

/** Who is not told of alerts just now, of those who should be. `now`: epoch ms. */
export async function silentWays(client: ApiClient, now: number): Promise<readonly SilentWay[]> {
  const { data } = alertWays.parse(await client.get('/v1/alerts/ways'));
  return data.flatMap(({ way, waiting, failingSince, reason }) => {
    if (failingSince === null) return [];
    const waits = waiting === 0 ? '' : ` ${waiting} ${waiting === 1 ? 'alert waits' : 'alerts wait'} to be told.`;
    return [
      { way, text: `takes no alerts for ${spanWords(now - Date.parse(failingSince))}: ${reason ?? ''}.${waits}` },
    ];
  });
}
