import type { Account, Connected, DisconnectCause } from '../connector-api/index.ts';
import { DisconnectError } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { beginLogin } from './begin-login.ts';
import { type AttemptParts, attemptConnect } from './connect-attempt.ts';
import { causeOfFailure, isOwnFault, needsMending } from './connect-failure.ts';
import type { Session } from './model/session.ts';
import { Mutex } from './mutex.ts';
import { NextAttempt, restOfRestriction } from './next-attempt.ts';
import type { SessionHandle } from './ports/index.ts';
import { decide, LOOK_AGAIN_MS } from './reconnect-policy.ts';
import type { RunnerDeps } from './runner-deps.ts';
import { SessionJournal } from './session-journal.ts';
import { SessionLine } from './session-line.ts';
import { SessionVersions } from './session-versions.ts';
import { Trouble } from './trouble.ts';

/** How long a send under way may still learn its outcome when the line has gone; ms. */
const SETTLE_GRACE_MS = 2_000;
/** How long a send under way may finish when the operator stops the session; ms. */
const STOP_GRACE_MS = 5_000;

/**
 * The running of one session: keeps it connected, and carries out what `decide` says about each end. All that changes it
 * passes through one mutex; a command first aborts the attempt under way, so that nobody waits for a network.
 */
export class SessionRunner {
  readonly #deps: RunnerDeps;
  readonly #session: Session;
  readonly #journal: SessionJournal;
  readonly #line: SessionLine;
  readonly #versions: SessionVersions;
  readonly #parts: AttemptParts;
  readonly #next: NextAttempt;
  readonly #mutex = new Mutex();
  /** Aborts what was begun before the latest command. */
  #life = new AbortController();
  #connection: { readonly handle: SessionHandle; readonly since: number } | undefined;
  readonly #trouble = new Trouble();

