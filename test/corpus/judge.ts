import type { Fault, Response } from './fault.ts';
import type { Observation } from './observe.ts';

/** A wait that the network told may be rounded; ms. */
const TOLERANCE_MS = 1_500;
/** After a fault is over, so much later at most; the longest wait between two attempts is some minutes. Ms. */
const LATEST_BACK_MS = 15 * 60_000;
/** Attempts a minute that no network would call patient. */
const MOST_A_MINUTE = 20;
const MINUTE_MS = 60_000;

export interface Verdict {
  readonly id: string;
  readonly response: Response | 'nothing';
  /** Empty = right. */
  readonly wrong: readonly string[];
  /** Tries where a person was needed, or waits for a person where trying was right. */
  readonly isDangerous: boolean;
  readonly seen: Observation;
}

/** Compares what was seen with the label. */
export function judge({ id, label }: Pick<Fault<never>, 'id' | 'label'>, seen: Observation): Verdict {
  const response = responseOf(label.responses, label.waitMs, seen);
  const wrong: string[] = [];
  const told = [seen.kinds[0], seen.kinds.at(-1)].filter((kind) => kind !== undefined);
  for (const kind of new Set(told)) {
    if (!label.kinds.includes(kind)) wrong.push(`cause ${String(kind)}, not ${label.kinds.join(' or ')}`);
  }
  const isRight = response !== 'nothing' && label.responses.includes(response);
  if (!isRight) wrong.push(`${response}, not: ${label.responses.join(', or ')}`);
  // On the way to a stop it may need nobody for a while.
  const asked = new Set([
    ...seen.actions.filter((action) => action !== 'none'),
    ...(seen.falls > 0 ? [seen.action] : []),
  ]);
  for (const action of asked) {
    if (!label.person.includes(action)) wrong.push(`asks a person for ${action}, not ${label.person.join(' or ')}`);
  }
  if (seen.knocks > MOST_A_MINUTE * (1 + seen.elapsedMs / MINUTE_MS)) wrong.push(`${String(seen.knocks)} attempts`);
  const isBack =
    label.after !== 'connected' ||
    (seen.backAfterMs !== null && seen.backAfterMs <= (label.backWithinMs ?? latestBack(label.waitMs)));
  if (!isBack) wrong.push(`not connected again: ${seen.stateAfter}, ${String(seen.backAfterMs)} ms`);
  if (label.keepsVersion === true && seen.versions.length > 1)
    wrong.push(`announced ${String(seen.versions.length)} versions`);
  const staysAway = label.after !== 'stopped' || seen.knocksWhileStopped === 0;
  if (!staysAway) wrong.push(`${String(seen.knocksWhileStopped)} attempts while a person is waited for`);
  if (label.asksAgain === true && response === 'carries on' && seen.knocks === 0) wrong.push('never asked again');
  for (const crash of new Set(seen.crashes)) wrong.push(`ends its process: ${crash}`);
  const mayStop = label.responses.includes('stops');
  const isDangerous =
    (response === 'stops' && !mayStop) ||
    (label.after === 'stopped' && response !== 'stops') ||
    (label.after === 'connected' && !isBack && seen.backAfterMs === null) ||
    !staysAway;
  return { id, response, wrong, isDangerous, seen };
}

const latestBack = (waitMs = 0): number => Math.max(LATEST_BACK_MS, waitMs * 1.5);

function responseOf(
  accepted: readonly Response[],
  waitMs: number | undefined,
  seen: Observation,
): Response | 'nothing' {
  if (['logged_out', 'banned', 'stopped', 'unlinked'].includes(seen.state)) return 'stops';
  if (seen.falls === 0) return ['connected', 'degraded'].includes(seen.state) ? 'carries on' : 'nothing';
  if (accepted.includes('tries other versions') && seen.versions.length > 1) return 'tries other versions';
  const wait = seen.firstWaitMs;
  if (waitMs !== undefined && wait !== null && wait >= waitMs - TOLERANCE_MS) return 'waits, then retries';
  return 'retries alone';
}
