import type { DeafLayer } from './judge.ts';

const MINUTE_MS = 60_000;
/** Deafness that is found again this soon after a step was not cured by it; ms. */
export const FAILED_WITHIN_MS = 15 * MINUTE_MS;
/** A line that held for so long is well again, and the next trouble begins with the mildest step; ms. */
export const PROVEN_MS = 60 * MINUTE_MS;
/** How often the last step is tried again once a person has been told; ms. */
export const AGAIN_MS = 30 * MINUTE_MS;

/** A new socket on the same session; a new session in the same process; a session in a process that never ran it. */
export type Renewal = 'socket' | 'session' | 'process';
const order: readonly Renewal[] = ['socket', 'session', 'process'];

/** What was done about a deaf line. Plain data. */
export interface RenewalHistory {
  readonly last: Renewal | undefined;
  /** When the line was connected after it, or before that when it was ordered; monotonic ms. */
  readonly at: number;
  /** A person has been told that nothing helped. */
  readonly isTold: boolean;
}

export const nothingTried: RenewalHistory = { last: undefined, at: 0, isTold: false };

export type Escalation =
  | { readonly do: 'renew'; readonly what: Renewal; readonly history: RenewalHistory }
  | { readonly do: 'tell'; readonly history: RenewalHistory }
  /** A person has been told; the last step is not due yet. */
  | { readonly do: 'wait'; readonly history: RenewalHistory };

/** The next step after a line was found deaf at `now`. Pure. */
export function escalate(before: RenewalHistory, layer: DeafLayer, now: number): Escalation {
  const history = now - before.at >= PROVEN_MS ? nothingTried : before;
  if (history.last === undefined) return renew(mildest(layer), false, now);
  const agoMs = now - history.at;
  if (history.isTold) return agoMs >= AGAIN_MS ? renew('process', true, now) : { do: 'wait', history };
  if (agoMs >= FAILED_WITHIN_MS) return renew(history.last, false, now);
  const next = order[order.indexOf(history.last) + 1];
  return next === undefined ? { do: 'tell', history: { ...history, isTold: true } } : renew(next, false, now);
}

/** The line is connected again: from here on it is seen whether the step helped. Pure. */
export function connectedAgain(before: RenewalHistory, now: number): RenewalHistory {
  return before.last === undefined ? before : { ...before, at: now };
}

/** A library that is stuck does not come loose by another socket. */
function mildest(layer: DeafLayer): Renewal {
  return layer === 'library' ? 'session' : 'socket';
}

function renew(what: Renewal, isTold: boolean, now: number): Escalation {
  return { do: 'renew', what, history: { last: what, at: now, isTold } };
}
