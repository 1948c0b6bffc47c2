import type { StoredAlert } from '../ports/index.ts';
import { groupName, groupTitle, UNSTABLE_CODE } from './line-texts.ts';
import type { Complaint } from './observation.ts';
import type { Track } from './trouble-track.ts';

/** Lines of one channel whose trouble asks the same of people are told together; undefined = it stands alone. */
export function groupOf({ observation }: Track, { code, action }: Complaint): string | undefined {
  const { kind, property, channel } = observation;
  if (kind !== 'line' || channel === null) return undefined;
  return `channel:${property}/${channel}/line/${code === UNSTABLE_CODE ? UNSTABLE_CODE : action}`;
}

/** Told as one of several lines of a channel. */
export function isGroup({ key, members }: StoredAlert): boolean {
  return key !== members[0];
}

/** A person is asked for something else than the group. */
export function hasOtherTask({ is, complaint }: Track, { alert }: StoredAlert): boolean {
  return is === 'ill' && complaint !== null && complaint.action !== 'none' && complaint.action !== alert.action;
}

/** The words of a group after its members have changed; `tracks`: theirs. */
export function regroup(before: StoredAlert, rest: StoredAlert, tracks: readonly Track[]): StoredAlert {
  if (before.members.length === rest.members.length) return before;
  const { alert } = rest;
  const sessions = sessionsOf(tracks);
  const channelName = channelNameOf(tracks, rest);
  const name = groupName(sessions.length, channelName);
  return { ...rest, alert: { ...alert, sessions, name, title: groupTitle(sessions.length, channelName, alert) } };
}

export function sessionsOf(tracks: readonly Track[]): string[] {
  return tracks.flatMap(({ observation }) => observation.session ?? []);
}

export function channelNameOf(tracks: readonly Track[], { alert }: StoredAlert): string {
  return tracks[0]?.observation.channelName ?? alert.channel ?? '';
}
