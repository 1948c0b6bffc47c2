import type { Session } from './model/session.ts';

/** Who connects first when many wait; 0 is the first. */
export type ConnectRank = 0 | 1 | 2 | 3;

/** A guest who wrote within the hour is likely to write again, or to wait for an answer; ms. */
const RECENT_MS = 3_600_000;
/** Who was refused more often than this in a row waits behind those who may get in. */
const HOPEFUL_FAILURES = 3;

/** Pure. `isAwaited`: a person has just linked or started the session, and watches. */
export function rankOf(
  session: Pick<Session, 'pacing' | 'lastInboundAt'>,
  { isAwaited, failures }: { readonly isAwaited: boolean; readonly failures: number },
  now: number,
): ConnectRank {
  if (isAwaited) return 0;
  if (failures > HOPEFUL_FAILURES) return 3;
  if (session.pacing.queued > 0) return 1;
  const { lastInboundAt } = session;
  return lastInboundAt !== null && now - Date.parse(lastInboundAt) < RECENT_MS ? 2 : 3;
}
