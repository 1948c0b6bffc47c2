import type { Message } from './model/message.ts';
import type { Store, Telemetry } from './ports/index.ts';

/** Ends the queued messages whose time has passed, counts them, and resolves with how many there were. */
export async function expireMessages(
  { store, telemetry }: { readonly store: Store; readonly telemetry: Telemetry },
  now: number,
): Promise<number> {
  const expired = await store.expireMessages(now);
  tellExpired(telemetry, expired, now);
  return expired.length;
}

export function tellExpired(telemetry: Telemetry, expired: readonly Message[], now: number): void {
  for (const { session, channel, queuedAt, createdAt } of expired) {
    const waitedSeconds = Math.max(0, now - Date.parse(queuedAt ?? createdAt)) / 1_000;
    telemetry.outbound(session, channel, 'expired', waitedSeconds);
  }
}
