import type { DisconnectCause, SessionContext } from '../../src/connector-api/index.ts';
import { sleep } from '../../src/core/clock.ts';

/** The daemon stores the end of a connection as soon as it can; until then it is told again at this pace. */
const PAUSE_MS = 1_000;

/** Emits the one `disconnected` of a connection. Resolves once it is stored, or the session was closed. Never rejects. */
export async function tellEnd(
  context: Pick<SessionContext<unknown>, 'emit' | 'clock' | 'signal'>,
  cause: DisconnectCause,
): Promise<void> {
  while (!context.signal.aborted) {
    try {
      await context.emit({ type: 'disconnected', cause });
      return;
    } catch {
      await sleep(context.clock, PAUSE_MS, context.signal).catch(() => undefined);
    }
  }
}
