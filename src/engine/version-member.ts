import type { VersionAttempt } from './version-ladder.ts';

/** What a fleet remembers of one session. Changed by the fleet only. */
export interface Member {
  attempt: VersionAttempt | undefined;
  /** Attempts since it was accepted last that reached the network and ended without a word of it. */
  silences: number;
  isUp: boolean;
  /** Refused whatever it announces while others are connected: no longer a witness. */
  isOutcast: boolean;
  wake: (() => void) | undefined;
}

export function newMember(): Member {
  return { attempt: undefined, silences: 0, isUp: false, isOutcast: false, wake: undefined };
}
