import type { AlertRules } from './alert-rules.ts';
import { UNSTABLE_DROPS, UNSTABLE_WINDOW_MS } from './alert-rules.ts';
import { lineComplaint, nameOf, UNSTABLE_CODE, unstableComplaint } from './line-texts.ts';
import type { Complaint, Observation } from './observation.ts';

/** What is remembered of one thing that can be in trouble. Times are epoch ms. */
export interface Track {
  readonly observation: Observation;
  readonly is: 'well' | 'ill' | 'unclear' | 'ended';
  readonly wellSince: number | null;
  readonly illSince: number | null;
  /** Its patience runs from here: never from before somebody looked. */
  readonly patientFrom: number | null;
  readonly patienceMs: number;
  /** The latest that is known, while it is ill. */
  readonly complaint: Complaint | null;
  /** When the line broke, within the last hour. */
  readonly drops: readonly number[];
  /** Since when it is worth an alert; null = it is not. */
  readonly dueAt: number | null;
}

/** What one more look makes of it. `startedAt`: trouble of before that is not held against the patience. Pure. */
export function follow(
  before: Track | undefined,
  observation: Observation,
  { now, startedAt }: { readonly now: number; readonly startedAt: number },
): Track {
  const { health } = observation;
  if (before !== undefined && isStillWell(before, health)) return before;
  const drops = dropsOf(before, observation, now);
  const base = { observation, wellSince: null, illSince: null, patientFrom: null, patienceMs: 0, complaint: null };
  switch (health.is) {
    case 'unclear':
    case 'ended':
      // A person is at it: what it did before is no longer held against it.
      return { ...base, is: health.is, drops: [], dueAt: null };
    case 'well': {
      const seen = before?.is === 'well' ? (before.wellSince ?? now) : now;
      const track: Track = { ...base, is: 'well', wellSince: health.since ?? seen, drops, dueAt: null };
      return { ...track, dueAt: dueAt(track, before, now) };
    }
    case 'ill': {
      const was = before?.is === 'ill' ? before : undefined;
      const track: Track = {
        ...base,
        is: 'ill',
        illSince: was?.illSince ?? health.since,
        patientFrom: was?.patientFrom ?? Math.max(health.since, startedAt),
        patienceMs: health.complaint === null ? (was?.patienceMs ?? health.patienceMs) : health.patienceMs,
        complaint: health.complaint ?? was?.complaint ?? null,
        drops,
        dueAt: null,
      };
      return { ...track, dueAt: dueAt(track, before, now) };
    }
  }
}

/** Nothing to remember: how nearly everything is at nearly every look. */
function isStillWell(before: Track, health: Observation['health']): boolean {
  const isSame = health.is === 'well' && (health.since === null || health.since === before.wellSince);
  return isSame && before.is === 'well' && before.drops.length === 0;
}

/** Whether it breaks so often that each recovery means little. */
export function isUnstable({ drops }: Track): boolean {
  return drops.length >= UNSTABLE_DROPS;
}

/** Well for long enough; `wasUnstable`: it is told as such, so that only a calm hour counts. `lastDropAt`: also of before a restart. */
export function isCalm(
  track: Track,
  told: { readonly code: string; readonly lastDropAt: number | null },
  now: number,
  { clearMs }: AlertRules,
): boolean {
  if (track.is !== 'well' || track.wellSince === null || now - track.wellSince < clearMs || isUnstable(track))
    return false;
  const lastDropAt = track.drops.at(-1) ?? told.lastDropAt;
  return told.code !== UNSTABLE_CODE || lastDropAt === null || now - lastDropAt >= UNSTABLE_WINDOW_MS;
}

/** What to tell of it now. */
export function complaintOf(track: Track): Complaint {
  const { observation, complaint, drops } = track;
  const { session, channel, channelName } = observation;
  const name =
    session === null || channel === null ? observation.key : nameOf({ id: session, channel }, channelName ?? channel);
  if (isUnstable(track) && (complaint === null || complaint.action === 'none'))
    return unstableComplaint(name, drops.length);
  return complaint ?? lineComplaint(name, null);
}

function dueAt(track: Track, before: Track | undefined, now: number): number | null {
  const { is, patientFrom, patienceMs } = track;
  const isOverdue = is === 'ill' && patientFrom !== null && now - patientFrom >= patienceMs;
  if (!isOverdue && !isUnstable(track)) return null;
  // Something else is asked of people now: it counts from now, so that what happened to many at once is told at once.
  const isSameTask = before !== undefined && complaintOf(before).action === complaintOf(track).action;
  return isSameTask ? (before.dueAt ?? now) : now;
}

function dropsOf(before: Track | undefined, { kind, health }: Observation, now: number): readonly number[] {
  const recent = (before?.drops ?? []).filter((at) => now - at < UNSTABLE_WINDOW_MS);
  if (kind !== 'line' || before?.is !== 'well') return recent;
  // Connected since later than was known: it broke between two looks.
  const isLost = health.is === 'ill' && health.isConnected !== true;
  const isBroken = isLost || (health.is === 'well' && (health.since ?? 0) > (before.wellSince ?? 0));
  return isBroken ? [...recent, now] : recent;
}
