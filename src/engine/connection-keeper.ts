import type { Connected, DisconnectCause } from '../connector-api/index.ts';
import { DisconnectError } from '../connector-api/index.ts';
import { BellhopError } from '../core/errors.ts';
import { type AttemptParts, attemptConnect } from './connect-attempt.ts';
import { causeOfFailure, isOwnFault, needsMending } from './connect-failure.ts';
import type { Renewal } from './liveness/escalation.ts';
import { defaultLiveness } from './liveness/pace.ts';
import { LineWatch } from './liveness/watch.ts';
import type { Liveness } from './model/liveness.ts';
import type { Session } from './model/session.ts';
import { Mutex } from './mutex.ts';
import { NextAttempt } from './next-attempt.ts';
import type { SessionHandle } from './ports/index.ts';
import { decide, LOOK_AGAIN_MS } from './reconnect-policy.ts';
import type { RunnerDeps } from './runner-deps.ts';
import { SessionJournal } from './session-journal.ts';
import { SessionLine } from './session-line.ts';
import { SessionStory } from './session-story.ts';
import { SessionVersions } from './session-versions.ts';
import { Trouble } from './trouble.ts';

/** How long a send under way may still learn its outcome when the line has gone; ms. */
const SETTLE_GRACE_MS = 2_000;
/** How long a send under way may finish when the operator stops the session; ms. */
export const STOP_GRACE_MS = 5_000;

/**
 * Keeps one session connected: carries out what `decide` says about each end, and what its watch finds. All that changes the
 * session passes through one mutex; a command first aborts the attempt under way, so that nobody waits for a network.
 */
export class ConnectionKeeper {
  readonly journal: SessionJournal;
  readonly line: SessionLine;
  readonly versions: SessionVersions;
  readonly parts: AttemptParts;
  readonly #deps: RunnerDeps;
  readonly #session: Session;
  readonly #watch: LineWatch;
  readonly #next: NextAttempt;
  readonly #mutex = new Mutex();
  readonly #trouble = new Trouble();
  readonly #story: SessionStory;
  /** Aborts what was begun before the latest command. */
  #life = new AbortController();
  #connection: { readonly handle: SessionHandle; readonly since: number } | undefined;

