import { connectors, findConnector } from '../../connectors/registry.ts';
import type { SessionVault } from '../../src/connector-api/index.ts';
import type { Clock, Timer } from '../../src/core/clock.ts';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Session, TimelineEntry } from '../../src/engine/model/session.ts';
import type { PacingSettings } from '../../src/engine/pacing/governor.ts';
import { PULSE_MS } from '../../src/engine/ports/connector-host.ts';
import type { Store } from '../../src/engine/ports/index.ts';
import { InlineHost, loadConnector } from '../../src/host/index.ts';
import { CountingTelemetry } from './engine-fixture.ts';
import { noPacing } from './no-pacing.ts';
import { openStoreOn } from './open-test-store.ts';

/** Time that passes faster than it does: for waits of the engine beside a real library, whose own time is left alone. */
export class HurriedClock implements Clock {
  readonly #speed: number;
  readonly #startedAt = systemClock.monotonic();
  #jumpedMs = 0;

  constructor(speed: number) {
    this.#speed = speed;
  }

  now = (): number => Date.UTC(2026, 10, 21) + Math.round(this.monotonic());
  monotonic = (): number => (systemClock.monotonic() - this.#startedAt) * this.#speed + this.#jumpedMs;
  after = (delayMs: number, work: () => void): Timer => systemClock.after(delayMs / this.#speed, work);
  /** Days in which nothing happened. */
  jump(ms: number): void {
    this.#jumpedMs += ms;
  }
}

/** How much faster the engine's time goes, unless a test says otherwise. */
const USUAL_SPEED = 10;

/** The libraries' time is left alone, but the engine wants a pulse of each session every few seconds of its own. */
function withHurriedPulses(speed: number): Clock {
  const after: Clock['after'] = (delayMs, work) =>
    systemClock.after(delayMs === PULSE_MS ? delayMs / speed : delayMs, work);
  return { ...systemClock, after };
}

/** The engine with a channel's real connector and library, on accounts that are linked already. */
export class VersionHouse {
  readonly clock: HurriedClock;
  readonly telemetry = new CountingTelemetry();
  readonly store: Store;
  readonly engine: Engine;

  private constructor(deps: {
    store: Store;
    channel: string;
    config: unknown;
    vaults: ReadonlyMap<string, SessionVault>;
    speed: number;
    clock: HurriedClock;
    pacing?: PacingSettings;
  }) {
    this.store = deps.store;
    this.clock = deps.clock;
    const host = new InlineHost({
      clock: systemClock,
      log: silentLogger,
      parts: {
        loadConnector: (channel) => loadConnector(findConnector(channel)),
        openVault: (sessionId) => {
          const vault = deps.vaults.get(sessionId);
          if (vault === undefined) throw new Error('no such vault');
          const { secrets, cursor, spool } = vault;
          return { secrets, cursor, spool, transaction: (work) => vault.transaction(work), close: () => undefined };
        },
        media: {
          write: () => Promise.reject(new Error('no files here')),
          open: () => {
            throw new Error('no files here');
          },
        },
        clock: withHurriedPulses(deps.speed),
        random: systemRandom,
        log: silentLogger,
      },
    });
    this.engine = createEngine({
      store: this.store,
      host,
      pacing: deps.pacing ?? noPacing,
      manifests: new Map(connectors.map(({ manifest }) => [manifest.channel, manifest])),
      channelConfigs: new Map([[deps.channel, deps.config]]),
      clock: this.clock,
      random: systemRandom,
      log: silentLogger,
      telemetry: this.telemetry,
    });
  }

  /** Sessions by the ids of their vaults; all of them connected. */
  static async open(input: {
    channel: string;
    config: unknown;
    vaults: ReadonlyMap<string, SessionVault>;
    speed?: number;
    pacing?: PacingSettings;
  }): Promise<VersionHouse> {
    const speed = input.speed ?? USUAL_SPEED;
    const clock = new HurriedClock(speed);
    const store = await openStoreOn(clock);
    for (const id of input.vaults.keys()) {
      await store.createSession({ id, property: 'main', channel: input.channel, settings: {} });
      const account = { address: '+15550000001', kind: 'user' };
      await store.recordSessionChange({ sessionId: id, state: 'connecting', reason: null, at: 0, account });
    }
    const house = new VersionHouse({ ...input, store, clock, speed });
    await house.engine.start();
    return house;
  }

  async stop(): Promise<void> {
    await this.engine.stop(20_000);
    await this.store.close();
  }

  async session(id: string): Promise<Session> {
    const session = await this.store.getSession(id);
    if (session === null) throw new Error('no such session');
    return session;
  }

  /** Resolves once the session is as asked; looks again with every commit of the store. */
  async until(id: string, matches: (session: Session) => boolean): Promise<Session> {
    for (;;) {
      const committed = new Promise<void>((resolve) => {
        const stop = this.store.onCommit(() => {
          stop();
          resolve();
        });
      });
      const session = await this.session(id);
      if (matches(session)) return session;
      await committed;
    }
  }

  /** Oldest first. */
  async timeline(id: string): Promise<readonly TimelineEntry[]> {
    const { data } = await this.store.listTimeline(id, { limit: 100 });
    return data.toReversed();
  }

  async eventsOf(id: string): Promise<readonly string[]> {
    const { data } = await this.store.listEvents({ property: null, limit: 1_000 });
    return data.filter((event) => event.data.session?.id === id).map(({ type }) => type);
  }
}
