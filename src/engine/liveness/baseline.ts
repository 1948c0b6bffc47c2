/** How often the network pushes something to one account, learnt as it goes; older news count less and less. Plain data. */
export interface Baseline {
  /** Pulses with news, per millisecond of the last minutes. */
  readonly newsPerMs: number;
  /** How much of the memory is filled, 0 to 1: what was never looked at must not count as quiet. */
  readonly known: number;
  /** Learnt up to here; monotonic ms. */
  readonly at: number;
}

/** What an account did in the last minutes says whether it is busy; what it did an hour ago does not; ms. */
const MEMORY_MS = 5 * 60_000;
/** A minute's worth of the memory: less of it says nothing about the account, e.g. what waited for it while it was away. */
const LEAST_KNOWN = 0.18;
/** A gap this many times the usual one is worth a question; less would ask all day long. */
const UNUSUAL = 1.5;
/**
 * No gap shorter than this is unusual; ms. With a pulse of 5 s and two answers to wait for (15 s each), silence on a busy account is
 * found within 55 s.
 */
const SHORTEST_GAP_MS = 20_000;
const MOST_DOUBLINGS = 10; // beyond it every quiet time is reached

export function nothingLearnt(now: number): Baseline {
  return { newsPerMs: 0, known: 0, at: now };
}

/**
 * A look at `now` found news, or none. Whether it was one message or fifty does not count: a burst would make a quiet account look
 * busy. Pure.
 */
export function learn(before: Baseline, hasNews: boolean, now: number): Baseline {
  const passedMs = now - before.at;
  if (passedMs <= 0) return before;
  const kept = Math.exp(-passedMs / MEMORY_MS);
  return {
    newsPerMs: before.newsPerMs * kept + (hasNews ? (1 - kept) / passedMs : 0),
    known: before.known * kept + (1 - kept),
    at: now,
  };
}

/** The time of an outage says nothing about the account. Pure. */
export function resumeAt(before: Baseline, now: number): Baseline {
  return { ...before, at: now };
}

/**
 * How long it may be quiet before the line is asked; ms. Each answer without news (`answers` in a row) doubles it, up to `quietMs`:
 * a quiet evening after a busy day is no fault. Pure.
 */
export function askAfterMs(baseline: Baseline, answers: number, quietMs: number): number {
  if (baseline.newsPerMs <= 0) return quietMs;
  const newsPerMs = baseline.newsPerMs / (baseline.known < LEAST_KNOWN ? 1 : baseline.known);
  const unusualMs = Math.max(SHORTEST_GAP_MS, UNUSUAL / newsPerMs);
  const doublings = Math.min(Math.max(answers - 1, 0), MOST_DOUBLINGS);
  return Math.min(quietMs, unusualMs * 2 ** doublings);
}
