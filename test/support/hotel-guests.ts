import type { Draws } from './hotel-draws.ts';
import type { HotelGuest } from './hotel-month.ts';

const MINUTE_MS = 60_000;
/** Waits for answers are a mixture of two log-normals (Stouffer 2006): those who are at it, and those who come back to it. */
const SOON = { share: 0.6, medianMs: 4 * MINUTE_MS, sigma: 1 } as const;
const LATER = { medianMs: 100 * MINUTE_MS, sigma: 1 } as const;
/** In a talk that goes on. */
const NEXT = { chance: 0.4, medianMs: 2 * MINUTE_MS, sigma: 0.9 } as const;
const OFTEN_BLOCKS_WITH_OPT_OUT = 0.2;

export type Reaction =
  | { readonly do: 'write'; readonly afterMs: number; readonly words: number }
  | { readonly do: 'opt_out' | 'block'; readonly afterMs: number };

/** What a guest does about a message. */
export function reactionsTo(guest: HotelGuest, isAnswer: boolean, draws: Draws): readonly Reaction[] {
  const words = 2 + Math.min(50, Math.round(draws.logNormal(7, 0.7)));
  if (isAnswer)
    return draws.chance(NEXT.chance)
      ? [{ do: 'write', afterMs: draws.logNormal(NEXT.medianMs, NEXT.sigma), words }]
      : [];
  const { medianMs, sigma } = draws.chance(SOON.share) ? SOON : LATER;
  const afterMs = draws.logNormal(medianMs, sigma);
  if (draws.chance(guest.optOutRate)) {
    const blocks: readonly Reaction[] = draws.chance(OFTEN_BLOCKS_WITH_OPT_OUT) ? [{ do: 'block', afterMs }] : [];
    return [{ do: 'opt_out', afterMs }, ...blocks];
  }
  if (draws.chance(guest.blockRate)) return [{ do: 'block', afterMs }];
  return draws.chance(guest.replyRate) ? [{ do: 'write', afterMs, words }] : [];
}
