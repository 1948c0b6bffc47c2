import type { Clock } from '../../src/core/clock.ts';
import { withDeadline } from '../../src/core/clock.ts';
import type { Logger } from '../../src/core/logger.ts';
import type { DurableInbox } from './durable-socket.ts';

/** Enough for thousands of texts; files that take longer are fetched while the account is online. */
const REPLAY_PATIENCE_MS = 10_000;
/** Together with the closing of the socket it stays below the five seconds that `disconnect` promises. */
const STOP_INBOX_TIMEOUT_MS = 2_500;

interface Surroundings {
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What an earlier life left goes first; a media server that is slow to answer must not keep the account offline. */
export async function replayEarlierLife(inbox: DurableInbox, { clock, signal }: Surroundings): Promise<void> {
  const patience = new AbortController();
  const timer = clock.after(REPLAY_PATIENCE_MS, () => patience.abort());
  await inbox.replay(AbortSignal.any([signal, patience.signal]));
  timer.cancel();
  signal.throwIfAborted();
}

/** Waits for events that are being stored, but not for a daemon that is gone: what is pending stays in the vault. */
export async function stopInbox(inbox: DurableInbox, { clock, log }: Surroundings): Promise<void> {
  await withDeadline(clock, STOP_INBOX_TIMEOUT_MS, inbox.stop(), () => new Error('busy')).catch(() =>
    log.warn('incoming messages are still being stored'),
  );
}
