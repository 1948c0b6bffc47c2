import type { DisconnectCause, FinalReason } from '../connector-api/index.ts';
import type { Random } from '../core/random.ts';
import type { BackoffShape } from './backoff.ts';
import { drawBackoff } from './backoff.ts';
import type { SessionState, UserAction } from './model/session.ts';
import type { LadderAdvice } from './version-advice.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Five minutes at most: a guest should not wait longer for a line that works again. */
const NETWORK_BACKOFF: BackoffShape = { baseMs: SECOND_MS, capMs: 5 * MINUTE_MS, floorMs: 250 };
/** Our own process died and the network is well: back within moments, and no slower than after anything else if it goes on dying. */
const OWN_FAULT_BACKOFF: BackoffShape = { baseMs: 250, capMs: 5 * MINUTE_MS, floorMs: 50 };
/** A refused client version is refused again a second later; half an hour is how long a fix may go unnoticed. */
const UPGRADE_BACKOFF: BackoffShape = { baseMs: 2 * MINUTE_MS, capMs: 30 * MINUTE_MS, floorMs: 30 * SECOND_MS };
/** What no version understands may have been garbled on the way: soon again, then as seldom as with a refused version. */
const UNREADABLE_BACKOFF: BackoffShape = { baseMs: SECOND_MS, capMs: 30 * MINUTE_MS, floorMs: 250 };
/** So often in a row nothing on the way garbles an answer by chance. */
const UNREADABLE_BY_CHANCE = 6;
/** Whoever waits for another session to find an accepted version is woken; this is for the case that nobody does; ms. */
export const LOOK_AGAIN_MS = 5 * MINUTE_MS;
/** A restriction without a stated end: most are lifted within a day, and each knock on the door may prolong one. */
const RESTRICTION_WAIT_MS = HOUR_MS;
/** Added to the network's own waiting time, as a share of it, so that sessions do not come back together. */
const WAIT_JITTER = 0.1;
/** A network's waiting time beyond a month is a mistake; the session asks again then. */
const LONGEST_WAIT_MS = 30 * 24 * HOUR_MS;
/** A network that asks for a restart more often than this in a row is treated as failing. */
const FREE_RESTARTS = 2;
/** A connection that held this long ends the incident: the next failure counts from one again; ms. */
export const STABLE_AFTER_MS = MINUTE_MS;
/** A ghost of our own (a changed network, a killed process) is gone from the server within a minute or two; ms. */
const GHOST_WAIT_MS = MINUTE_MS;
/** Replaced again this soon after we came back, it is another program, and it would go on for ever; ms. */
const FIGHT_WINDOW_MS = HOUR_MS;
/** Nobody's ghosts come this often in `REPLACED_MEMORY_MS`: somebody opens the link elsewhere, again and again. */
const MOST_REPLACED = 3;
/** How long an end of kind `replaced` is remembered; ms. */
export const REPLACED_MEMORY_MS = 24 * HOUR_MS;

/** What the supervisor remembers of a session's trouble. */
export interface ReconnectHistory {
  /** Failures in a row, this one included; from 1. */
  readonly failures: number;
  /** Those of them in which our own process died; 0 = this one is the network's. */
  readonly ownFaults?: number;
  /** How long ago each earlier end of kind `replaced` was, of the last day; ms. */
  readonly replacedAgoMs?: readonly number[];
  /** What the ladder of client versions says; absent where the channel has none, or the cause is no matter of versions. */
  readonly advice?: LadderAdvice | undefined;
}

export type ReconnectDecision =
  | { readonly do: 'retry'; readonly afterMs: number; readonly retryAt: number; readonly action: UserAction }
  | {
      readonly do: 'stop';
      readonly state: Extract<SessionState, 'logged_out' | 'banned' | 'stopped'>;
      readonly action: UserAction;
    };

/**
 * What to do about a connection that ended or could not be made. Pure: asked by the session runner, which carries it out.
 * Credentials that the network refused are never tried again, and nothing is tried before the network's own waiting time is over.
 */
export function decide(
  history: ReconnectHistory,
  cause: DisconnectCause,
  now: number,
  random: Random,
): ReconnectDecision {
  const { failures, ownFaults = 0, replacedAgoMs = [], advice } = history;
  const retry = (afterMs: number, action: UserAction = 'none'): ReconnectDecision => {
    const waitMs = Math.max(afterMs, spread(cause.retryAfterMs ?? 0, random));
    return { do: 'retry', afterMs: waitMs, retryAt: now + waitMs, action };
  };
  if (cause.kind === 'logged_out') return { do: 'stop', state: 'logged_out', action: 'relink' };
  if (cause.kind === 'banned') return { do: 'stop', state: 'banned', action: 'open_app' };
  if (cause.final !== undefined) return { do: 'stop', state: 'stopped', action: FINAL_ACTIONS[cause.final] };
  switch (cause.kind) {
    case 'network':
    case 'unknown':
      return retry(
        ownFaults > 0
          ? drawBackoff(OWN_FAULT_BACKOFF, ownFaults, random)
          : drawBackoff(NETWORK_BACKOFF, failures, random),
      );
    case 'restart_required':
      return retry(failures <= FREE_RESTARTS ? 0 : drawBackoff(NETWORK_BACKOFF, failures - FREE_RESTARTS, random));
    case 'client_outdated':
    case 'protocol_changed':
      switch (advice?.do) {
        case 'step':
          return retry(advice.afterMs);
        case 'wait':
          return retry(LOOK_AGAIN_MS);
        case 'rest':
          return retry(advice.afterMs, 'upgrade');
        case undefined:
          if (cause.anyVersion === true)
            return retry(
              drawBackoff(UNREADABLE_BACKOFF, failures, random),
              failures > UNREADABLE_BY_CHANCE ? 'upgrade' : 'none',
            );
          return retry(drawBackoff(UPGRADE_BACKOFF, failures, random), 'upgrade');
      }
    case 'restricted':
      return retry(
        cause.retryAfterMs === undefined
          ? spread(RESTRICTION_WAIT_MS, random)
          : drawBackoff(NETWORK_BACKOFF, failures, random), // in case that the network names no time worth the name
        'wait',
      );
    case 'replaced':
      return isFight(replacedAgoMs)
        ? { do: 'stop', state: 'stopped', action: 'open_app' }
        : retry(Math.round(GHOST_WAIT_MS * (1 + random.next())));
  }
}

const FINAL_ACTIONS: Readonly<Record<FinalReason, UserAction>> = { configuration: 'start', elsewhere: 'open_app' };

/** Coming back would be taken for an attack by the other program, which does the same. */
function isFight(replacedAgoMs: readonly number[]): boolean {
  return (
    replacedAgoMs.some((agoMs) => agoMs < FIGHT_WINDOW_MS) ||
    replacedAgoMs.filter((agoMs) => agoMs < REPLACED_MEMORY_MS).length >= MOST_REPLACED
  );
}

/** Never before `waitMs`, and not all at the same moment. */
function spread(waitMs: number, random: Random): number {
  if (!(waitMs > 0)) return 0;
  const askedMs = Math.ceil(Math.min(waitMs, LONGEST_WAIT_MS));
  return askedMs + Math.round(askedMs * WAIT_JITTER * random.next());
}

/** Failures in a row after a connection of `heldMs` ended; `undefined` = it was never made. */
export function countFailure(before: number, heldMs: number | undefined): number {
  return heldMs !== undefined && heldMs >= STABLE_AFTER_MS ? 1 : before + 1;
}
