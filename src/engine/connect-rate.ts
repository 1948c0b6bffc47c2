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
/** After a rest nobody knows what network and machine bear now: this share of the most, and more as it goes well. */
const FIRST_SHARE = 0.4;
/** Under way at once, for each that may begin in a second: a handshake over the internet takes up to two. */
const SECONDS_UNDER_WAY = 2;
/** So many in any case, or a few attempts that hang would hold up everybody; few enough for a machine that has no CPU to spare. */
const LEAST_AT_ONCE = 16;

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
  return { perSecond: most * FIRST_SHARE, most, since: now, accepted: 0, troubled: 0 };
}

/** The rate at this moment: without answers for a minute it is no more than at the beginning. Pure. */
export function rateAt(rate: ConnectRate, now: number): ConnectRate {
  if (now - rate.since <= MEMORY_MS) return rate;
  return restarted({ ...rate, perSecond: Math.min(rate.perSecond, rate.most * FIRST_SHARE) }, now);
}

/**
 * How many attempts may be under way. Where everything takes long because there are too many, more at once would only make
 * them all too late. Pure.
 */
export function mostAtOnce({ perSecond }: ConnectRate): number {
  return Math.max(LEAST_AT_ONCE, Math.ceil(perSecond * SECONDS_UNDER_WAY));
}

/**
 * Additive increase, multiplicative decrease: while most attempts meet trouble (no answer, "later", "too many") it is halved each
 * second; while most are accepted it grows by a tenth of the most. Pure.
 */
export function noteAnswer(rate: ConnectRate, answer: 'accepted' | 'troubled', now: number): ConnectRate {
  const heard = rateAt(rate, now);
  const next = { ...heard, [answer]: heard[answer] + 1 };
  if (now - next.since < WINDOW_MS || next.accepted + next.troubled < LEAST_ANSWERS) return next;
  return next.troubled >= next.accepted
    ? slowDown(next, LEAST_PER_SECOND, now)
    : restarted({ ...next, perSecond: faster(next) }, now);
}

/**
 * This machine cannot keep up: slower, without waiting for answers, but no slower than half of the careful beginning. The load may be
 * somebody else's, and sessions that stay away do not lighten it. Pure.
 */
export function noteOverload(rate: ConnectRate, now: number): ConnectRate {
  if (now - rate.since < WINDOW_MS) return rate;
  const leastPerSecond = (rate.most * FIRST_SHARE) / 2;
  return rate.perSecond <= leastPerSecond ? rate : slowDown(rate, leastPerSecond, now);
}

function slowDown(rate: ConnectRate, leastPerSecond: number, now: number): ConnectRate {
  return restarted({ ...rate, perSecond: Math.max(Math.min(leastPerSecond, rate.most), rate.perSecond / 2) }, now);
}

function faster({ perSecond, most }: ConnectRate): number {
  return Math.min(most, perSecond + most / STEPS_UP);
}

function restarted(rate: ConnectRate, now: number): ConnectRate {
  return { ...rate, since: now, accepted: 0, troubled: 0 };
}
