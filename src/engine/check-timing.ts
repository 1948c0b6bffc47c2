import { BellhopError } from '../core/errors.ts';
import type { JsonObject } from '../core/json.ts';

/** What the contract promises to echo in every event. */
const METADATA_LIMIT_BYTES = 4 * 1024;
/** A stay is booked at most some two years ahead; anything later is a mistake in units. */
const FARTHEST_SEND_MS = 2 * 366 * 24 * 60 * 60 * 1_000;

/** Refuses times that cannot be meant. Epoch ms. Throws `message_expired` or `invalid_request`. */
export function checkTiming(sendAt: number | undefined, expiresAt: number | undefined, now: number): void {
  if (sendAt !== undefined && sendAt > now + FARTHEST_SEND_MS)
    throw new BellhopError('invalid_request', {
      pointer: 'sendAt',
      detail: 'sendAt is more than two years ahead; is it in milliseconds?',
    });
  if (expiresAt === undefined) return;
  if (expiresAt <= now) throw new BellhopError('message_expired', { pointer: 'expiresAt' });
  if (sendAt !== undefined && expiresAt <= sendAt)
    throw new BellhopError('message_expired', { pointer: 'expiresAt', detail: 'expiresAt is not after sendAt.' });
}

/** Throws `invalid_request` when the caller's facts are larger than the contract allows. */
export function checkMetadata(metadata: JsonObject | undefined): void {
  if (metadata === undefined) return;
  if (Buffer.byteLength(JSON.stringify(metadata)) > METADATA_LIMIT_BYTES)
    throw new BellhopError('invalid_request', {
      pointer: 'metadata',
      detail: 'metadata holds at most 4 KiB of JSON.',
    });
}
