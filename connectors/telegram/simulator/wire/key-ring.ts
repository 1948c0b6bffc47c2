import type { Clock } from '../../../../src/core/clock.ts';
import type { AuthKey } from './auth-key.ts';
import type { ServerMessageIds } from './server-message-ids.ts';
import { Session } from './session.ts';

const MOST_SESSIONS_PER_KEY = 32; // clients that make a new one on each connection must not eat the memory

/** All keys of all data centres, and the sessions over them. */
export class KeyRing {
  readonly #clock: Clock;
  readonly #ids: ServerMessageIds;
  readonly #keys = new Map<string, { readonly key: AuthKey; readonly sessions: Map<bigint, Session> }>();

  constructor(deps: { clock: Clock; ids: ServerMessageIds }) {
    this.#clock = deps.clock;
    this.#ids = deps.ids;
  }

  add(key: AuthKey): void {
    this.#keys.set(key.keyId, { key, sessions: new Map() });
  }

  /** Unknown, forgotten and expired keys are not there. */
  find(keyId: string): AuthKey | undefined {
    const key = this.#keys.get(keyId)?.key;
    return key?.expiresAt !== undefined && key.expiresAt <= this.#clock.now() ? undefined : key;
  }

  forget(keyId: string): void {
    this.#keys.delete(keyId);
    for (const { key } of this.#keys.values()) if (key.boundTo?.keyId === keyId) this.#keys.delete(key.keyId);
  }

  all(): AuthKey[] {
    return [...this.#keys.values()].map(({ key }) => key);
  }

  /** The session of this id; it is made where it is new. */
  session(key: AuthKey, id: bigint): Session {
    const sessions = this.#sessionsOf(key);
    const known = sessions.get(id);
    if (known !== undefined) return known;
    const made = new Session({ clock: this.#clock, ids: this.#ids, key, id });
    sessions.set(id, made);
    if (sessions.size > MOST_SESSIONS_PER_KEY) this.#dropOne(sessions);
    return made;
  }

  /** Returns false where there was none. */
  destroySession(key: AuthKey, id: bigint): boolean {
    return this.#sessionsOf(key).delete(id);
  }

  /** The sessions of a permanent key, also those over temporary keys that stand for it. */
  sessionsFor(keyId: string): Session[] {
    return [...this.#keys.values()]
      .filter(({ key }) => key.permanent?.keyId === keyId)
      .flatMap(({ sessions }) => [...sessions.values()]);
  }

  /** Whether any session of the key was ever sent this message. */
  wasSent(key: AuthKey, msgId: bigint): boolean {
    return [...this.#sessionsOf(key).values()].some((session) => session.acknowledge(msgId));
  }

  #sessionsOf(key: AuthKey): Map<bigint, Session> {
    return this.#keys.get(key.keyId)?.sessions ?? new Map<bigint, Session>();
  }

  #dropOne(sessions: Map<bigint, Session>): void {
    for (const [id, session] of sessions) {
      if (session.line !== undefined) continue;
      sessions.delete(id);
      return;
    }
  }
}
