import type { Session, SessionState, StateReason, TimelineEntry } from './model/session.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** What Bellhop could not put right alone for so long is worth a look of a person: internet, phone, a new release; ms. */
const LONG_MS = 5 * MINUTE_MS;

/** How a session is, in the order in which people ask. */
export interface SessionStory {
  /** Whether guests reach the hotel through it. */
  readonly reach: 'yes' | 'no' | 'not_yet';
  /** What happened and since when, one or two sentences. */
  readonly what: string;
  /** What Bellhop does about it now. */
  readonly doing: string;
  /** What a person has to do; null = nothing. */
  readonly todo: string | null;
}

type Known = Pick<Session, 'state' | 'since' | 'unreachableSince' | 'reason'>;

/** What there is to say of a session now. Pure; times are told as spans, since readers sit in several time zones. */
export function explainSession(session: Known, now: number): SessionStory {
  const { state, reason } = session;
  const spanMs = now - Date.parse(session.unreachableSince ?? session.since);
  const span = spanWords(spanMs);
  const told = reason === null ? '' : `${sentence(reason.text)} `;
  const isTrying = state === 'backing_off' || state === 'connecting';
  const isLong = isTrying && spanMs >= LONG_MS;
  const needsPerson = reason !== null && (reason.action !== 'none' || isLong);
  return {
    reach: reachOf(state),
    what: `${told}${stateWords[state]} for ${span}.`,
    doing: doingWords(state, reason, now),
    todo: needsPerson ? sentence(reason.remedy) : personFor(state),
  };
}

/** The same in one line. */
export function storyLine(story: SessionStory): string {
  return [story.what, story.doing, story.todo ?? 'Nothing to do.'].filter((part) => part !== '').join(' ');
}

/** One row of the timeline in a sentence. Pure. */
export function explainEntry(entry: TimelineEntry): string {
  const { state, reason, attempt, version } = entry;
  if (reason === null)
    return `${entryWords[state]}${state === 'connected' ? withVersion(version) : ''}.${gapWords(entry)}`;
  const next =
    reason.retryAt === null
      ? ''
      : ` Tries again in ${spanWords(Date.parse(reason.retryAt) - Date.parse(entry.at))}${attempt > 0 ? `, attempt ${attempt + 1}` : ''}.`;
  const remedy = reason.action === 'none' ? '' : ` ${sentence(reason.remedy)}`;
  return `${entryWords[state]}: ${sentence(reason.text)}${next}${remedy}`;
}

function gapWords({ gap }: TimelineEntry): string {
  if (gap === undefined) return '';
  const span = spanWords(Date.parse(gap.to) - Date.parse(gap.from));
  const late = gap.lateMessages === 1 ? '1 message came late' : `${gap.lateMessages} messages came late`;
  return ` It had heard nothing for ${span} before; ${late}.`;
}

/** `45 s`, `3 min`, `2 h 5 min`, `4 days`: as exact as a person would say it. Negative spans count as none. */
export function spanWords(ms: number): string {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.round(span / SECOND_MS)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  if (span < DAY_MS) {
    const minutes = Math.floor((span % HOUR_MS) / MINUTE_MS);
    return `${Math.floor(span / HOUR_MS)} h${minutes === 0 ? '' : ` ${minutes} min`}`;
  }
  const days = Math.floor(span / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}

/** How it stands, to be followed by "for 3 min". */
const stateWords: Readonly<Record<SessionState, string>> = {
  unlinked: 'No account has been linked',
  linking: 'An account is being linked',
  connecting: 'Guests have not been reached',
  connected: 'Guests have been reached',
  backing_off: 'Guests have not been reached',
  degraded: 'Guests are reached, but not all is well,',
  logged_out: 'Guests have not been reached',
  banned: 'Guests have not been reached',
  stopped: 'Stopped, and guests not reached,',
};

/** What happened, for a row of the timeline. */
const entryWords: Readonly<Record<SessionState, string>> = {
  unlinked: 'Not linked',
  linking: 'Linking began',
  connecting: 'Connecting',
  connected: 'Connected',
  backing_off: 'Line lost',
  degraded: 'Connected, but not all is well',
  logged_out: 'Logged out',
  banned: 'Banned',
  stopped: 'Stopped',
};

function reachOf(state: SessionState): SessionStory['reach'] {
  switch (state) {
    case 'connected':
    case 'degraded':
      return 'yes';
    case 'unlinked':
    case 'linking':
      return 'not_yet';
    case 'connecting':
    case 'backing_off':
    case 'logged_out':
    case 'banned':
    case 'stopped':
      return 'no';
  }
}

function doingWords(state: SessionState, reason: StateReason | null, now: number): string {
  switch (state) {
    case 'connecting':
      return 'Bellhop is connecting.';
    case 'backing_off': {
      const retryAt = reason?.retryAt ?? null;
      const waitMs = retryAt === null ? 0 : Date.parse(retryAt) - now;
      return waitMs < SECOND_MS ? 'Bellhop is about to try again.' : `Bellhop tries again in ${spanWords(waitMs)}.`;
    }
    case 'degraded':
      return reason?.action === 'none' ? sentence(reason.remedy) : 'Messages flow meanwhile.';
    case 'logged_out':
    case 'banned':
    case 'stopped':
      return 'Bellhop tries nothing by itself; queued messages wait.';
    case 'connected':
    case 'unlinked':
    case 'linking':
      return '';
  }
}

/** States in which a person is asked for something even without a reason. */
function personFor(state: SessionState): string | null {
  if (state === 'unlinked') return 'Link an account: `bellhop link <channel>`.';
  return state === 'linking' ? 'Finish linking on the phone.' : null;
}

function withVersion(version: string | null): string {
  return version === null ? '' : `, as version ${version}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
