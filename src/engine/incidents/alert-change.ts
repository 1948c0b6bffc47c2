import { toTimestamp } from '../../core/clock.ts';
import type { Alert, AlertResolution } from '../model/alert.ts';
import type { NoticeKind, StoredAlert } from '../ports/index.ts';
import { groupName, groupTitle } from './line-texts.ts';
import type { Complaint } from './observation.ts';
import type { Track } from './trouble-track.ts';
import { complaintOf } from './trouble-track.ts';

type NewsKind = Exclude<NoticeKind, 'passed' | 'test'>;

/** An alert as it is to be written down. */
export interface AlertChange {
  readonly stored: StoredAlert;
  /** What people are told; null = nothing. */
  readonly notice: NewsKind | null;
  /** What integrators are told. */
  readonly event: 'alert.opened' | 'alert.updated' | 'alert.closed' | undefined;
}

/** `tracks`: the members' own, one at least. `now`: epoch ms. */
export function openAlert(
  about: {
    readonly id: string;
    readonly key: string;
    readonly members: readonly string[];
    readonly tracks: readonly Track[];
  },
  now: number,
): AlertChange {
  const { id, key, members, tracks } = about;
  const [first] = tracks;
  if (first === undefined) throw new TypeError('an alert is about something');
  const { kind, property, channel, channelName, webhookId } = first.observation;
  const complaint = complaintOf(first);
  const sessions = tracks.flatMap(({ observation }) => observation.session ?? []);
  const at = toTimestamp(now);
  const alert: Alert = {
    id,
    property,
    kind,
    ...wordsOf(complaint, tracks.length, channelName ?? channel ?? ''),
    channel,
    sessions,
    webhookId,
    since: toTimestamp(Math.min(...tracks.map(beginOf(now)))),
    openedAt: at,
    updatedAt: at,
    endedAt: null,
    closedAt: null,
    resolution: null,
  };
  const lastDropAt = first.drops.at(-1) ?? null;
  const stored = { key, alert, members: [...members], told: [complaint.action], toldAt: now, lastDropAt };
  return { stored, notice: 'opened', event: 'alert.opened' };
}

/** `notice`: null = only to be remembered. */
export function updateAlert(stored: StoredAlert, notice: 'updated' | 'reminder' | null, now: number): AlertChange {
  const alert = { ...stored.alert, updatedAt: toTimestamp(now) };
  const isTold = notice !== null;
  const told = isTold && !stored.told.includes(alert.action) ? [...stored.told, alert.action] : stored.told;
  return {
    stored: { ...stored, alert, told, toldAt: isTold ? now : stored.toldAt },
    notice,
    event: notice === 'updated' ? 'alert.updated' : undefined,
  };
}

export function closeAlert(
  stored: StoredAlert,
  resolution: AlertResolution,
  endedAt: number,
  now: number,
): AlertChange {
  const at = toTimestamp(now);
  const alert = { ...stored.alert, resolution, endedAt: toTimestamp(endedAt), updatedAt: at, closedAt: at };
  // What moved is told on elsewhere.
  const notice = resolution === 'moved' ? null : 'closed';
  return { stored: { ...stored, alert }, notice, event: 'alert.closed' };
}

function wordsOf(
  { code, name, title, text, action, remedy }: Complaint,
  count: number,
  channelName: string,
): Complaint {
  const words = { code, name, title, text, action, remedy };
  if (count === 1) return words;
  return { ...words, name: groupName(count, channelName), title: groupTitle(count, channelName, words) };
}

function beginOf(now: number): (track: Track) => number {
  return ({ illSince, drops }) => illSince ?? drops[0] ?? now;
}
