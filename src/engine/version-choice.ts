import type { ClientVersion } from '../connector-api/index.ts';
import type { VersionFacts } from './version-facts.ts';
import { isProven } from './version-facts.ts';

/** Attempts in a row that end in silence before a version that never worked is doubted: anything can break off three times. */
const DOUBT_NEW_AFTER = 3;
/** And one that has worked: an outage of the internet looks the same. */
const DOUBT_PROVEN_AFTER = 6;
/** "One or two versions down": how far the way down goes when nothing but silence speaks for it. */
const DOUBT_DEPTH = 2;

/**
 * The next version of a round that was not refused in it: its start, then the newer ones from the newest down and the older ones
 * from the nearest down, or the other way round. Undefined when all were refused.
 */
export function nextRung(
  rungs: readonly VersionFacts[],
  search: {
    readonly from: ClientVersion;
    readonly goes: 'newer_first' | 'older_first';
    readonly tried: readonly ClientVersion[];
  },
): ClientVersion | undefined {
  const versions = rungs.map(({ version }) => version);
  const start = Math.max(0, versions.indexOf(search.from));
  const newer = versions.slice(0, start);
  const older = versions.slice(start + 1);
  const order =
    search.goes === 'newer_first' ? [search.from, ...newer, ...older] : [search.from, ...older, ...newer.toReversed()];
  return order.find((version) => versions.includes(version) && !search.tried.includes(version));
}

/** What is tried on the way back up: of the versions above, the one whose refusal is the longest ago. */
export function climbTarget(
  rungs: readonly VersionFacts[],
  current: ClientVersion,
  wanted: ClientVersion,
): ClientVersion {
  const versions = rungs.map(({ version }) => version);
  const above = rungs.slice(Math.max(0, versions.indexOf(wanted)), Math.max(0, versions.indexOf(current)));
  const [first] = above.toSorted((one, other) => (one.lastFailedAt ?? 0) - (other.lastFailedAt ?? 0));
  return first?.version ?? wanted;
}

/**
 * What to announce in place of `current` when the network has met a session with silence `silences` times in a row: every other
 * attempt, since mostly it is the line that is bad. Undefined while there is no reason to doubt.
 */
export function doubtTarget(
  rungs: readonly VersionFacts[],
  current: ClientVersion,
  silences: number,
): ClientVersion | undefined {
  const place = rungs.findIndex(({ version }) => version === current);
  const usual = rungs[place];
  if (usual === undefined) return undefined;
  const excess = silences - (usual.lastWorkedAt === null ? DOUBT_NEW_AFTER : DOUBT_PROVEN_AFTER);
  if (excess < 0 || excess % 2 === 1) return undefined;
  const proven = rungs
    .filter((facts) => facts.version !== current && isProven(facts))
    .toSorted((one, other) => (other.lastWorkedAt ?? 0) - (one.lastWorkedAt ?? 0));
  const below = rungs.slice(place + 1, place + 1 + DOUBT_DEPTH).filter((facts) => facts.failingSince === null);
  const others = [...new Set([...proven, ...below].map(({ version }) => version))];
  return others[(excess / 2) % others.length];
}
