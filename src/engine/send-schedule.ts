import type { Certainty, SendErrorCode } from '../connector-api/index.ts';
import { SendError } from '../connector-api/index.ts';
import { toTimestamp } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import type { Random } from '../core/random.ts';
import type { BackoffShape } from './backoff.ts';
import { drawBackoff } from './backoff.ts';
import type { AttemptOutcome, SendFailure } from './ports/index.ts';

/** The cap keeps a message fresh: a room-ready note that comes an hour late is worth little. */
const RETRY_BACKOFF: BackoffShape = { baseMs: 2_000, capMs: 5 * 60_000, floorMs: 500 };
/** About half an hour of tries for a message that surely did not go out; then a person should know. */
const MOST_NOT_SENT_ATTEMPTS = 12;
/**
 * Some hours of connected time for a message whose fate is open. Under the same network id a resend is harmless, but a message
 * that kills its connector each time must not take the whole channel down for ever; it ends as `failed`, certainty `maybe_sent`.
 */
const MOST_MAYBE_SENT_ATTEMPTS = 100;

/** What went wrong with one attempt, in the words of the contract. */
interface ReadFailure {
  readonly code: SendErrorCode;
  readonly certainty: Certainty;
  readonly retryable: boolean;
  readonly retryAfterMs: number;
  readonly nativeCode: string | null;
}

/**
 * What becomes of a message after an attempt that failed. Pure. `maybe_sent` is always tried again under the same network id;
 * `not_sent` is tried again while the connector says that it may help.
 */
export function settleFailure(input: {
  readonly error: unknown;
  readonly attempt: number;
  readonly now: number;
  readonly random: Random;
}): AttemptOutcome {
  const read = readFailure(input.error);
  const failure: SendFailure = { code: read.code, certainty: read.certainty, nativeCode: read.nativeCode };
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
  // A session that is down says nothing against the message.
  return read.code === 'session_down' ? Number.POSITIVE_INFINITY : MOST_NOT_SENT_ATTEMPTS;
}

function readFailure(error: unknown): ReadFailure {
  if (error instanceof SendError)
    return {
      code: error.code,
      certainty: error.certainty,
      retryable: error.retryable,
      retryAfterMs: error.retryAfterMs ?? 0,
      nativeCode: error.nativeCode ?? null,
    };
  // The host's own answers: the process died or did not answer, so the bytes may or may not have left.
  if (error instanceof BellhopError && error.code === 'session_down')
    return { code: 'session_down', certainty: 'maybe_sent', retryable: true, retryAfterMs: 0, nativeCode: null };
  if (error instanceof BellhopError && error.code === 'capability_missing')
    return { code: 'unsupported_content', certainty: 'not_sent', retryable: false, retryAfterMs: 0, nativeCode: null };
  return { code: 'internal_error', certainty: 'maybe_sent', retryable: true, retryAfterMs: 0, nativeCode: null };
}
