import type { DisconnectCause } from '../connector-api/index.ts';
import type { Random } from '../core/random.ts';
import type { BackoffShape } from './backoff.ts';
import { drawBackoff } from './backoff.ts';
import type { SessionState, UserAction } from './model/session.ts';
import type { LadderAdvice } from './version-advice.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** Five minutes at most: a guest should not wait longer for a line that works again. */
const NETWORK_BACKOFF: BackoffShape = { baseMs: SECOND_MS, capMs: 5 * MINUTE_MS, floorMs: 250 };
/** A refused client version is refused again a second later; half an hour is how long a fix may go unnoticed. */
const UPGRADE_BACKOFF: BackoffShape = { baseMs: 2 * MINUTE_MS, capMs: 30 * MINUTE_MS, floorMs: 30 * SECOND_MS };
/** Whoever waits for another session to find an accepted version is woken; this is for the case that nobody does; ms. */
export const LOOK_AGAIN_MS = 5 * MINUTE_MS;
/** A restriction without a stated end: most are lifted within a day, and each knock on the door may prolong one. */
const RESTRICTION_WAIT_MS = 60 * MINUTE_MS;
/** Added to the network's own waiting time, as a share of it, so that sessions do not come back together. */
const RESTRICTION_JITTER = 0.1;
/** A network that asks for a restart more often than this in a row is treated as failing. */
const FREE_RESTARTS = 2;
/** A connection that held this long ends the incident: the next failure counts from one again; ms. */
const STABLE_AFTER_MS = MINUTE_MS;

/** What the supervisor remembers of a session's trouble. */
export interface ReconnectHistory {
  /** Failures in a row, this one included; from 1. */
  readonly failures: number;
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
 * Credentials that the network refused are never tried again.
 */
export function decide(
  history: ReconnectHistory,
  cause: DisconnectCause,
  now: number,
  random: Random,
): ReconnectDecision {
  const retry = (afterMs: number, action: UserAction = 'none'): ReconnectDecision => {
    const waitMs = Math.max(afterMs, cause.retryAfterMs ?? 0);
    return { do: 'retry', afterMs: waitMs, retryAt: now + waitMs, action };
  };
  switch (cause.kind) {
    case 'network':
    case 'unknown':
      return retry(drawBackoff(NETWORK_BACKOFF, history.failures, random));
    case 'restart_required':
      return retry(
        history.failures <= FREE_RESTARTS ? 0 : drawBackoff(NETWORK_BACKOFF, history.failures - FREE_RESTARTS, random),
      );
    case 'client_outdated':
    case 'protocol_changed':
      switch (history.advice?.do) {
        case 'step':
          return retry(history.advice.afterMs);
        case 'wait':
          return retry(LOOK_AGAIN_MS);
        case 'rest':
          return retry(history.advice.afterMs, 'upgrade');
        case undefined:
          return retry(drawBackoff(UPGRADE_BACKOFF, history.failures, random), 'upgrade');
      }
    case 'restricted': {
      const waitMs = cause.retryAfterMs ?? RESTRICTION_WAIT_MS;
      return retry(Math.round(waitMs * (1 + RESTRICTION_JITTER * random.next())), 'wait');
    }
    case 'replaced':
      return { do: 'stop', state: 'stopped', action: 'open_app' };
    case 'logged_out':
      return { do: 'stop', state: 'logged_out', action: 'relink' };
    case 'banned':
      return { do: 'stop', state: 'banned', action: 'open_app' };
  }
}

/** Failures in a row after a connection of `heldMs` ended; `undefined` = it was never made. */
export function countFailure(before: number, heldMs: number | undefined): number {
  return heldMs !== undefined && heldMs >= STABLE_AFTER_MS ? 1 : before + 1;
}
