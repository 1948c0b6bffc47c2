import { BellhopError } from '../core/errors.ts';
import type { Session } from './model/session.ts';

/** Which account is to speak. `sessions` are those of the channel that the caller may use. */
export interface SessionChoice {
  readonly sessions: readonly Session[];
  /** Named in the request. */
  readonly wanted: string | undefined;
  /** The conversation's own; a conversation never changes its account by itself. */
  readonly ofConversation: string | null;
  /** The one that last spoke with this guest. */
  readonly lastSpoken: string | null;
}

/**
 * The session that carries a message: named > the conversation's > the last that spoke > the only one of the channel. Pure.
 * A session that is stopped or logged out is good enough: the message waits for it. One that was never linked, or is banned, is not.
 * Throws `no_session`, `session_not_linked` or `ambiguous_session`.
 */
export function chooseSession(choice: SessionChoice): Session {
  if (choice.wanted !== undefined) return takeWanted(choice, choice.wanted);
  if (choice.ofConversation !== null) {
    const session = findSession(choice, choice.ofConversation);
    if (session !== undefined && canCarry(session)) return session;
    throw new BellhopError('no_session', {
      pointer: 'conversationId',
      detail: 'The account of this conversation is not linked any more; name `channel` and `to` to use another.',
    });
  }
  const usable = choice.sessions.filter(canCarry);
  const lastSpoken = usable.find((session) => session.id === choice.lastSpoken);
  if (lastSpoken !== undefined) return lastSpoken;
  const linked = usable.filter((session) => session.state !== 'logged_out');
  const [only, ...more] = linked.length > 0 ? linked : usable;
  if (only === undefined) throw new BellhopError('no_session');
  if (more.length > 0)
    throw new BellhopError('ambiguous_session', {
      pointer: 'session',
      detail: `Name one of: ${[only, ...more].map((session) => session.id).join(', ')}.`,
    });
  return only;
}

function takeWanted(choice: SessionChoice, wanted: string): Session {
  const session = findSession(choice, wanted);
  if (session === undefined)
    throw new BellhopError('no_session', {
      pointer: 'session',
      detail: 'There is no session with this id on the channel.',
    });
  if (choice.ofConversation !== null && choice.ofConversation !== session.id)
    throw new BellhopError('invalid_request', {
      pointer: 'session',
      detail: 'The conversation belongs to another session; leave `session` out, or name `channel` and `to`.',
    });
  if (!canCarry(session)) throw new BellhopError('session_not_linked', { pointer: 'session' });
  return session;
}

function findSession(choice: SessionChoice, id: string | null): Session | undefined {
  return choice.sessions.find((session) => session.id === id);
}

function canCarry(session: Session): boolean {
  if (session.state === 'banned' || session.state === 'unlinked') return false;
  return session.account !== null || session.state !== 'linking';
}
