import type { StoredAlert } from '../ports/index.ts';
import type { AlertChange } from './alert-change.ts';
import { closeAlert, openAlert, updateAlert } from './alert-change.ts';
import { groupOf, hasOtherTask, isGroup, regroup } from './alert-group.ts';
import type { AlertRules } from './alert-rules.ts';
import { GROUP_FROM, REMIND_EVERY_MS } from './alert-rules.ts';
import { partGroup, withProgress } from './group-progress.ts';
import type { Observation } from './observation.ts';
import type { Track } from './trouble-track.ts';
import { complaintOf, follow, isCalm } from './trouble-track.ts';

/**
 * Decides what is an alert. Pure on time: it is handed what was seen and the hour, and answers what changed. It looks at how things
 * are, not at what happened, so that nothing depends on having seen every step, nor on when the daemon was restarted.
 */
export class IncidentBook {
  readonly #rules: AlertRules;
  readonly #startedAt: number;
  readonly #makeId: () => string;
  readonly #tracks = new Map<string, Track>();
  /** Those that are open, by their key. */
  readonly #open = new Map<string, StoredAlert>();

  /** `open`: those of before a restart. `startedAt`: epoch ms. */
  constructor(deps: {
    readonly rules: AlertRules;
    readonly open: readonly StoredAlert[];
    readonly startedAt: number;
    readonly makeId: () => string;
  }) {
    this.#rules = deps.rules;
    this.#startedAt = deps.startedAt;
    this.#makeId = deps.makeId;
    for (const stored of deps.open) this.#open.set(stored.key, stored);
  }

