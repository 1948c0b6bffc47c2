import { sleep } from '../core/clock.ts';
import { BellhopError } from '../core/errors.ts';
import { rankOf } from './connect-rank.ts';
import type { LinkFailure } from './linking.ts';
import { Linking } from './linking.ts';
import type { Session } from './model/session.ts';
import type { RunnerDeps } from './runner-deps.ts';
import { SessionRunner } from './session-runner.ts';

/** What people read when linking came to nothing, and the connector has no words of its own. */
const LINK_FAILURES: Readonly<Record<LinkFailure, string>> = {
  expired: 'Nobody confirmed the link in time.',
  rejected: 'The network or the person refused the link.',
  unsupported: 'The channel does not link this way.',
  outdated: 'The network no longer accepts this client version.',
  cancelled: 'Linking was cancelled.',
  network: 'The connection broke off while linking.',
  session_down: "The connector's process ended while linking.",
};

/** A store write each, some 100 µs: a portion takes a few milliseconds of the event loop. */
const RESUMED_AT_ONCE = 25;
/** Between two portions; a thousand sessions are on their way within half a second. */
const RESUME_PAUSE_MS = 5;

/** A session that runs, and its wizard. */
export interface SupervisedSession {
  readonly property: string;
  readonly runner: SessionRunner;
  readonly linking: Linking;
}

/** Keeps a runner for every session: starts them with the daemon, adds and removes them on command. */
export class Supervisor {
  readonly #deps: RunnerDeps;
  readonly #sessions = new Map<string, SupervisedSession>();
  #isStopping = false;

  constructor(deps: RunnerDeps) {
    this.#deps = deps;
  }

  /** Resolves once every stored session is known; connecting them goes on alone, the most urgent first, a few at a time. */
  async start(): Promise<void> {
    await this.#deps.host.start();
    const stored = await this.#deps.store.allSessions();
    for (const session of stored) this.add(session);
    void this.#resume(byUrgency(stored, this.#deps.clock.now()));
  }

  /** Each writes down that it connects: in small portions, so that the API answers in between. Never rejects. */
  async #resume(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length && !this.#isStopping; from += RESUMED_AT_ONCE) {
      if (from > 0) await sleep(this.#deps.clock, RESUME_PAUSE_MS);
      for (const id of ids.slice(from, from + RESUMED_AT_ONCE)) void this.#sessions.get(id)?.runner.resume();
    }
  }

  /** Takes every session down and stops the host, within `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true;
    const startedAt = this.#deps.clock.monotonic();
    // Half of the time for sends under way and farewells; the rest is the host's, which may have to use force.
    const graceMs = Math.floor(limitMs / 2);
    // A send that is cut still says whether the message went, if it gets the time to.
    const sendMs = Math.floor(graceMs / 2);
    const farewells = Promise.all([...this.#sessions.values()].map((session) => this.#shutDown(session, sendMs)));
    let timer: { cancel(): void } | undefined;
    const timeUp = new Promise<void>((resolve) => {
      timer = this.#deps.clock.after(graceMs, resolve);
    });
    await Promise.race([farewells, timeUp]);
    timer?.cancel();
    this.#sessions.clear();
    const spentMs = this.#deps.clock.monotonic() - startedAt;
    await this.#deps.host.stop(Math.max(0, limitMs - spentMs));
  }

  add(session: Session): SupervisedSession {
    if (this.#isStopping) throw new BellhopError('shutting_down');
    const runner = new SessionRunner(this.#deps, session);
    const linking = new Linking({
      clock: this.#deps.clock,
      log: this.#deps.log.child({ session: session.id }),
      onLinked: (account) => runner.linked(account),
      onFailed: (failure, words) => runner.linkFailed(`link_${failure}`, words ?? LINK_FAILURES[failure]),
    });
    const supervised = { property: session.property, runner, linking };
    this.#sessions.set(session.id, supervised);
    return supervised;
  }

  find(sessionId: string): SupervisedSession | undefined {
    return this.#sessions.get(sessionId);
  }

  /** Unlinks, forgets, and erases the vault even if nobody could open it. The store's row is the caller's matter. */
  async remove(sessionId: string): Promise<void> {
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) {
      await session.linking.cancel();
      await session.runner.unlink();
      this.#sessions.delete(sessionId);
    }
    this.#deps.eraseVault?.(sessionId);
  }

  async #shutDown(session: SupervisedSession, graceMs: number): Promise<void> {
    await session.linking.cancel();
    await session.runner.shutDown(graceMs);
  }
}

/** The ids of the sessions, in the order in which they should connect. */
function byUrgency(sessions: readonly Session[], now: number): readonly string[] {
  const fresh = { isAwaited: false, failures: 0 };
  return sessions
    .map((session) => ({ id: session.id, rank: rankOf(session, fresh, now) }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ id }) => id);
}