  constructor(deps: RunnerDeps, session: Session) {
    this.#deps = deps;
    this.#session = session;
    this.journal = new SessionJournal({ ...deps, channel: session.channel }, session);
    this.#story = new SessionStory({ ...deps, session });
    this.versions = new SessionVersions({ ...deps, session, journal: this.journal });
    this.#watch = new LineWatch({
      ...deps,
      session,
      answeredBy: deps.manifests.get(session.channel)?.canaryAnsweredBy ?? 'network',
      settings: deps.liveness ?? defaultLiveness,
      orders: {
        renew: (handle, cause, what, isQuiet) => this.#renew(handle, cause, what, isQuiet),
        doubt: (handle, reason) => this.#while(handle, () => this.journal.doubted(reason)),
        trust: (handle) => this.#while(handle, () => this.journal.trusted()),
        report: (handle, gap, isWell) => this.#while(handle, () => this.journal.wasDeaf(gap, isWell)),
      },
    });
    this.line = new SessionLine({
      ...deps,
      config: deps.channelConfigs.get(session.channel),
      session,
      watch: this.#watch,
      onEnd: (handle, cause) => this.#onEnd(handle, cause),
      onMove: () => this.#move(),
    });
    this.parts = { ...deps, session, line: this.line, versions: this.versions, journal: this.journal };
    this.#next = new NextAttempt({ ...this.parts, run: () => this.run(() => this.connect()) });
  }

  get isUp(): boolean {
    return this.journal.state === 'connected' || this.journal.state === 'degraded';
  }

  get liveness(): Liveness | null {
    return this.#watch.liveness;
  }

  /** Aborts with the next command. */
  get life(): AbortSignal {
    return this.#life.signal;
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#mutex.run(work);
  }

  /** Runs what a person asked for: all that was planned before it is off. */
  command<T>(work: () => Promise<T>): Promise<T> {
    this.#life.abort(new BellhopError('session_down'));
    return this.#mutex.run(() => {
      this.#life = new AbortController();
      this.#next.cancel();
      this.#watch.forget();
      this.versions.leave();
      return work();
    });
  }

  connectAfter(delayMs: number): void {
    this.#next.plan(delayMs, false);
  }

  /** A person acted: earlier trouble has nothing to say any more. */
  forgetTrouble(): void {
    this.#trouble.forget();
    this.#story.forget();
  }

  /** One attempt. Never rejects; what went wrong is decided upon. `isAwaited`: by a person, at this moment. */
  async connect(isAwaited = false): Promise<void> {
    const life = this.#life.signal;
    if (isOver(life) || this.#connection !== undefined) return;
    try {
      const result = await attemptConnect(this.parts, life, { isAwaited, failures: this.#trouble.failures });
      if (result.do === 'use') await this.#onConnected(result.handle, result.connected);
      else if (result.do === 'wait') await this.#wait(result.until);
      else await this.becomeUnlinked('vault_empty', 'The vault of the session holds no account.');
    } catch (error) {
      if (isOver(life)) return;
      const cause = causeOfFailure(error, this.line.isOpen);
      // After anything but the network's own answer the connector may be in any state: open it afresh.
      if (!(error instanceof DisconnectError)) await this.line.close();
      if (!needsMending(error)) return this.#onFailure(cause, undefined);
      this.versions.leave();
      this.#deps.log.error('session cannot be opened', { session: this.#session.id, code: error.code, error });
      await this.journal.broken(error.code);
    }
  }

  async becomeUnlinked(code: string, text: string): Promise<void> {
    this.versions.leave();
    await this.journal.unlinked(code, text);
    await this.line.close();
  }

  async takeDown(graceMs: number): Promise<void> {
    await this.detach(graceMs);
    await this.line.hangUp();
  }

  async detach(graceMs: number): Promise<void> {
    this.#connection = undefined;
    this.#watch.end();
    this.#deps.links.remove(this.#session.id);
    await this.#deps.outbox.detach(this.#session.id, graceMs);
  }

  async #wait(until: number | null): Promise<void> {
    const waitMs = until === null ? LOOK_AGAIN_MS : until - this.#deps.clock.now();
    if (this.journal.state !== 'backing_off') await this.journal.waitsForVersion(waitMs);
    if (!isOver(this.#life.signal)) this.#next.plan(waitMs, true);
  }

  async #onConnected(handle: SessionHandle, connected: Connected): Promise<void> {
    const { links, outbox } = this.#deps;
    const { id, channel } = this.#session;
    this.#connection = { handle, since: this.#deps.clock.monotonic() };
    this.#watch.begin(handle);
    await this.journal.connected(connected, await this.versions.worked(connected), this.#watch.owesReport);
    const link = { sessionId: id, channel, handle };
    links.add(link);
    outbox.attach(link);
    this.#story.connected(connected);
  }

  #onEnd(handle: SessionHandle | undefined, cause: DisconnectCause): void {
    // Late news of a connection that a command has closed, or that its own `connect` has already reported, is dropped.
    this.#while(handle, async (since) => {
      await this.detach(SETTLE_GRACE_MS);
      await this.#onFailure(cause, this.#deps.clock.monotonic() - since);
    });
  }

  /** The line looks connected and is not: the same road as a lost one, with as much made anew as is due. */
  #renew(handle: SessionHandle, cause: DisconnectCause, what: Renewal, isQuiet: boolean): void {
    this.#while(handle, async (since) => {
      await this.detach(SETTLE_GRACE_MS);
      await this.line.renew(what);
      await this.#onFailure(cause, this.#deps.clock.monotonic() - since, isQuiet);
    });
  }

  /** Does it if this is still the connection when its turn comes, and nobody has given a command since. */
  #while(handle: SessionHandle | undefined, work: (since: number) => Promise<void>): void {
    const life = this.#life.signal;
    void this.#mutex.run(async () => {
      const connection = this.#connection;
      if (isOver(life) || connection === undefined || connection.handle !== handle) return;
      await work(connection.since);
    });
  }

  /** `isQuiet`: a precaution, no incident. */
  async #onFailure(cause: DisconnectCause, heldMs: number | undefined, isQuiet = false): Promise<void> {
    const { clock, random, telemetry } = this.#deps;
    telemetry.disconnected(this.#session.id, cause.kind);
    const history = this.#trouble.note(cause, heldMs, { now: clock.monotonic(), isOwnFault: isOwnFault(cause) });
    const advice = this.versions.ended(cause);
    const decision = decide({ ...history, advice }, cause, clock.now(), random);
    this.#story.ended({ cause, decision, heldMs, isQuiet });
    await this.journal.ended(cause, decision, history.failures, isQuiet);
    if (decision.do === 'stop') return this.line.close();
    if (!isOver(this.#life.signal)) this.#next.plan(decision.afterMs, advice !== undefined);
  }

  /** Into another process: whatever is under way ends first, and only what was up comes up again. */
  #move(): Promise<void> {
    return this.#mutex.run(async () => {
      if (this.journal.state === 'linking') return;
      const wasUp = this.isUp;
      await this.takeDown(STOP_GRACE_MS);
      if (!wasUp || isOver(this.#life.signal)) return;
      await this.journal.moving();
      await this.connect();
    });
  }
}

function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}
