import type { Account } from '../../connector-api/index.ts';
import { toTimestamp } from '../../core/clock.ts';
import { BellhopError } from '../../core/errors.ts';
import type { Session, SessionState, TimelineEntry } from '../../engine/model/session.ts';
import type { LimitStore, NewSession, SessionChange, SessionStore } from '../../engine/ports/index.ts';
import { cancelQueued } from './cancel.ts';
import type { JsonOf } from './codec.ts';
import { decode } from './codec.ts';
import { cursorNumber, decodeCursor, encodeCursor, toPage } from './cursors.ts';
import { copyJson } from './json-copy.ts';
import { dropLimits } from './limits.ts';
import type { StoreParts } from './parts.ts';

/** Sessions and their timelines. */
export function sessionOperations(parts: StoreParts): Omit<SessionStore, keyof LimitStore> {
  const { database, clock, sessions, read, write } = parts;
  const timeline = database.prepare<[string, number, number], { entry: number; object: JsonOf<TimelineEntry> }>(
    'SELECT entry, object FROM session_timeline WHERE session_id = ? AND entry < ? ORDER BY entry DESC LIMIT ?',
  );
  const queued = database.prepare<[string], { message_id: string }>(
    'SELECT message_id FROM outbox WHERE session_id = ? ORDER BY position',
  );
  return {
    createSession: (input) =>
      write(() => {
        if (sessions.get(input.id) !== undefined) throw new BellhopError('session_exists');
        const session = newSession(input, clock.now());
        sessions.insert(session);
        return session;
      }),
    getSession: (id) =>
      read(() => {
        const session = sessions.get(id);
        return session === undefined ? null : sessions.view(session);
      }),
    listSessions: (filter, page) =>
      read(() => {
        const after = page.cursor === undefined ? '' : (decodeCursor('ses', page.cursor, 1)[0] ?? '');
        const rows = [...sessions.all().values()]
          .filter((session) => session.id > after && (filter.property === null || session.property === filter.property))
          .slice(0, page.limit + 1);
        return toPage(
          rows,
          page.limit,
          (session) => sessions.view(session),
          (session) => encodeCursor('ses', session.id),
        );
      }),
    allSessions: () => read(() => [...sessions.all().values()].map((session) => sessions.view(session))),
    updateSessionSettings: (id, settings) =>
      write(() => {
        const session = { ...sessions.require(id), settings: copyJson(settings) };
        sessions.save(session);
        return sessions.view(session);
      }),
    recordSessionChange: (change) => write(() => changeSession(parts, change)),
    deleteSession: (id) =>
      write(() => {
        sessions.require(id);
        for (const row of queued.all(id)) cancelQueued(parts, row.message_id, clock.now());
        sessions.remove(id);
      }),
    listTimeline: (sessionId, page) =>
      read(() => {
        sessions.require(sessionId);
        const before =
          page.cursor === undefined ? Number.MAX_SAFE_INTEGER : cursorNumber(decodeCursor('tml', page.cursor, 1)[0]);
        return toPage(
          timeline.all(sessionId, before, page.limit + 1),
          page.limit,
          (row) => decode(row.object),
          (row) => encodeCursor('tml', row.entry),
        );
      }),
  };
}

function newSession(input: NewSession, now: number): Session {
  const time = toTimestamp(now);
  return {
    id: input.id,
    property: input.property,
    channel: input.channel,
    account: null,
    state: 'unlinked',
    since: time,
    unreachableSince: null,
    reason: null,
    liveness: null,
    limits: [],
    version: { current: null, wanted: null, ladder: [] },
    pacing: { mode: 'human', queued: 0, budgets: [], lanes: [], nextSendAt: null, waiting: [] },
    settings: copyJson(input.settings),
    lastInboundAt: null,
    lastOutboundAt: null,
    createdAt: time,
  };
}

/** Attempts between are no end of the trouble, and linking anew is no end of the time without guests. */
function unreachableSince(before: Session, state: SessionState, time: string): string | null {
  if (state === 'connected' || state === 'degraded') return null;
  if (state === 'unlinked') return null;
  if (state === 'linking' && before.state === 'unlinked') return null;
  return before.unreachableSince ?? time;
}

function changeSession(parts: StoreParts, change: SessionChange): Session {
  const before = parts.sessions.require(change.sessionId);
  const time = toTimestamp(change.at);
  const { account, currentVersion, wantedVersion, reason, state } = change;
  const after: Session = {
    ...before,
    state,
    reason,
    since: state === before.state ? before.since : time,
    unreachableSince: unreachableSince(before, state, time),
    version: {
      ...before.version,
      ...(currentVersion === undefined ? {} : { current: currentVersion }),
      ...(wantedVersion === undefined ? {} : { wanted: wantedVersion }),
    },
    ...(account === undefined ? {} : { account: toPublic(account) }),
  };
  parts.sessions.save(after);
  parts.sendAccounts.note(before, after, change.at);
  parts.sessions.addTimelineEntry(after.id, {
    at: time,
    state,
    reason,
    version: after.version.current,
    attempt: change.attempt ?? 0,
    ...(change.gap === undefined ? {} : { gap: change.gap }),
  });
  if (before.account !== null && after.account?.address !== before.account.address)
    dropLimits(parts, after.id, change.at);
  const session = parts.sessions.view(after);
  if (change.event !== undefined) {
    const gap = change.gap === undefined ? {} : { gap: change.gap };
    const why = { ...(reason === null ? {} : { cause: reason.code, remedy: reason.remedy }), ...gap };
    parts.events.append({
      type: change.event,
      property: session.property,
      at: change.at,
      conversationId: null,
      seq: null,
      line: session.id,
      data: JSON.stringify({ session, ...why }),
    });
  }
  // A session that comes up may have something to send: its worker is woken like after an accepted message.
  parts.queue.touched.outbox.add(session.id);
  return session;
}

function toPublic(account: Account | null): Session['account'] {
  if (account === null) return null;
  const { address, displayName = null, kind = null } = account;
  return { address, displayName, kind };
}
