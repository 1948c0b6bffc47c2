/** A phone that answers canaries has gone silent. It may be off, or the line may be deaf: nobody can tell. Plain data. */
export interface PhoneSilence {
  /** When the phone last answered, or was first asked; wall ms. */
  readonly since: number;
  /** When the line was renewed because of it; monotonic ms. */
  readonly renewedAt: number | undefined;
  /** A guest was heard after that. */
  readonly isGuestHeard: boolean;
  /** Questions that went unanswered. */
  readonly asked: number;
}

/** A line that heard a guest after its renewal and is quiet again may be deaf now; more often than this it is not tried; ms. */
export const RENEW_AGAIN_MS = 60 * 60_000;
/** What a phone that is switched off finds waiting in the morning is kept to a few questions an hour; ms. */
const LONGEST_QUIET_MS = 30 * 60_000;
const MOST_DOUBLINGS = 10;

export function phoneSilentSince(since: number): PhoneSilence {
  return { since, renewedAt: undefined, isGuestHeard: false, asked: 1 };
}

/** One new connection for each episode of silence: if it does not help, the phone is off. Pure. */
export function mayRenew({ renewedAt, isGuestHeard }: PhoneSilence, now: number): boolean {
  return renewedAt === undefined || (isGuestHeard && now - renewedAt >= RENEW_AGAIN_MS);
}

/**
 * How long until the phone is asked again; ms. `quietMs`: how often it would be asked if it answered; infinite = only when something
 * looks wrong, and a phone that is known to be silent does. Pure.
 */
export function askPhoneAfterMs({ asked }: PhoneSilence, quietMs: number): number {
  if (!Number.isFinite(quietMs)) return LONGEST_QUIET_MS;
  return Math.max(quietMs, Math.min(LONGEST_QUIET_MS, quietMs * 2 ** Math.min(asked, MOST_DOUBLINGS)));
}
