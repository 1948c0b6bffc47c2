import type { StoredAlert } from '../ports/index.ts';
import type { AlertChange } from './alert-change.ts';
import { closeAlert, updateAlert } from './alert-change.ts';
import { channelNameOf, regroup, sessionsOf } from './alert-group.ts';
import type { AlertRules } from './alert-rules.ts';
import { GROUP_FROM, STRAGGLERS_AFTER_MS } from './alert-rules.ts';
import { groupName } from './line-texts.ts';
import type { Track } from './trouble-track.ts';
import { complaintOf, isCalm } from './trouble-track.ts';

/** A group whose text says how many are back, and why the others are not. Unchanged while that number is. Pure. */
export function withProgress(stored: StoredAlert, tracks: readonly Track[]): StoredAlert {
  const back = tracks.filter(({ is }) => is === 'well').length;
  const ill = tracks.find(({ is }) => is === 'ill');
  if (ill === undefined || back === (stored.back ?? 0)) return stored;
  const { text } = complaintOf(ill);
  const told = back === 0 ? text : `${text} ${share(back, tracks.length)}`;
  return { ...stored, back, alert: { ...stored.alert, text: told } };
}

/**
 * Some of a group are back for good, and for a while nobody has followed: those are told of their recovery now. One or two that are
 * left go on with alerts of their own; more stay a group, and are told anew only once they are the smaller part. Undefined: not yet. Pure.
 */
export function partGroup(
  group: StoredAlert,
  tracks: readonly Track[],
  now: number,
  rules: AlertRules,
): AlertChange | undefined {
  const { alert, lastDropAt } = group;
  const back = tracks.filter(({ is }) => is === 'well');
  const left = tracks.filter(({ is }) => is !== 'well');
  const isKnown = tracks.length === group.members.length && left.every(({ dueAt }) => dueAt !== null);
  if (!isKnown || back.length === 0 || left.length === 0) return undefined;
  const lastBackAt = Math.max(...back.map(({ wellSince }) => wellSince ?? now));
  const isSettled =
    now - lastBackAt >= STRAGGLERS_AFTER_MS &&
    back.every((track) => isCalm(track, { code: alert.code, lastDropAt }, now, rules));
  if (!isSettled) return undefined;
  const told = share(back.length, tracks.length);
  if (left.length < GROUP_FROM) {
    const name = `${back.length} of ${groupName(tracks.length, channelNameOf(tracks, group))}`;
    const own = left.length === 1 ? 'there is an alert of its own' : 'there are alerts of their own';
    const text = `${told} For ${sessionsOf(left).join(' and ')} ${own}.`;
    return closeAlert(
      { ...group, alert: { ...alert, name, text, sessions: sessionsOf(back) } },
      'recovered',
      lastBackAt,
      now,
    );
  }
  if (left.length >= back.length) return undefined;
  const [first] = left;
  const text = first === undefined ? told : `${complaintOf(first).text} ${told}`;
  const members = left.map(({ observation }) => observation.key);
  const smaller = regroup(group, { ...group, members, back: 0 }, left);
  return updateAlert({ ...smaller, alert: { ...smaller.alert, text } }, 'updated', now);
}

function share(back: number, all: number): string {
  return `${back} of ${all} ${back === 1 ? 'is' : 'are'} back.`;
}
