import type { ClientVersion } from '../connector-api/index.ts';
import type { VersionOrigin } from './model/client-version.ts';

/** What is known of one client version on one network. Times are epoch ms; null = never. */
export interface VersionFacts {
  readonly version: ClientVersion;
  readonly origin: VersionOrigin;
  readonly firstWorkedAt: number | null;
  readonly lastWorkedAt: number | null;
  readonly firstFailedAt: number | null;
  readonly lastFailedAt: number | null;
  /** Refused since then, and never accepted in between. */
  readonly failingSince: number | null;
  readonly pinned: boolean;
}

/** A version that nobody has tried. */
export function newVersion(version: ClientVersion, origin: VersionOrigin): VersionFacts {
  return {
    version,
    origin,
    firstWorkedAt: null,
    lastWorkedAt: null,
    firstFailedAt: null,
    lastFailedAt: null,
    failingSince: null,
    pinned: false,
  };
}

/** The network accepted it. */
export function markWorked(facts: VersionFacts, at: number): VersionFacts {
  return { ...facts, firstWorkedAt: facts.firstWorkedAt ?? at, lastWorkedAt: at, failingSince: null };
}

/** The network refused it, or could not be understood with it. */
export function markFailed(facts: VersionFacts, at: number): VersionFacts {
  return {
    ...facts,
    firstFailedAt: facts.firstFailedAt ?? at,
    lastFailedAt: at,
    failingSince: facts.failingSince ?? at,
  };
}

/** It has been accepted, and nothing has been heard against it since. */
export function isProven(facts: VersionFacts): boolean {
  return facts.lastWorkedAt !== null && facts.failingSince === null;
}

/** The version that worked last, among those that nothing has been heard against. */
export function lastKnownGood(rungs: readonly VersionFacts[]): VersionFacts | undefined {
  return rungs.filter(isProven).toSorted((one, other) => (other.lastWorkedAt ?? 0) - (one.lastWorkedAt ?? 0))[0];
}
