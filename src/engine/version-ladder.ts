import type { ClientVersion } from '../connector-api/index.ts';
import type { Random } from '../core/random.ts';
import type { BackoffShape } from './backoff.ts';
import { drawBackoff } from './backoff.ts';
import { climbTarget, doubtTarget, nextRung } from './version-choice.ts';
import type { VersionFacts } from './version-facts.ts';
import { isProven, lastKnownGood, markFailed, markWorked } from './version-facts.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Between two steps of the session that looks for an accepted version: ten of them fit into a minute or so. */
const STEP_SPACING_MS = 4 * SECOND_MS;
/** Added to the spacing, as a share of it. */
const STEP_JITTER = 0.5;
/** Every version was refused: half an hour is how long a change for the better may go unnoticed. */
const ROUND_BACKOFF: BackoffShape = { baseMs: 2 * MINUTE_MS, capMs: 30 * MINUTE_MS, floorMs: 30 * SECOND_MS };
/** A version that was refused is tried again after an hour, then more and more seldom: each try is a refused login. */
const CLIMB_FIRST_MS = HOUR_MS;
const CLIMB_LONGEST_MS = 24 * HOUR_MS;
/** How long the success of another version, while the usual one is met with silence, says something about that silence. */
const DOUBT_LASTS_MS = 10 * MINUTE_MS;

/** No version is known to be accepted: one session after the other version is tried, by one session. */
export interface Search {
  readonly since: number;
  /** Where the search starts: the first version of it. */
  readonly from: ClientVersion;
  /** `newer_first` after "outdated", `older_first` after errors of the protocol. */
  readonly goes: 'newer_first' | 'older_first';
  /** Refused in this round: each version is tried once in it. */
  readonly tried: readonly ClientVersion[];
  /** From 1; the next begins when every version was refused. */
  readonly round: number;
  readonly notBefore: number;
}

/** The versions of a channel and where its sessions stand on them. Plain data; changed by the functions below only. */
export interface Ladder {
  /** Newest first; at least one. */
  readonly rungs: readonly VersionFacts[];
  /** What sessions go back to as soon as it is accepted: the pinned version, else the newest that is trusted. */
  readonly wanted: ClientVersion;
  /** What sessions announce. While there is a search: what is tried next. */
  readonly current: ClientVersion;
  readonly search: Search | null;
  /** When a version above `current` may be tried again, and how often that failed in a row. */
  readonly climb: { readonly notBefore: number; readonly failures: number };
  /** `works` was accepted while `version` was met with silence; once more, and it is taken as refused. */
  readonly doubt: { readonly version: ClientVersion; readonly works: ClientVersion; readonly until: number } | null;
}

/** Why a session announces what it announces: as all do; or to find out what is accepted, whether a better one is, whether silence means "no". */
export type VersionRole = 'follower' | 'canary' | 'climber' | 'doubter';

export interface VersionAttempt {
  readonly version: ClientVersion;
  readonly role: VersionRole;
}

export type VersionTurn =
  | ({ readonly do: 'go' } & VersionAttempt)
  /** `until`: epoch ms; null = until another session has found an accepted version. */
  | { readonly do: 'wait'; readonly until: number | null };

/** Where the sessions of a channel begin, from what is remembered: also in the middle of an incident. */
export function openLadder(rungs: readonly VersionFacts[], wanted: ClientVersion, now: number): Ladder {
  const best = rungs.find(({ version }) => version === wanted);
  const good = lastKnownGood(rungs);
  const ladder = { rungs, wanted, search: null, doubt: null };
  const isRefused = best !== undefined && best.failingSince !== null;
  if (isRefused && good !== undefined)
    return {
      ...ladder,
      current: good.version,
      climb: { notBefore: climbAt(best.lastFailedAt ?? now, 0), failures: 0 },
    };
  // New, or refused like all others: one session finds out before the others follow.
  const isUncertain = isRefused || (good !== undefined && best !== undefined && !isProven(best));
  const search = isUncertain ? newSearch(wanted, now) : null;
  return { ...ladder, current: wanted, search, climb: { notBefore: now, failures: 0 } };
}

/** The operator has changed the versions. Working lines are left alone; a search starts anew. */
export function reopenLadder(
  before: Ladder,
  rungs: readonly VersionFacts[],
  wanted: ClientVersion,
  now: number,
): Ladder {
  const isThere = rungs.some(({ version }) => version === before.current);
  if (before.search !== null || !isThere) {
    const search = before.search === null ? null : { ...newSearch(wanted, now), since: before.search.since };
    return { ...before, rungs, wanted, current: wanted, search, doubt: null };
  }
  return { ...before, rungs, wanted, climb: { notBefore: now, failures: 0 }, doubt: null };
}

/** Versions that came to be known meanwhile. A search goes on, and takes up what is newer than its start. */
export function extendLadder(before: Ladder, rungs: readonly VersionFacts[], wanted: ClientVersion): Ladder {
  const known = new Map(before.rungs.map((facts) => [facts.version, facts]));
  const ladder = { ...before, rungs: rungs.map((facts) => known.get(facts.version) ?? facts), wanted };
  if (before.search === null) return ladder;
  return { ...ladder, current: nextRung(rungs, before.search) ?? before.current };
}

/**
 * What a session that is about to connect does. `mayProbe`: no other session is trying something out. `silences`: its attempts
 * since it was accepted last that reached the network and ended without a word of it.
 */
