import { LoginError } from '../connector-api/index.ts';
import { sleep } from '../core/clock.ts';
import type { AttemptParts } from './connect-attempt.ts';
import type { SessionHandle } from './ports/index.ts';

/** A person waits for the first step, and a caller of the API only so long. */
const MOST_VERSIONS = 4;

/**
 * Begins a login with the version that the channel's ladder says, and with the next ones while the network refuses them as
 * outdated. Rejects as `begin` does, and with the signal's reason.
 */
export async function beginLogin<T>(
  parts: Pick<AttemptParts, 'line' | 'versions' | 'clock'>,
  begin: (handle: SessionHandle) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const { line, versions, clock } = parts;
  for (let tried = 1; ; tried += 1) {
    const version = versions.forLogin;
    try {
      const first = await begin(await line.open(version));
      if (version !== undefined) versions.loginWorked(version);
      return first;
    } catch (error) {
      if (version === undefined || !isOutdated(error)) throw error;
      const advice = versions.loginRefused(version);
      if (advice.do !== 'step' || tried === MOST_VERSIONS) throw error;
      await sleep(clock, advice.afterMs, signal);
    }
  }
}

/** The wizard's error for people, or the connector's own. */
function isOutdated(error: unknown): boolean {
  const reason = error instanceof LoginError || !(error instanceof Error) ? error : error.cause;
  return reason instanceof LoginError && reason.code === 'outdated';
}
