import type { Limits } from './limits.ts';
import { defaultLimits } from './limits.ts';

/** Minutes from local midnight, 0 to 1439; where both are the same there are no quiet hours. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** What a property may set. Everything else about people is in `human-times.ts`. */
export interface Rules {
  /** IANA name of the property's time zone. */
  readonly timeZone: string;
  /** Nothing goes out by itself then; guests are answered, and safety waits for nothing. */
  readonly quietHours: QuietHours;
  /** How busy the desk is in each hour of the local day, 24 numbers above 0; 1 = the busiest. */
  readonly hourWeights: readonly number[];
  /** What staff type on: decides how long a text takes. */
  readonly typing: 'keyboard' | 'phone';
  readonly limits: Limits;
}

const MINUTES_PER_HOUR = 60;
const QUIET_FROM_HOUR = 21;
const QUIET_TO_HOUR = 8;

/**
 * No record of hotels' hours was found; these are the usual ones: arrivals are prepared from 9 to 11, rooms fall ready and guests
 * arrive from 14 to 18, and the evening starts at 19. In the hours that are quiet the weight plays no part.
 */
const HOUR_WEIGHTS: readonly number[] = [
  0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.4, 0.6, 0.8, 1, 1, 0.8, 0.6, 0.6, 1, 1, 1, 1, 0.7, 0.9, 0.6, 0.4, 0.3, 0.3,
];

/** What holds where nobody has set anything. */
export function defaultRules(timeZone: string): Rules {
  return {
    timeZone,
    quietHours: { from: QUIET_FROM_HOUR * MINUTES_PER_HOUR, to: QUIET_TO_HOUR * MINUTES_PER_HOUR },
    hourWeights: HOUR_WEIGHTS,
    typing: 'keyboard',
    limits: defaultLimits,
  };
}