  constructor(deps: RunnerDeps, session: Session) {
    this.#deps = deps;
    this.#session = session;
    this.#journal = new SessionJournal({ ...deps, channel: session.channel }, session);
    this.#versions = new SessionVersions({ ...deps, session, journal: this.#journal });
    const config = deps.channelConfigs.get(session.channel);
    this.#line = new SessionLine({
      ...deps,
      config,
      session,
      onEnd: (handle, cause) => this.#onEnd(handle, cause),
      onMove: () => this.#move(),
    });
    this.#parts = { ...deps, session, line: this.#line, versions: this.#versions, journal: this.#journal };
    this.#next = new NextAttempt({ ...this.#parts, run: () => this.#mutex.run(() => this.#connect()) });
  }

  /** At start of the daemon: goes on where it was. Resolves after the first attempt; never rejects. */
  async resume(): Promise<void> {
    const { state } = this.#journal;
    if (state === 'unlinked' || state === 'logged_out' || state === 'banned' || state === 'stopped') return;
    const restMs = restOfRestriction(this.#session, this.#deps.clock.now());
    if (restMs > 0) this.#next.plan(restMs, false);
    // `linking`: the daemon ended in the middle of it, and the vault knows whether the account was linked.
    else await this.#mutex.run(() => this.#connect());
  }

  /** Resolves once the state is `connecting`; the attempt itself goes on alone. Rejects with `session_not_linked`. */
  async start(): Promise<void> {
    if (this.#isUp() || this.#journal.state === 'connecting') return;
    await this.#command(async () => {
      const { state } = this.#journal;
      if (state === 'logged_out') throw new BellhopError('session_not_linked');
      if (state === 'unlinked' || state === 'linking') await this.#requireAccount();
      this.#trouble.forget();
      await this.#journal.connecting();
      void this.#mutex.run(() => this.#connect(true));
    });
  }

  /** Closes the connection and keeps the link. Resolves when the line is closed. */
  stop(): Promise<void> {
    return this.#command(async () => {
      await this.#takeDown(STOP_GRACE_MS);
      const { state } = this.#journal;
      if (state === 'unlinked' || state === 'logged_out' || state === 'banned') return;
      if (state === 'linking') return this.#becomeUnlinked('link_cancelled', 'Linking was stopped.');
      await this.#journal.stopped();
    });
  }

  /** The daemon ends: the line is closed, and the stored state tells the next start to go on. Never rejects. */
  async shutDown(graceMs: number): Promise<void> {
    await this.#command(() => this.#takeDown(graceMs));
    this.#journal.close();
  }

  /** Unlinks the account as well as possible and forgets everything. Never rejects. */
  async unlink(): Promise<void> {
    await this.#command(async () => {
      await this.#detach(STOP_GRACE_MS);
      await this.#line.forget();
    });
    this.#journal.close();
    this.#deps.telemetry.sessionGone(this.#session.id);
  }

  /**
   * Makes room for linking and lends the open session to `begin`, which resolves with the first step. Rejects with
   * `session_not_linkable`, with the host's errors and with those of `begin`.
   */
  async link<T>(begin: (handle: SessionHandle) => Promise<T>): Promise<T> {
    const { state } = this.#journal;
    if (this.#isUp() || state === 'connecting' || state === 'backing_off')
      throw new BellhopError('session_not_linkable');
    return this.#command(async () => {
      try {
        await this.#line.open(this.#versions.forLogin);
        const isOver = this.#journal.state === 'logged_out' || this.#journal.state === 'banned';
        if (this.#line.isLinked && isOver) await this.#line.erase();
        if (this.#line.isLinked) throw new BellhopError('session_not_linkable');
        const first = await beginLogin(this.#parts, begin, this.#life.signal);
        await this.#journal.linking();
        return first;
      } catch (error) {
        this.#versions.leave();
        if (this.#journal.state === 'linking') await this.#becomeUnlinked('link_failed', 'Linking did not begin.');
        else await this.#line.close();
        throw error;
      }
    });
  }

  /** The wizard is through. */
  linked(account: Account): void {
    this.#line.markLinked();
    this.#versions.knows(account);
    void this.#mutex.run(async () => {
      this.#trouble.forget();
      await this.#journal.connecting(account);
      await this.#connect(true);
    });
  }

  /** The wizard ended without an account. */
  linkFailed(code: string, text: string): void {
    void this.#mutex.run(async () => {
      if (this.#journal.state === 'linking') await this.#becomeUnlinked(code, text);
    });
  }

  #command<T>(work: () => Promise<T>): Promise<T> {
    this.#life.abort(new BellhopError('session_down'));
    return this.#mutex.run(() => {
      this.#life = new AbortController();
      this.#next.cancel();
      this.#versions.leave();
      return work();
    });
  }

  #isUp(): boolean {
    return this.#journal.state === 'connected' || this.#journal.state === 'degraded';
  }

  /** The record may be behind the vault, e.g. after a crash at the end of linking. */
  async #requireAccount(): Promise<void> {
    await this.#line.open();
    if (this.#line.isLinked) return;
    if (this.#journal.state === 'unlinked') await this.#line.close();
    throw new BellhopError('session_not_linked');
  }

  /** One attempt. Never rejects; what went wrong is decided upon. `isAwaited`: by a person, at this moment. */
  async #connect(isAwaited = false): Promise<void> {
    const life = this.#life.signal;
    if (isOver(life) || this.#connection !== undefined) return;
    try {
      const result = await attemptConnect(this.#parts, life, { isAwaited, failures: this.#trouble.failures });
      if (result.do === 'use') await this.#onConnected(result.handle, result.connected);
      else if (result.do === 'wait') await this.#wait(result.until);
      else await this.#becomeUnlinked('vault_empty', 'The vault of the session holds no account.');
    } catch (error) {
      if (isOver(life)) return;
      const cause = causeOfFailure(error, this.#line.isOpen);
      // After anything but the network's own answer the connector may be in any state: open it afresh.
      if (!(error instanceof DisconnectError)) await this.#line.close();
      if (!needsMending(error)) return this.#onFailure(cause, undefined);
      this.#versions.leave();
      this.#deps.log.error('session cannot be opened', { session: this.#session.id, code: error.code, error });
      await this.#journal.broken(error.code);
    }
  }

  async #wait(until: number | null): Promise<void> {
    const waitMs = until === null ? LOOK_AGAIN_MS : until - this.#deps.clock.now();
    if (this.#journal.state !== 'backing_off') await this.#journal.waitsForVersion(waitMs);
    if (!isOver(this.#life.signal)) this.#next.plan(waitMs, true);
  }

  async #onConnected(handle: SessionHandle, connected: Connected): Promise<void> {
    const { links, outbox, log } = this.#deps;
    const { id, channel } = this.#session;
    this.#connection = { handle, since: this.#deps.clock.monotonic() };
    await this.#journal.connected(connected, await this.#versions.worked(connected));
    const link = { sessionId: id, channel, handle };
    links.add(link);
    outbox.attach(link);
    log.info('session connected', { session: id, channel, version: connected.version });
  }

  #onEnd(handle: SessionHandle | undefined, cause: DisconnectCause): void {
    const life = this.#life.signal;
    void this.#mutex.run(async () => {
      const connection = this.#connection;
      // Late news of a connection that a command has closed, or that its own `connect` has already reported.
      if (isOver(life) || connection === undefined || connection.handle !== handle) return;
      this.#connection = undefined;
      const heldMs = this.#deps.clock.monotonic() - connection.since;
      await this.#detach(SETTLE_GRACE_MS);
      await this.#onFailure(cause, heldMs);
    });
  }

  async #onFailure(cause: DisconnectCause, heldMs: number | undefined): Promise<void> {
    const { clock, random, telemetry, log } = this.#deps;
    const { id } = this.#session;
    telemetry.disconnected(id, cause.kind);
    const history = this.#trouble.note(cause, heldMs, { now: clock.monotonic(), isOwnFault: isOwnFault(cause) });
    const advice = this.#versions.ended(cause);
    const decision = decide({ ...history, advice }, cause, clock.now(), random);
    const { code, kind, nativeCode } = cause;
    log.warn('session connection ended', { session: id, code, kind, nativeCode, action: decision.action });
    await this.#journal.ended(cause, decision, history.failures);
    if (decision.do === 'stop') return this.#line.close();
    if (!isOver(this.#life.signal)) this.#next.plan(decision.afterMs, advice !== undefined);
  }

  async #becomeUnlinked(code: string, text: string): Promise<void> {
    this.#versions.leave();
    await this.#journal.unlinked(code, text);
    await this.#line.close();
  }

  /** Into another process: whatever is under way ends first, and only what was up comes up again. */
  #move(): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.#journal.state === 'linking') return;
      const wasUp = this.#isUp();
      await this.#takeDown(STOP_GRACE_MS);
      if (!wasUp || isOver(this.#life.signal)) return;
      await this.#journal.moving();
      await this.#connect();
    });
  }

  async #takeDown(graceMs: number): Promise<void> {
    await this.#detach(graceMs);
    await this.#line.hangUp();
  }

  async #detach(graceMs: number): Promise<void> {
    this.#connection = undefined;
    this.#deps.links.remove(this.#session.id);
    await this.#deps.outbox.detach(this.#session.id, graceMs);
  }
}

function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
