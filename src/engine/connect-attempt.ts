import type { Connected } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import { rankOf } from './connect-rank.ts';
import type { Session } from './model/session.ts';
import type { SessionHandle, Store } from './ports/index.ts';
import type { SessionJournal } from './session-journal.ts';
import type { SessionLine } from './session-line.ts';
import type { SessionTurn, SessionVersions } from './session-versions.ts';
import type { StartGate } from './start-gate.ts';
import { notDue } from './start-gate.ts';

export type AttemptResult =
  | { readonly do: 'use'; readonly handle: SessionHandle; readonly connected: Connected }
  /** The vault holds no account. */
  | { readonly do: 'unlink' }
  /** Another session tries out which client version is accepted (`until` is null), or it is too early; nothing was sent. */
  | { readonly do: 'wait'; readonly until: number | null };

/** What an attempt works with: parts of the session, and what all sessions share. */
export interface AttemptParts {
  readonly session: Session;
  readonly store: Pick<Store, 'getSession'>;
  readonly gate: StartGate;
  readonly clock: Clock;
  readonly line: SessionLine;
  readonly versions: SessionVersions;
  readonly journal: SessionJournal;
}

export interface AttemptFacts {
  /** A person has just linked or started the session, and watches. */
  readonly isAwaited: boolean;
  /** In a row, until now. */
  readonly failures: number;
}

/**
 * One attempt to connect, when the gate and the ladder of client versions let it through. Rejects as `connect` of a connector does,
 * and with the signal's reason.
 */
export async function attemptConnect(
  parts: AttemptParts,
  signal: AbortSignal,
  facts: AttemptFacts,
): Promise<AttemptResult> {
  const { gate, line, versions, journal, clock, session } = parts;
  const asked: { turn: SessionTurn } = { turn: versions.ask() };
  if (asked.turn.do === 'wait') return asked.turn;
  if (journal.state !== 'connecting') await journal.connecting();
  // The queue at the gate may be long, and the answer another by then.
  const isDue = (): boolean => {
    asked.turn = versions.ask();
    return asked.turn.do === 'go';
  };
  const connect = async (): ReturnType<SessionLine['connect']> => {
    const { turn } = asked;
    await versions.announce(turn);
    return line.connect(signal, turn.do === 'go' ? turn.version : undefined);
  };
  const seen = await parts.store.getSession(session.id).catch(() => null); // who waits for it; a guess will do
  const rank = rankOf(seen ?? session, facts, clock.now());
  const opened = await gate.run({ channel: session.channel, rank }, connect, signal, isDue);
  if (opened === notDue) return { do: 'wait', until: untilOf(asked.turn) };
  return opened === undefined ? { do: 'unlink' } : { do: 'use', ...opened };
}

function untilOf(turn: SessionTurn): number | null {
  return turn.do === 'wait' ? turn.until : null;
}
