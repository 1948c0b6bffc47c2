import { UNSTABLE_CODE } from './line-texts.ts';
import type { Complaint } from './observation.ts';
import type { Track } from './trouble-track.ts';

/** Lines of one channel whose trouble asks the same of people are told together; undefined = it stands alone. */
export function groupOf({ observation }: Track, { code, action }: Complaint): string | undefined {
  const { kind, property, channel } = observation;
  if (kind !== 'line' || channel === null) return undefined;
  return `channel:${property}/${channel}/line/${code === UNSTABLE_CODE ? UNSTABLE_CODE : action}`;
}
