import type { Clock, Timer } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { SessionState } from './model/session.ts';
import type { SessionChange, Store, Telemetry } from './ports/index.ts';

/** A state that could not be written (disk full) is written later, unless it has changed by then; ms. */
const RECORD_RETRY_MS = 10_000;

/** Keeps the state of one session and writes each change down: one timeline row, and an event where asked. */
export class SessionJournal {
  readonly #deps: { store: Store; telemetry: Telemetry; clock: Clock; log: Logger; channel: string };
  readonly #sessionId: string;
  #state: SessionState;
  #retry: Timer | undefined;

  constructor(
    deps: { store: Store; telemetry: Telemetry; clock: Clock; log: Logger; channel: string },
    session: { readonly id: string; readonly state: SessionState },
  ) {
    this.#deps = deps;
    this.#sessionId = session.id;
    this.#state = session.state;
    deps.telemetry.sessionState(session.id, deps.channel, session.state);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Never rejects: a full disk must not keep a session from going on. */
  async change(change: Omit<SessionChange, 'sessionId' | 'at'>): Promise<void> {
    this.#retry?.cancel();
    this.#state = change.state;
    this.#deps.telemetry.sessionState(this.#sessionId, this.#deps.channel, change.state);
    await this.#write({ ...change, sessionId: this.#sessionId, at: this.#deps.clock.now() });
  }

  close(): void {
    this.#retry?.cancel();
  }

  async #write(change: SessionChange): Promise<void> {
    try {
      await this.#deps.store.recordSessionChange(change);
    } catch (error) {
      this.#deps.log.error('session state not stored yet', {
        session: this.#sessionId,
        state: change.state,
        error: error instanceof Error ? error : String(error),
      });
      this.#retry = this.#deps.clock.after(RECORD_RETRY_MS, () => void this.#write(change));
    }
  }
}
