import { limitTextOf } from '../limit-texts.ts';
import type { Session } from '../model/session.ts';
import type { SessionLimit } from '../model/session-limit.ts';
import type { AlertRules } from './alert-rules.ts';
import { PHONE_PATIENCE_MS, VERSION_PATIENCE_MS } from './alert-rules.ts';
import { lineComplaint, nameOf } from './line-texts.ts';
import type { Health, Observation } from './observation.ts';

const OLD_VERSION = 'older_client_version';
const BY_OPERATOR = 'stopped_by_operator';
const LOST_VAULT = 'vault_empty';
const PHONE_SILENT = 'phone_silent';

/** How a session is doing: its line, and what its network has closed. Pure. */
export function observeSession(session: Session, channelName: string, rules: AlertRules): readonly Observation[] {
  const about = {
    property: session.property,
    channel: session.channel,
    channelName,
    session: session.id,
    webhookId: null,
  };
  const name = nameOf(session, channelName);
  return [
    { ...about, key: lineKey(session.id), kind: 'line', health: lineHealth(session, name, rules) },
    { ...about, key: `session:${session.id}/limit`, kind: 'limit', health: limitHealth(session, name, rules) },
  ];
}

export function lineKey(sessionId: string): string {
  return `session:${sessionId}/line`;
}

/** Sessions of a channel share its versions, so that one alert tells it of all. */
export function observeVersions(sessions: readonly Session[], channelName: string): readonly Observation[] {
  const [first] = sessions;
  if (first === undefined) return [];
  const { property, channel } = first;
  const old = sessions.filter(isOnOldVersion);
  const [oldest] = old.toSorted((one, other) => Date.parse(one.since) - Date.parse(other.since));
  const health: Health =
    oldest === undefined
      ? // While they are down nobody knows.
        sessions.some(({ state }) => state === 'connected')
        ? { is: 'well', since: null }
        : { is: 'unclear' }
      : {
          is: 'ill',
          since: Date.parse(oldest.since),
          patienceMs: VERSION_PATIENCE_MS,
          complaint: {
            ...lineComplaint(channelName, oldest.reason),
            title: `${channelName} runs on an older client version`,
          },
        };
  const key = `channel:${property}/${channel}/version`;
  return [{ key, kind: 'version', property, channel, channelName, session: null, webhookId: null, health }];
}

function isOnOldVersion({ state, reason }: Session): boolean {
  return state === 'degraded' && reason?.code === OLD_VERSION;
}

function lineHealth(session: Session, name: string, { graceMs }: AlertRules): Health {
  const since = Date.parse(session.since);
  const { state, reason } = session;
  const downSince = Date.parse(session.unreachableSince ?? session.since);
  const ill = (patienceMs: number): Health => ({
    is: 'ill',
    since: downSince,
    patienceMs,
    complaint: lineComplaint(name, reason),
  });
  switch (state) {
    case 'connected':
      return { is: 'well', since };
    case 'degraded':
      if (isOnOldVersion(session)) return { is: 'well', since };
      return degraded(session, name, graceMs);
    case 'connecting':
      return { is: 'ill', since: downSince, patienceMs: graceMs, complaint: null };
    case 'backing_off':
      // What a person must do anyway need not wait.
      return ill(reason === null || reason.action === 'none' ? graceMs : 0);
    case 'logged_out':
    case 'banned':
      return ill(0);
    case 'stopped':
      return reason?.code === BY_OPERATOR ? { is: 'ended' } : ill(0);
    case 'unlinked':
      // Nobody asked for it: the account went with its vault.
      return reason?.code === LOST_VAULT ? ill(0) : { is: 'unclear' };
    case 'linking':
      return { is: 'unclear' };
  }
}

/** Connected as it seems, but something says that the line is deaf. */
function degraded(session: Session, name: string, graceMs: number): Health {
  const patienceMs = session.reason?.code === PHONE_SILENT ? PHONE_PATIENCE_MS : graceMs;
  const complaint = lineComplaint(name, session.reason);
  const title = complaint.action === 'none' ? `${name} is connected, but seems not to hear` : complaint.title;
  const since = Date.parse(session.since);
  return { is: 'ill', since, patienceMs, complaint: { ...complaint, title }, isConnected: true };
}

function limitHealth(session: Session, name: string, { graceMs }: AlertRules): Health {
  const [limit] = session.limits
    .filter(({ scope }) => scope !== 'chat')
    .toSorted((one, other) => weightOf(other) - weightOf(one));
  if (limit === undefined) return { is: 'well', since: null };
  const { action } = limitTextOf(limit);
  return {
    is: 'ill',
    since: Date.parse(limit.since),
    patienceMs: limit.scope === 'account' ? graceMs : 0,
    complaint: {
      code: limit.code,
      name,
      title: `${name} ${toldOf(limit)}`,
      text: limit.text,
      action,
      remedy: limit.remedy,
    },
  };
}

function toldOf({ scope, state, source }: SessionLimit): string {
  if (scope === 'account') return 'may send nothing for a while';
  if (source === 'network') return state === 'closed' ? 'may not write to new guests' : 'may soon write to nobody new';
  return state === 'closed' ? 'writes to no new guests for now' : 'writes to fewer new guests for now';
}

/** What is told where several stand: the network's word before our own, and what closes more. */
function weightOf({ scope, state, source }: SessionLimit): number {
  return (scope === 'account' ? 4 : 0) + (source === 'network' ? 2 : 0) + (state === 'closed' ? 1 : 0);
}
