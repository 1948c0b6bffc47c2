import { BellhopError } from '../core/errors.ts';
import type { MessageRequest } from './engine-api.ts';
import type { Purpose } from './model/message.ts';

/** Who wrote within this time is being answered; the same window in which the networks themselves allow free replies. */
const REPLY_WINDOW_MS = 24 * 60 * 60 * 1_000;

/** The purpose when the caller names none: an answer to who wrote lately, else a service message. Pure. */
export function defaultPurpose(lastInboundAt: number | null, now: number): Purpose {
  return lastInboundAt !== null && now - lastInboundAt <= REPLY_WINDOW_MS ? 'reply' : 'service';
}

/**
 * Nobody is written to out of the blue: who never wrote must have a booking and have agreed to be written to. Pure.
 * A group in which the account already is counts as somebody who wrote. Throws `no_basis`.
 */
export function checkBasis(input: {
  readonly everWrote: boolean;
  readonly isKnownGroup: boolean;
  readonly basis: MessageRequest['basis'];
}): void {
  if (input.everWrote || input.isKnownGroup) return;
  if (isGiven(input.basis?.reservation) && isGiven(input.basis?.consent)) return;
  throw new BellhopError('no_basis', { pointer: 'basis' });
}

function isGiven(text: string | undefined): boolean {
  return text !== undefined && text.trim() !== '';
}
