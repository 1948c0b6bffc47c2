import type { CanaryAnswerer } from '../../connector-api/index.ts';
import type { Random } from '../../core/random.ts';
import type { Baseline } from './baseline.ts';
import { askAfterMs } from './baseline.ts';
import type { LineFacts } from './judge.ts';
import type { PhoneSilence } from './phone-silence.ts';
import { askPhoneAfterMs } from './phone-silence.ts';

const MINUTE_MS = 60_000;
/**
 * After this share of the quiet time at the earliest, and that one at the latest: 4 min become 3 to 4.4. With two answers to wait for
 * and a pulse, deafness of a quiet account is found within 5 min; and a thousand sessions do not ask at once.
 */
const EARLIEST_SHARE = 0.75;
const LATEST_SHARE = 1.1;
/** A network that did not send something by itself is looked at again soon; ms. */
const SUSPECTED_MS = 30_000;
const MOST_DOUBLINGS = 10;

/** How often a line is asked while it is quiet; minutes, 0 = only when something looks wrong. */
export interface LivenessSettings {
  readonly canaryMinutes: number;
  readonly phoneCanaryMinutes: number;
}

export const defaultLiveness: LivenessSettings = { canaryMinutes: 4, phoneCanaryMinutes: 4 };

/** When a session's line is asked next. Kept by its watch. */
export class AskingPace {
  readonly #random: Random;
  readonly #usualMs: number;
  #quietMs = 0;

  constructor(deps: { settings: LivenessSettings; answeredBy: CanaryAnswerer; random: Random }) {
    const { canaryMinutes, phoneCanaryMinutes } = deps.settings;
    const minutes = deps.answeredBy === 'phone' ? phoneCanaryMinutes : canaryMinutes;
    this.#random = deps.random;
    this.#usualMs = minutes === 0 ? Number.POSITIVE_INFINITY : minutes * MINUTE_MS;
    this.draw();
  }

  /** After each answer, so that sessions do not fall into step. */
  draw(): void {
    this.#quietMs = this.#usualMs * (EARLIEST_SHARE + (LATEST_SHARE - EARLIEST_SHARE) * this.#random.next());
  }

  /** How long the line may be quiet; ms. */
  askAfterMs(
    { missed, answers }: Pick<LineFacts, 'missed'> & { readonly answers: number },
    baseline: Baseline,
    phone: PhoneSilence | undefined,
  ): number {
    if (missed > 0) return Math.min(this.#quietMs, SUSPECTED_MS * 2 ** Math.min(answers, MOST_DOUBLINGS));
    return phone === undefined ? askAfterMs(baseline, answers, this.#quietMs) : askPhoneAfterMs(phone, this.#quietMs);
  }
}
