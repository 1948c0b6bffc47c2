import type { DisconnectCause } from '../connector-api/index.ts';
import { DisconnectError } from '../connector-api/index.ts';
import type { ErrorCode } from '../core/errors.ts';
import { BellhopError } from '../core/errors.ts';
import { connectTimeoutCause, lostChildCause, unknownCause } from './causes.ts';

/** What another attempt cannot change: a person has to mend it first. */
const MENDED_BY_PEOPLE: ReadonlySet<ErrorCode> = new Set([
  'vault_key_missing',
  'vault_key_wrong',
  'vault_corrupt',
  'connector_missing',
  'unknown_channel',
  'invalid_session_id',
]);

export function needsMending(error: unknown): error is BellhopError {
  return error instanceof BellhopError && MENDED_BY_PEOPLE.has(error.code);
}

/** Why an attempt to open or connect failed, in the words of `decide`; `isOpen`: the process is still there. Pure. */
export function causeOfFailure(error: unknown, isOpen: boolean): DisconnectCause {
  if (error instanceof DisconnectError) return error.reason;
  if (!(error instanceof BellhopError)) return unknownCause;
  // The host's word for "no answer": the process died, or the deadline passed.
  if (error.code === 'session_down') return isOpen ? connectTimeoutCause : lostChildCause();
  return { kind: 'unknown', code: error.code, detail: error.title };
}

/** Whether it speaks against coming in numbers: no answer, "later", "too many". A refusal of this account alone does not. Pure. */
export function isTrouble(error: unknown): boolean {
  if (!(error instanceof DisconnectError)) return !needsMending(error);
  const { kind, final, retryAfterMs } = error.reason;
  if (final !== undefined) return false;
  return kind === 'network' || kind === 'unknown' || kind === 'restricted' || retryAfterMs !== undefined;
}

/** The process of the connector is gone: our fault, not the network's. */
export function isOwnFault(cause: DisconnectCause): boolean {
  return cause.code === lostChildCause().code;
}
