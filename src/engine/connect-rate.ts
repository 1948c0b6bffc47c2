/** Slower than this nobody gets back in a reasonable time, and no network minds it. */
const LEAST_PER_SECOND = 1;
/** Judged once a second at most, or fifty refusals that come back together would be taken for fifty warnings; ms. */
const WINDOW_MS = 1_000;
/** What was heard longer ago says nothing about now; ms. */
const MEMORY_MS = 60_000;
/** Fewer answers than this are the trouble of single sessions, not of the network. */
const LEAST_ANSWERS = 3;
/** Ten good seconds lead from the slowest to the fastest. */
const STEPS_UP = 10;

/** How fast the sessions of one channel are let begin to connect. */
export interface ConnectRate {
  readonly perSecond: number;
  /** The most that is allowed. */
  readonly most: number;
  /** Since when answers are counted; monotonic ms. */
  readonly since: number;
  readonly accepted: number;
  readonly troubled: number;
}

export function openRate(most: number, now: number): ConnectRate {
  return { perSecond: most, most, since: now, accepted: 0, troubled: 0 };
}

/**
 * Additive increase, multiplicative decrease: while most attempts meet trouble (no answer, "later", "too many") it is halved each
 * second; while most are accepted it grows by a tenth of the most. Pure.
 */
export function noteAnswer(rate: ConnectRate, answer: 'accepted' | 'troubled', now: number): ConnectRate {
  const heard = now - rate.since > MEMORY_MS ? restarted(rate, now) : rate;
  const next = { ...heard, [answer]: heard[answer] + 1 };
  if (now - next.since < WINDOW_MS || next.accepted + next.troubled < LEAST_ANSWERS) return next;
  return next.troubled >= next.accepted ? slowDown(next, now) : restarted({ ...next, perSecond: faster(next) }, now);
}

/** This machine cannot keep up: the same as trouble, without waiting for answers. Pure. */
export function noteOverload(rate: ConnectRate, now: number): ConnectRate {
  return now - rate.since < WINDOW_MS ? rate : slowDown(rate, now);
}

function slowDown(rate: ConnectRate, now: number): ConnectRate {
  return restarted({ ...rate, perSecond: Math.max(Math.min(LEAST_PER_SECOND, rate.most), rate.perSecond / 2) }, now);
}

function faster({ perSecond, most }: ConnectRate): number {
  return Math.min(most, perSecond + most / STEPS_UP);
}

function restarted(rate: ConnectRate, now: number): ConnectRate {
  return { ...rate, since: now, accepted: 0, troubled: 0 };
}