  /** `isComplete`: what is not among the observations exists no more. */
  look(observations: readonly Observation[], now: number, isComplete: boolean): readonly AlertChange[] {
    const seen = new Set(observations.map(({ key }) => key));
    for (const observation of observations) {
      const { key } = observation;
      this.#tracks.set(key, follow(this.#tracks.get(key), observation, { now, startedAt: this.#startedAt }));
    }
    if (isComplete) for (const key of this.#tracks.keys()) if (!seen.has(key)) this.#tracks.delete(key);
    const changes = [...this.#open.values()].flatMap((stored) => this.#review(stored, now, isComplete));
    for (const change of changes) this.#note(change.stored);
    const opened = this.#openNew(now);
    return [...changes, ...opened];
  }

  #note(stored: StoredAlert): void {
    if (stored.alert.closedAt === null) this.#open.set(stored.key, stored);
    else this.#open.delete(stored.key);
  }

  #review(stored: StoredAlert, now: number, isComplete: boolean): readonly AlertChange[] {
    const staying: string[] = [];
    let hasMoved = false;
    for (const key of stored.members) {
      const track = this.#tracks.get(key);
      if (track === undefined ? isComplete : track.is === 'ended') continue;
      if (isGroup(stored) && track !== undefined && hasOtherTask(track, stored)) hasMoved = true;
      else staying.push(key);
    }
    if (staying.length === 0) return [closeAlert(stored, hasMoved ? 'moved' : 'ended', now, now)];
    const tracks = staying.flatMap((key) => this.#tracks.get(key) ?? []);
    const { lastDropAt, alert } = stored;
    const isOver =
      tracks.length === staying.length &&
      tracks.every((track) => isCalm(track, { code: alert.code, lastDropAt }, now, this.#rules));
    const rest = { ...stored, members: staying };
    if (isOver) {
      const endedAt = Math.max(...tracks.map(({ wellSince }) => wellSince ?? now));
      return [closeAlert(rest, 'recovered', endedAt, now)];
    }
    const parted = isGroup(stored) ? partGroup(regroup(stored, rest, tracks), tracks, now, this.#rules) : undefined;
    if (parted !== undefined) return [parted];
    return this.#goOn(stored, rest, tracks, now);
  }

  #goOn(before: StoredAlert, rest: StoredAlert, tracks: readonly Track[], now: number): readonly AlertChange[] {
    const [first] = tracks;
    const isWell = tracks.every(({ is }) => is === 'well');
    const lastDropAt = tracks.reduce<number | null>((last, { drops }) => drops.at(-1) ?? last, before.lastDropAt);
    const changed =
      isGroup(before) || first === undefined
        ? withProgress(regroup(before, rest, tracks), tracks)
        : retell(rest, first);
    const { action } = changed.alert;
    const isNews = action !== 'none' && !changed.told.includes(action);
    if (isNews) return [updateAlert({ ...changed, lastDropAt }, 'updated', now)];
    const isForgotten = action !== 'none' && !isWell && now - before.toldAt >= REMIND_EVERY_MS;
    if (isForgotten) return [updateAlert({ ...changed, lastDropAt }, 'reminder', now)];
    const isSame = changed === before || (sameAlert(before, changed) && lastDropAt === before.lastDropAt);
    return isSame ? [] : [updateAlert({ ...changed, lastDropAt }, null, now)];
  }

  #openNew(now: number): readonly AlertChange[] {
    const covered = new Set([...this.#open.values()].flatMap(({ members }) => members));
    const buckets = new Map<string, Due[]>();
    for (const [key, track] of this.#tracks) {
      if (track.dueAt === null || covered.has(key)) continue;
      const bucket = groupOf(track, complaintOf(track)) ?? key;
      const entries = buckets.get(bucket);
      const entry = { key, track, dueAt: track.dueAt };
      if (entries === undefined) buckets.set(bucket, [entry]);
      else entries.push(entry);
    }
    return [...buckets].flatMap(([bucket, entries]) => {
      const isAlone = entries.every(({ track }) => track.observation.kind !== 'line');
      const oldest = Math.min(...entries.map(({ dueAt }) => dueAt));
      const known = this.#open.get(bucket);
      if (known !== undefined && !isAlone) return [this.#join(known, entries, now)];
      if (!isAlone && now - oldest < this.#rules.groupMs) return [];
      const together = entries.length >= GROUP_FROM ? [entries] : entries.map((entry) => [entry]);
      return together.map((members) => this.#begin(bucket, members, now));
    });
  }

  #begin(bucket: string, members: readonly Due[], now: number): AlertChange {
    const tracks = members.map(({ track }) => track);
    const [first] = members;
    const key = members.length === 1 && first !== undefined ? first.key : bucket;
    const keys = members.map((member) => member.key);
    const change = openAlert({ id: this.#makeId(), key, members: keys, tracks }, now);
    this.#note(change.stored);
    return change;
  }

  /** One more of the same while a group is open: no news. */
  #join(known: StoredAlert, entries: readonly Due[], now: number): AlertChange {
    const members = [...known.members, ...entries.map(({ key }) => key)];
    const tracks = members.flatMap((key) => this.#tracks.get(key) ?? []);
    const change = updateAlert(regroup(known, { ...known, members }, tracks), null, now);
    this.#note(change.stored);
    return change;
  }
}

/** A trouble that is worth an alert and has none. */
interface Due {
  readonly key: string;
  readonly track: Track;
  readonly dueAt: number;
}

/** An alert of one: what it says now, where something is known. */
function retell(stored: StoredAlert, track: Track): StoredAlert {
  // While it is well it is still told as it was; a line that got unstable meanwhile says so.
  const isKnown = track.is === 'ill' ? track.complaint !== null : track.is === 'well' && track.dueAt !== null;
  if (!isKnown) return stored;
  const { code, name, title, text, action, remedy } = complaintOf(track);
  const { alert } = stored;
  // Numbers in the words may change with each look; that alone is nothing to write down.
  if (alert.code === code && alert.action === action) return stored;
  // Unstable stays unstable while nobody has to do anything about it.
  if (alert.code === 'unstable' && action === 'none') return stored;
  return { ...stored, alert: { ...alert, code, name, title, text, action, remedy } };
}

function sameAlert(one: StoredAlert, other: StoredAlert): boolean {
  return one.alert === other.alert && one.members.length === other.members.length;
}
