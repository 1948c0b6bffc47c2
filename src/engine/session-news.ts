import type { EventType } from './model/event.ts';
import type { SessionState } from './model/session.ts';

/** What people know of a session. */
export type Told = 'nothing' | 'connected' | 'degraded' | 'trouble';

/**
 * Which event tells a change of a session, so that people hear of each incident once: its beginning and its end, and nothing
 * of the attempts between. Pure memory; kept by the session runner.
 */
export class SessionNews {
  #told: Told;

  constructor(stored: SessionState) {
    this.#told = stored === 'backing_off' ? 'trouble' : 'nothing';
  }

  get told(): Told {
    return this.#told;
  }

  /** What was to be told could not be written (disk full), or could be after all: this is what people know. */
  correct(told: Told): void {
    this.#told = told;
  }

  connected(): EventType | undefined {
    const before = this.#told;
    this.#told = 'connected';
    switch (before) {
      case 'nothing':
        return 'session.connected';
      case 'trouble':
      case 'degraded':
        return 'session.recovered';
      case 'connected':
        return undefined; // A restart that the network asked for: nobody was without a line.
    }
  }

  /** Connected, with an older version than it should have. */
  degraded(): EventType | undefined {
    const before = this.#told;
    this.#told = 'degraded';
    return before === 'degraded' ? undefined : 'session.degraded';
  }

  /** The connection is to be made again; `isBrief` = at once. */
  interrupted(isBrief: boolean): EventType | undefined {
    if (isBrief || this.#told === 'trouble') return undefined;
    this.#told = 'trouble';
    return 'session.disconnected';
  }

  /** Bellhop can do nothing more alone: always news, also in the middle of an incident. */
  ended(state: 'logged_out' | 'banned' | 'stopped'): EventType {
    this.#told = 'trouble';
    switch (state) {
      case 'logged_out':
        return 'session.logged_out';
      case 'banned':
        return 'session.banned';
      case 'stopped':
        return 'session.disconnected';
    }
  }

  /** The operator stopped it, or links it anew: what comes next begins from scratch. */
  reset(): EventType | undefined {
    const before = this.#told;
    this.#told = 'nothing';
    return before === 'connected' || before === 'degraded' ? 'session.disconnected' : undefined;
  }
}
