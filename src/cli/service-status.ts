import { explainSession } from '../engine/explain-session.ts';
import type { Session } from '../engine/model/session.ts';

/** One line on all sessions, for `systemctl status`. Pure. */
export function serviceStatus(sessions: readonly Session[], now: number): string {
  const linked = sessions.filter(({ state }) => state !== 'unlinked' && state !== 'linking');
  if (linked.length === 0) return 'Running; no account is linked';
  const reached = linked.filter((session) => explainSession(session, now).reach === 'yes');
  const waiting = linked.filter((session) => explainSession(session, now).todo !== null);
  const needs =
    waiting.length === 0 ? '' : `; needs a person: ${waiting.map(({ id, state }) => `${id} (${state})`).join(', ')}`;
  return `${reached.length} of ${linked.length} sessions connected${needs}`;
}
