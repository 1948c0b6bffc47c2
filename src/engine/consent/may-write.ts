import type { GuestConsent } from '../model/consent.ts';
import type { Purpose } from '../model/message.ts';

/**
 * Whether a message to a guest may be accepted after what he asked for. After STOP only an answer to something that he wrote later: the
 * keyword itself is no question. Pure.
 */
export function mayAccept(consent: GuestConsent | null, purpose: Purpose, lastInboundAt: number | null): boolean {
  if (consent?.state !== 'opted_out') return true;
  return purpose === 'reply' && lastInboundAt !== null && lastInboundAt > Date.parse(consent.since);
}

/**
 * The same in the moment before it is sent, for he may have asked meanwhile. What was queued before STOP has left the queue with it, so
 * that an answer which is here may also be the confirmation of the STOP. Pure.
 */
export function maySend(consent: GuestConsent | null, purpose: Purpose, lastInboundAt: number | null): boolean {
  if (consent?.state !== 'opted_out') return true;
  return purpose === 'reply' && lastInboundAt !== null && lastInboundAt >= Date.parse(consent.since);
}
