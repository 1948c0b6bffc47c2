import type { ClientVersion, DisconnectCause, DisconnectKind } from '../connector-api/index.ts';
import { toTimestamp } from '../core/clock.ts';
import { errorRegistry } from '../core/error-registry.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { StateReason } from './model/session.ts';
import type { ReconnectDecision } from './reconnect-policy.ts';
import type { OldVersion } from './version-advice.ts';

interface CauseText {
  /** What happened. */
  readonly text: string;
  /** What Bellhop does about it, and what a person should do. */
  readonly remedy: string;
}

/** One table of what people are told, by kind of cause. Channels add their own sentence in the cause's `detail`. */
export const causeTexts: Readonly<Record<DisconnectKind, CauseText>> = {
  network: {
    text: 'The connection to the network broke off.',
    remedy:
      'Bellhop connects again by itself; nothing to do. If it lasts, check the internet connection of this machine.',
  },
  restart_required: {
    text: 'The network asked for a fresh connection.',
    remedy: 'Bellhop connects again at once; nothing to do.',
  },
  client_outdated: {
    text: 'The network no longer accepts this client version.',
    remedy:
      'Bellhop tries its other versions by itself. If none is accepted, upgrade Bellhop or set a newer version: `bellhop versions`.',
  },
  protocol_changed: {
    text: 'The network answered in a way this version does not understand.',
    remedy:
      'Bellhop tries older versions by itself. If that does not help, upgrade Bellhop; it keeps trying at long intervals.',
  },
  replaced: {
    text: 'Another program took over the connection of this account.',
    remedy: 'Close the other program or browser tab that uses this link, then start the session again.',
  },
  restricted: {
    text: 'The network has restricted the account for a while.',
    remedy: 'Bellhop waits until the restriction ends; look in the app on the phone for the reason, and send less.',
  },
  logged_out: {
    text: 'The account was unlinked, on the phone or by the network.',
    remedy: 'Link it again: `bellhop link <channel>` or POST /v1/sessions/:id/link. Queued messages wait.',
  },
  banned: {
    text: 'The network has banned the account.',
    remedy: 'Open the app on the phone and ask for a review; Bellhop does not try again by itself.',
  },
  unknown: {
    text: 'The connection ended for a reason that Bellhop does not know.',
    remedy: 'Bellhop connects again by itself; if it lasts, report the code and the native code.',
  },
};

/** What else is said to do where the kind of the cause does not tell it. */
const CORRECT_SETTING = 'Correct the setting and restart Bellhop: then it is tried again. Nothing is tried before.';
const COMES_BACK_ONCE =
  'It may have been an earlier connection of Bellhop itself, so it comes back once by itself; if it is replaced again soon, it stops.';

/** An answer that no other version would understand better. */
const NO_VERSION_HELPS =
  'Bellhop tries again by itself. If it lasts, upgrade Bellhop, and look whether a proxy or a virus scanner on the way opens its connections.';

function remedyOf({ kind, final, anyVersion }: DisconnectCause, decision: ReconnectDecision): string {
  if (kind === 'protocol_changed' && anyVersion === true) return NO_VERSION_HELPS;
  if (final === 'configuration' && decision.do === 'stop') return CORRECT_SETTING;
  return kind === 'replaced' && decision.do === 'retry' ? COMES_BACK_ONCE : causeTexts[kind].remedy;
}

/** What a session shows while a decision about a lost connection is carried out. */
export function reasonOf(cause: DisconnectCause, decision: ReconnectDecision): StateReason {
  const told = causeTexts[cause.kind];
  return {
    code: cause.code,
    kind: cause.kind,
    nativeCode: cause.nativeCode ?? null,
    text: cause.detail ?? told.text,
    action: decision.action,
    remedy: remedyOf(cause, decision),
    retryAt: decision.do === 'retry' ? toTimestamp(decision.retryAt) : null,
  };
}

/** The child process that ran the session is gone: it is opened again like after a broken connection. `how`: see `onLost`. */
export function lostChildCause(how = 'ended unexpectedly'): DisconnectCause {
  return { kind: 'network', code: 'connector_lost', detail: `The connector's process ${how}.`, anyVersion: true };
}

/** The process of the session is replaced, and nothing is wrong. */
export const movedReason: StateReason = {
  code: 'process_changed',
  kind: null,
  nativeCode: null,
  text: 'Moved to a new process.',
  action: 'none',
  remedy: 'Nothing to do: the session connects again at once.',
  retryAt: null,
};

/** The network did not answer an attempt to connect in time. */
export const connectTimeoutCause: DisconnectCause = {
  kind: 'network',
  code: 'connect_timeout',
  detail: 'The network did not answer the attempt to connect in time.',
};

/** A failure without a cause of its own, e.g. a defect in a connector. */
export const unknownCause: DisconnectCause = { kind: 'unknown', code: 'unknown' };

/** Connected, but not with the version that it should have. */
export function oldVersionReason({ version, wanted, since }: OldVersion): StateReason {
  const known = since === null ? '' : `, refused since ${toTimestamp(since)}`;
  return {
    code: 'older_client_version',
    kind: 'client_outdated',
    nativeCode: null,
    text: `Running on ${version}; the newest is ${wanted}${known}.`,
    action: 'none',
    remedy:
      'Messages flow. Bellhop goes back by itself when the network accepts it again; look for a new release of Bellhop.',
    retryAt: null,
  };
}

/** The session announces another version than before. */
export function versionStepReason(from: ClientVersion, to: ClientVersion): StateReason {
  return {
    code: 'client_version_changed',
    kind: null,
    nativeCode: null,
    text: `Announces ${to} in place of ${from}.`,
    action: 'none',
    remedy: 'Nothing to do: `bellhop versions` shows what the network accepts.',
    retryAt: null,
  };
}

/** Another session of the channel finds out which version is accepted. */
export function versionSearchReason(retryAt: number): StateReason {
  return {
    code: 'client_version_search',
    kind: 'client_outdated',
    nativeCode: null,
    text: 'One session of the channel is finding out which client version the network accepts.',
    action: 'none',
    remedy: 'This session follows as soon as one is found; nothing to do.',
    retryAt: toTimestamp(retryAt),
  };
}

/** The operator stopped the session. */
export const stoppedReason: StateReason = {
  code: 'stopped_by_operator',
  kind: null,
  nativeCode: null,
  text: 'The session was stopped on request.',
  action: 'start',
  remedy: 'Start it with POST /v1/sessions/:id/start. Queued messages wait.',
  retryAt: null,
};

/** It stopped because something of this machine was wrong: a start of the daemon is when that may have been put right. */
export const mayBePutRight = (reason: StateReason | null): boolean =>
  reason?.action === 'start' && reason.code !== stoppedReason.code;

/** No account is linked; `text` says how it came to that. */
export function unlinkedReason(code: string, text: string): StateReason {
  return {
    code,
    kind: null,
    nativeCode: null,
    text,
    action: 'link',
    remedy: 'Link an account: `bellhop link <channel>` or POST /v1/sessions/:id/link.',
    retryAt: null,
  };
}

/** The session cannot be opened until a person has mended something; `code` comes from the error registry. */
export function brokenReason(code: ErrorCode): StateReason {
  return {
    code,
    kind: null,
    nativeCode: null,
    text: errorRegistry[code].title,
    action: 'start',
    remedy: `${errorRegistry[code].remedy} Then start the session, or Bellhop itself.`,
    retryAt: null,
  };
}
