import type { DisconnectCause } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import type { Random } from '../../src/core/random.ts';
import type { VersionFacts } from '../../src/engine/version-facts.ts';
import { newVersion } from '../../src/engine/version-facts.ts';
import { VersionFleet } from '../../src/engine/version-fleet.ts';

const HANDSHAKE_MS = 400;
/** As the sessions' runners do it: those that wait look again by themselves. */
const LOOK_AGAIN_MS = 300_000;

interface Entry {
  readonly at: number;
  readonly work: () => void;
}

/** Time without promises: thousands of days fit into a second. */
export class PlainClock implements Clock {
  #now = Date.UTC(2026, 10, 21);
  #entries: Entry[] = [];
  now = (): number => this.#now;
  monotonic = (): number => this.#now;
  after(delayMs: number, work: () => void): { cancel(): void } {
    const entry = { at: this.#now + Math.max(0, delayMs), work };
    this.#entries.push(entry);
    return {
      cancel: () => {
        this.#entries = this.#entries.filter((each) => each !== entry);
      },
    };
  }
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#entries.reduce<Entry | undefined>(
        (first, each) => (each.at <= end && (first === undefined || each.at < first.at) ? each : first),
        undefined,
      );
      if (next === undefined) break;
      this.#entries = this.#entries.filter((each) => each !== next);
      this.#now = next.at;
      next.work();
    }
    this.#now = end;
  }
}

export interface Attempt {
  readonly session: string;
  readonly version: string;
  readonly role: string;
  readonly at: number;
  outcome: 'under way' | 'accepted' | 'refused' | 'silent';
}

/** A network that accepts some versions, and sessions that connect as their runners would. */
export class VersionTown {
  readonly clock = new PlainClock();
  readonly attempts: Attempt[] = [];
  readonly facts = new Map<string, VersionFacts>();
  readonly fleet: VersionFleet;
  readonly up = new Map<string, string>();
  accepts: ReadonlySet<string>;
  /** Accounts that are refused whatever they announce. */
  readonly refused = new Set<string>();
  /** How a refusal looks; `silent`: the line is cut without a word. */
  refusesWith: 'client_outdated' | 'protocol_changed' | 'silent' = 'client_outdated';
  /** Nobody gets through at all. */
  isDown = false;
  readonly #random: Random;
  readonly #failures = new Map<string, number>();
  readonly #timers = new Map<string, { cancel(): void }>();

  constructor(deps: {
    versions: readonly string[];
    random: Random;
    remembered?: ReadonlyMap<string, VersionFacts>;
  }) {
    this.#random = deps.random;
    this.accepts = new Set(deps.versions);
    this.fleet = new VersionFleet({
      channel: 'fake',
      clock: this.clock,
      random: deps.random,
      telemetry: { versionTried: () => undefined, versionDegraded: () => undefined },
      log: silentLogger,
      onSearch: () => undefined,
      remember: (facts) => this.facts.set(facts.version, facts),
      rungs: deps.versions.map((version) => deps.remembered?.get(version) ?? newVersion(version, 'shipped')),
      wanted: deps.versions[0] ?? '',
    });
  }

  start(session: string): void {
    this.#connect(session);
  }

  /** The line of a session breaks, as lines do. */
  cut(session: string, cause: DisconnectCause = { kind: 'network', code: 'fake_lost' }): void {
    if (!this.up.delete(session)) return;
    this.#decide(session, cause);
  }

  stop(session: string): void {
    this.up.delete(session);
    this.#timers.get(session)?.cancel();
    this.fleet.leave(session);
  }

  underWay(): readonly Attempt[] {
    return this.attempts.filter(({ outcome }) => outcome === 'under way');
  }

  #connect(session: string): void {
    if (this.up.has(session)) return;
    this.#timers.get(session)?.cancel();
    const turn = this.fleet.ask(session);
    if (turn.do === 'wait') {
      this.fleet.wait(session, () => this.#connect(session));
      const waitMs = turn.until === null ? LOOK_AGAIN_MS : turn.until - this.clock.now();
      return this.#later(session, waitMs);
    }
    const { version, role } = turn;
    const attempt: Attempt = { session, version, role, at: this.clock.now(), outcome: 'under way' };
    this.attempts.push(attempt);
    this.#timers.set(
      session,
      this.clock.after(HANDSHAKE_MS, () => this.#answer(attempt)),
    );
  }

  #answer(attempt: Attempt): void {
    const { session, version } = attempt;
    if (!this.isDown && this.accepts.has(version) && !this.refused.has(session)) {
      attempt.outcome = 'accepted';
      this.up.set(session, version);
      this.#failures.delete(session);
      return this.fleet.worked(session);
    }
    const isSilent = this.isDown || this.refusesWith === 'silent';
    attempt.outcome = isSilent ? 'silent' : 'refused';
    const kind = this.isDown || this.refusesWith === 'silent' ? 'network' : this.refusesWith;
    this.#decide(session, { kind, code: `fake_${kind}` });
  }

  #decide(session: string, cause: DisconnectCause): void {
    const advice = this.fleet.ended(session, cause);
    if (cause.kind !== 'network' && cause.kind !== 'client_outdated' && cause.kind !== 'protocol_changed') return;
    if (advice !== undefined) this.fleet.wait(session, () => this.#connect(session));
    if (advice === undefined) return this.#later(session, this.#backoff(session));
    this.#later(session, advice.do === 'wait' ? LOOK_AGAIN_MS : advice.afterMs);
  }

  #backoff(session: string): number {
    const failures = (this.#failures.get(session) ?? 0) + 1;
    this.#failures.set(session, failures);
    return 250 + Math.min(300_000, 1_000 * 2 ** failures) * this.#random.next();
  }

  #later(session: string, delayMs: number): void {
    this.#timers.get(session)?.cancel();
    this.#timers.set(
      session,
      this.clock.after(delayMs, () => this.#connect(session)),
    );
  }
}
