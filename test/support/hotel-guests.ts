import { isTalk } from '../../src/engine/pacing/lanes.ts';
import type { ChatFacts, Lane } from '../../src/engine/pacing/types.ts';
import type { Draws } from './hotel-draws.ts';
import { isFirstWord } from './hotel-log.ts';
import type { HotelGuest } from './hotel-month.ts';

const MINUTE_MS = 60_000;
/** Waits for answers are a mixture of two log-normals (Stouffer 2006): those who are at it, and those who come back to it. */
const SOON = { share: 0.6, medianMs: 4 * MINUTE_MS, sigma: 1 } as const;
const LATER = { medianMs: 100 * MINUTE_MS, sigma: 1 } as const;
/** In a talk that goes on. */
const NEXT = { chance: 0.4, medianMs: 2 * MINUTE_MS, sigma: 0.9 } as const;
const OFTEN_BLOCKS_WITH_OPT_OUT = 0.2;
/** Phones of travellers: most are on, some are in a plane, a cellar or a safe. Own estimate. */
const PHONE_ON = { share: 0.9, medianMs: 1_500, sigma: 0.8 } as const;
const PHONE_OFF = { medianMs: 120 * MINUTE_MS, sigma: 1 } as const;
/**
 * How much a guest minds a message, as factors of the rates that surveys tell (0.4 to 0.9 % of hotels' messages, TextUs). Those are
 * means over what hotels send, and so is the mean of these; how far they lie apart is an own estimate.
 */
const MINDS = { usual: 0.6, promotional: 2, firstWord: 1.5, eachUnanswered: 1.5, atNight: 4 } as const;
/** Who is sent fifty messages does not mind each one more than the last for ever. */
const MOST_MINDED = 50;
/** However annoying: others have their phone on silent, or do not care. */
const MOST_OFTEN = 0.3;

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const NIGHT = { from: 22, to: 7 } as const;

/** What a guest got. */
export interface Received {
  /** The guest asked, or is warned: nobody minds. */
  readonly isTalk: boolean;
  readonly isPromotional: boolean;
  /** The hotel's first word to somebody who never wrote. */
  readonly isFirstWord: boolean;
  readonly isAtNight: boolean;
  /** So many before it have not been answered. */
  readonly unanswered: number;
}

/** `wallAt`: what the clock of the house shows, as if it were UTC. */
export function receivedOf(lane: Lane, facts: ChatFacts, wallAt: number): Received {
  const hour = Math.floor((wallAt % DAY_MS) / HOUR_MS);
  return {
    isTalk: isTalk(lane),
    isPromotional: lane === 'promotional',
    isFirstWord: isFirstWord(facts),
    isAtNight: hour >= NIGHT.from || hour < NIGHT.to,
    unanswered: facts.unanswered,
  };
}

export type Reaction =
  | { readonly do: 'write'; readonly afterMs: number; readonly words: number }
  | { readonly do: 'opt_out' | 'block'; readonly afterMs: number };

/** What a guest does about a message. */
export function reactionsTo(guest: HotelGuest, received: Received, draws: Draws): readonly Reaction[] {
  const words = 2 + Math.min(50, Math.round(draws.logNormal(7, 0.7)));
  if (received.isTalk)
    return draws.chance(NEXT.chance)
      ? [{ do: 'write', afterMs: draws.logNormal(NEXT.medianMs, NEXT.sigma), words }]
      : [];
  const { medianMs, sigma } = draws.chance(SOON.share) ? SOON : LATER;
  const afterMs = draws.logNormal(medianMs, sigma);
  const minded = mindedBy(received);
  if (draws.chance(Math.min(MOST_OFTEN, guest.optOutRate * minded))) {
    const blocks: readonly Reaction[] = draws.chance(OFTEN_BLOCKS_WITH_OPT_OUT) ? [{ do: 'block', afterMs }] : [];
    return [{ do: 'opt_out', afterMs }, ...blocks];
  }
  if (draws.chance(Math.min(MOST_OFTEN, guest.blockRate * minded))) return [{ do: 'block', afterMs }];
  return draws.chance(guest.replyRate) ? [{ do: 'write', afterMs, words }] : [];
}

/** How long a message takes to the guest's phone; ms. */
export function arrivesAfterMs(draws: Draws): number {
  const { medianMs, sigma } = draws.chance(PHONE_ON.share) ? PHONE_ON : PHONE_OFF;
  return draws.logNormal(medianMs, sigma);
}

function mindedBy({ isPromotional, isFirstWord, isAtNight, unanswered }: Received): number {
  const factor =
    MINDS.usual *
    (isPromotional ? MINDS.promotional : 1) *
    (isFirstWord ? MINDS.firstWord : 1) *
    (isAtNight ? MINDS.atNight : 1) *
    MINDS.eachUnanswered ** unanswered;
  return Math.min(MOST_MINDED, factor);
}
