import type { Account, ClientVersion, Connected, DisconnectCause } from '../connector-api/index.ts';
import type { Clock, Timer } from '../core/clock.ts';
import type { ErrorCode } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import {
  brokenReason,
  movedReason,
  oldVersionReason,
  reasonOf,
  stoppedReason,
  unlinkedReason,
  versionSearchReason,
  versionStepReason,
} from './causes.ts';
import type { EventType } from './model/event.ts';
import type { DeafGap } from './model/liveness.ts';
import type { Session, SessionState, StateReason } from './model/session.ts';
import type { SessionChange, Store, Telemetry } from './ports/index.ts';
import type { ReconnectDecision } from './reconnect-policy.ts';
import { SessionNews, type Told } from './session-news.ts';
import type { OldVersion } from './version-advice.ts';

/** A state that could not be written (disk full) is written later, unless it has changed by then; ms. */
const RECORD_RETRY_MS = 10_000;

/**
 * Keeps the state of one session and writes each change down: one timeline row, and an event once an incident. No method
 * rejects. Used by the session's runner.
 */
export class SessionJournal {
  readonly #deps: { store: Store; telemetry: Telemetry; clock: Clock; log: Logger; channel: string };
  readonly #sessionId: string;
  readonly #news: SessionNews;
  #state: SessionState;
  #reason: StateReason | null;
  /** What the latest connection should have been better in. */
  #old: OldVersion | null = null;
  #latest: SessionChange | undefined;
  #retry: Timer | undefined;
  /** What people know by what is written. */
  #heard: Told;

  constructor(
    deps: { store: Store; telemetry: Telemetry; clock: Clock; log: Logger; channel: string },
    session: Pick<Session, 'id' | 'state' | 'reason' | 'since'>,
  ) {
    this.#deps = deps;
    this.#sessionId = session.id;
    this.#state = session.state;
    this.#reason = session.reason;
    this.#news = new SessionNews(session.state);
    this.#heard = this.#news.told;
    deps.telemetry.sessionState(session.id, deps.channel, session.state, session.reason, Date.parse(session.since));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** An attempt begins; `account` when it was linked just now. */
  connecting(account?: Account): Promise<void> {
    return this.#change({ state: 'connecting', reason: null, ...(account === undefined ? {} : { account }) });
  }

  /**
   * `old`: with an older version than it should have. `isAwaited`: how long the line was deaf before is still being looked into;
   * `wasDeaf` ends the incident.
   */
  connected({ account, version }: Connected, old: OldVersion | null = null, isAwaited = false): Promise<void> {
    this.#old = old;
    const seen = { account, currentVersion: version, wantedVersion: old?.wanted ?? version, attempt: 0 };
    if (old !== null)
      return this.#change({ ...seen, state: 'degraded', reason: oldVersionReason(old) }, this.#news.degraded());
    const news = isAwaited ? undefined : this.#news.connected();
    return this.#change({ ...seen, state: 'connected', reason: null }, news);
  }

  /** Connected, and something is not as it should be. */
  doubted(reason: StateReason): Promise<void> {
    return this.#change({ state: 'degraded', reason }, this.#news.degraded());
  }

  /** What was doubted is well again. */
  trusted(): Promise<void> {
    return this.#change(...this.#standing());
  }

  /** What the line had not heard is known now; `isWell`: nothing else is doubted. */
  wasDeaf(gap: DeafGap, isWell: boolean): Promise<void> {
    if (!isWell) return this.#change({ state: this.#state, reason: this.#reason, gap });
    const [change, news] = this.#standing();
    return this.#change({ ...change, gap }, news);
  }

  /** Its process is replaced; it connects again at once. */
  moving(): Promise<void> {
    return this.#change({ state: 'connecting', reason: movedReason });
  }

  /** The session announces another client version from now on; `isNews`: not only for a trial. */
  announces(from: ClientVersion, to: ClientVersion, isNews: boolean): Promise<void> {
    const change = { state: this.#state, reason: versionStepReason(from, to), currentVersion: to };
    return this.#change(change, isNews ? 'session.version_changed' : undefined);
  }

  /** Nothing is tried before another session has found an accepted version, or for this time. */
  waitsForVersion(waitMs: number): Promise<void> {
    const reason = versionSearchReason(this.#deps.clock.now() + waitMs);
    return this.#change({ state: 'backing_off', reason }, this.#news.interrupted(false));
  }

  /**
   * The connection ended or could not be made, and this is what was decided. `failures`: in a row, this one included. `isQuiet`: it
   * is made anew as a precaution, and nobody needs to hear of it.
   */
  ended(cause: DisconnectCause, decision: ReconnectDecision, failures: number, isQuiet = false): Promise<void> {
    const reason = reasonOf(cause, decision);
    if (decision.do === 'stop')
      return this.#change({ state: decision.state, reason }, this.#news.ended(decision.state));
    const news = this.#news.interrupted(isQuiet || decision.afterMs === 0);
    return this.#change({ state: 'backing_off', reason, attempt: failures }, news);
  }

  /** It cannot be opened before somebody has mended it. */
  broken(code: ErrorCode): Promise<void> {
    return this.#change({ state: 'stopped', reason: brokenReason(code) }, this.#news.ended('stopped'));
  }

  stopped(): Promise<void> {
    return this.#change({ state: 'stopped', reason: stoppedReason }, this.#news.reset());
  }

  linking(): Promise<void> {
    this.#news.reset();
    return this.#change({ state: 'linking', reason: null }, 'session.linking');
  }

  unlinked(code: string, text: string): Promise<void> {
    return this.#change({ state: 'unlinked', reason: unlinkedReason(code, text), account: null });
  }

  close(): void {
    this.#latest = undefined;
    this.#retry?.cancel();
  }

  /** A connected session as it stands, apart from what was doubted, with the news of it. */
  #standing(): [change: Pick<SessionChange, 'state' | 'reason'>, news: EventType | undefined] {
    if (this.#old === null) return [{ state: 'connected', reason: null }, this.#news.connected()];
    return [{ state: 'degraded', reason: oldVersionReason(this.#old) }, this.#news.degraded()];
  }

  /** Never rejects: a full disk must not keep a session from going on. */
  async #change(change: Omit<SessionChange, 'sessionId' | 'at' | 'event'>, event?: EventType): Promise<void> {
    this.#retry?.cancel();
    this.#state = change.state;
    this.#reason = change.reason;
    const at = this.#deps.clock.now();
    this.#deps.telemetry.sessionState(this.#sessionId, this.#deps.channel, change.state, change.reason, at);
    const news = event === undefined ? {} : { event };
    const latest = { ...change, ...news, sessionId: this.#sessionId, at };
    this.#latest = latest;
    await this.#write(latest, this.#news.told);
  }

  /** `told`: what people know once it is written; until then they know what they knew. */
  async #write(change: SessionChange, told: Told): Promise<void> {
    try {
      await this.#deps.store.recordSessionChange(change);
      this.#heard = told;
      if (this.#latest === change) this.#news.correct(told);
    } catch (error) {
      this.#deps.log.error('session state not stored yet', {
        session: this.#sessionId,
        state: change.state,
        error: error instanceof Error ? error : String(error),
      });
      if (this.#latest !== change) return; // The session has moved on meanwhile.
      this.#news.correct(this.#heard);
      this.#retry = this.#deps.clock.after(RECORD_RETRY_MS, () => void this.#write(change, told));
    }
  }
}