export function takeTurn(
  ladder: Ladder,
  asker: { readonly mayProbe: boolean; readonly silences: number },
  now: number,
): VersionTurn {
  const { search, current, wanted } = ladder;
  if (search !== null) {
    if (!asker.mayProbe) return { do: 'wait', until: null };
    if (now < search.notBefore) return { do: 'wait', until: search.notBefore };
    return { do: 'go', version: current, role: 'canary' };
  }
  if (asker.mayProbe) {
    const other = doubtTarget(ladder.rungs, current, asker.silences);
    if (other !== undefined) return { do: 'go', version: other, role: 'doubter' };
    if (current !== wanted && now >= ladder.climb.notBefore)
      return { do: 'go', version: climbTarget(ladder.rungs, current, wanted), role: 'climber' };
  }
  return { do: 'go', version: current, role: 'follower' };
}

/** The network accepted a session with this version. */
export function versionWorked(ladder: Ladder, { version, role }: VersionAttempt, now: number): Ladder {
  if (!ladder.rungs.some((each) => each.version === version)) return ladder;
  const rungs = change(ladder.rungs, version, (facts) => markWorked(facts, now));
  const settled = { ...ladder, rungs, search: null };
  const climb = { notBefore: climbAt(now, 0), failures: 0 };
  if (ladder.search !== null) return { ...settled, current: version, climb, doubt: null };
  if (version === ladder.current) return { ...settled, doubt: null };
  switch (role) {
    case 'doubter': {
      const usual = ladder.rungs.find((each) => each.version === ladder.current);
      if (usual?.lastWorkedAt !== null)
        return { ...settled, doubt: { version: ladder.current, works: version, until: now + DOUBT_LASTS_MS } };
      return {
        ...settled,
        rungs: change(rungs, ladder.current, (facts) => markFailed(facts, now)),
        current: version,
        climb,
      };
    }
    case 'climber':
      return { ...settled, current: version, climb };
    case 'follower':
    case 'canary':
      return version === ladder.wanted ? { ...settled, current: version, climb } : settled;
  }
}

/** The network said that it takes this version no more, or could not be understood with it. */
export function versionRefused(
  ladder: Ladder,
  refusal: VersionAttempt & { readonly kind: 'client_outdated' | 'protocol_changed' },
  now: number,
  random: Random,
): Ladder {
  const { version, role, kind } = refusal;
  const rungs = change(ladder.rungs, version, (facts) => markFailed(facts, now));
  const marked = { ...ladder, rungs };
  const { search, current } = ladder;
  if (search === null) {
    if (role === 'climber') {
      const failures = ladder.climb.failures + 1;
      return { ...marked, climb: { notBefore: climbAt(now, failures), failures } };
    }
    if (version !== current) return marked;
    const goes = kind === 'client_outdated' ? 'newer_first' : 'older_first';
    return step(marked, { since: now, from: version, goes, tried: [version], round: 1, notBefore: now }, now, random);
  }
  if (search.tried.includes(version)) return marked;
  const tried = [...search.tried, version];
  if (version !== current) return { ...marked, search: { ...search, tried } };
  return step(marked, { ...search, tried }, now, random);
}

/** The search was one account's own trouble: the others go on with `current`, which some of them are connected with. */
export function abandonSearch(ladder: Ladder, current: ClientVersion, now: number): Ladder {
  return { ...ladder, current, search: null, climb: { notBefore: climbAt(now, 0), failures: 0 } };
}

/** An attempt ended without a word of the network before the account was accepted. */
export function versionSilent(ladder: Ladder, version: ClientVersion, now: number): Ladder {
  const { doubt, current, search } = ladder;
  if (doubt === null || search !== null || version !== current || doubt.version !== version) return ladder;
  if (now > doubt.until) return { ...ladder, doubt: null };
  return {
    ...ladder,
    rungs: change(ladder.rungs, version, (facts) => markFailed(facts, now)),
    current: doubt.works,
    climb: { notBefore: climbAt(now, 0), failures: 0 },
    doubt: null,
  };
}

function step(ladder: Ladder, search: Search, now: number, random: Random): Ladder {
  const next = nextRung(ladder.rungs, search);
  if (next !== undefined) {
    const spacingMs = STEP_SPACING_MS * (1 + STEP_JITTER * random.next());
    return { ...ladder, current: next, search: { ...search, notBefore: now + Math.round(spacingMs) } };
  }
  const notBefore = now + Math.round(drawBackoff(ROUND_BACKOFF, search.round, random));
  const again: Search = { ...search, from: ladder.wanted, tried: [], round: search.round + 1, notBefore };
  return { ...ladder, current: ladder.wanted, search: again };
}

function newSearch(from: ClientVersion, now: number): Search {
  return { since: now, from, goes: 'newer_first', tried: [], round: 1, notBefore: now };
}

function climbAt(now: number, failures: number): number {
  return now + Math.min(CLIMB_LONGEST_MS, CLIMB_FIRST_MS * 2 ** failures);
}

function change(
  rungs: readonly VersionFacts[],
  version: ClientVersion,
  work: (facts: VersionFacts) => VersionFacts,
): readonly VersionFacts[] {
  return rungs.map((facts) => (facts.version === version ? work(facts) : facts));
}
