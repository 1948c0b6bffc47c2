import type { Certainty, LimitScope, SendErrorCode } from '../connector-api/index.ts';
import { SendError } from '../connector-api/index.ts';
import { toTimestamp } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { BackoffShape } from './backoff.ts';
import { drawBackoff } from './backoff.ts';
import type { AttemptOutcome, NewLimit, SendFailure } from './ports/index.ts';

/** The cap keeps a message fresh: a room-ready note that comes an hour late is worth little. */
const RETRY_BACKOFF: BackoffShape = { baseMs: 2_000, capMs: 5 * 60_000, floorMs: 500 };
/** About half an hour of tries for a message that surely did not go out; then a person should know. */
const MOST_NOT_SENT_ATTEMPTS = 12;
/**
 * Some hours of connected time for a message whose fate is open. Under the same network id a resend is harmless, but a message
 * that kills its connector each time must not take the whole channel down for ever; it ends as `failed`, certainty `maybe_sent`.
 */
const MOST_MAYBE_SENT_ATTEMPTS = 100;

/**
 * How long a limit is believed to last where the network gives no end; then one message is tried; ms. Slow modes are seconds to
 * minutes and flood waits mostly minutes. Restrictions of accounts that are taken for senders of spam last days, and asking each
 * hour would look like what they are for.
 */
export const ASSUMED_LIMIT_MS: Readonly<Record<LimitScope, number>> = {
  chat: 60_000,
  account: 5 * 60_000,
  new_chats: 24 * 60 * 60_000,
};
/** Longer waits than a year are no time but a mistake; ms. */
const LONGEST_LIMIT_MS = 365 * 24 * 60 * 60_000;

/** What went wrong with one attempt, in the words of the contract. */
interface ReadFailure {
  readonly code: SendErrorCode;
  readonly certainty: Certainty;
  readonly retryable: boolean;
  readonly retryAfterMs: number;
  readonly nativeCode: string | null;
  readonly detail?: string;
}

/** What the network has closed, if that is what the error says. What may have been sent is settled as such first. */
function readLimit(error: unknown, now: number): NewLimit | null {
  if (!(error instanceof SendError) || error.certainty === 'maybe_sent') return null;
  const { scope, code, nativeCode, retryAfterMs } = error;
  if (scope === undefined || scope === 'message') return null;
  const waitMs = Math.min(LONGEST_LIMIT_MS, Math.ceil(retryAfterMs ?? ASSUMED_LIMIT_MS[scope]));
  return { scope, code, nativeCode: nativeCode ?? null, until: now + waitMs, isAssumed: retryAfterMs === undefined };
}

/**
 * What becomes of a message after an attempt that failed. Pure. `maybe_sent` is always tried again under the same network id;
 * `not_sent` is tried again while the connector says that it may help. A limit of the network counts against no message.
 */
export function settleFailure(input: {
  readonly error: unknown;
  readonly attempt: number;
  readonly now: number;
  readonly random: Random;
}): AttemptOutcome {
  const limit = readLimit(input.error, input.now);
  if (limit !== null) return { type: 'limited', at: input.now, limit };
  const read = readFailure(input.error);
  const { code, certainty, nativeCode, detail } = read;
  const failure: SendFailure = { code, certainty, nativeCode, ...(detail === undefined ? {} : { detail }) };
  const again = read.certainty === 'maybe_sent' || read.retryable;
  if (!again || input.attempt >= mostAttempts(read)) return { type: 'failed', at: input.now, failure };
  const waitMs = Math.max(Math.ceil(read.retryAfterMs), drawBackoff(RETRY_BACKOFF, input.attempt, input.random));
  const notBefore = input.now + waitMs;
  return {
    type: 'retry',
    at: input.now,
    notBefore,
    failure,
    heldBy: {
      rule: read.certainty === 'maybe_sent' ? 'unsettled' : 'retry',
      until: toTimestamp(notBefore),
      detail:
        read.certainty === 'maybe_sent'
          ? 'It is open whether the network took the message; it is sent again under the same id, which the guest sees once.'
          : 'The network did not take the message; it is tried again.',
    },
  };
}

function mostAttempts(read: ReadFailure): number {
  if (read.certainty === 'maybe_sent') return MOST_MAYBE_SENT_ATTEMPTS;
  // Neither a session that is down nor a wait that the network asks for says anything against the message.
  const isInnocent = read.code === 'session_down' || (read.code === 'rate_limited' && read.retryAfterMs > 0);
  return isInnocent ? Number.POSITIVE_INFINITY : MOST_NOT_SENT_ATTEMPTS;
}

function readFailure(error: unknown): ReadFailure {
  if (error instanceof SendError)
    return {
      code: error.code,
      certainty: error.certainty,
      retryable: error.retryable,
      retryAfterMs: error.retryAfterMs ?? 0,
      nativeCode: error.nativeCode ?? null,
      ...(error.message === error.code ? {} : { detail: error.message }),
    };
  // The host's own answers: the process died or did not answer, so the bytes may or may not have left.
  if (error instanceof BellhopError && error.code === 'session_down')
    return { code: 'session_down', certainty: 'maybe_sent', retryable: true, retryAfterMs: 0, nativeCode: null };
  if (error instanceof BellhopError && error.code === 'capability_missing')
    return { code: 'unsupported_content', certainty: 'not_sent', retryable: false, retryAfterMs: 0, nativeCode: null };
  return { code: 'internal_error', certainty: 'maybe_sent', retryable: true, retryAfterMs: 0, nativeCode: null };
}
