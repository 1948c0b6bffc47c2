import { afterEach, beforeEach } from 'vitest';
import { silentLogger } from '../../../../src/core/logger.ts';
import { seededRandom } from '../../../../src/core/random.ts';
import { AlertDesk } from '../../../../src/engine/incidents/alert-desk.ts';
import { AlertWatch } from '../../../../src/engine/incidents/alert-watch.ts';
import type { SessionState, StateReason } from '../../../../src/engine/model/session.ts';
import type { Store } from '../../../../src/engine/ports/index.ts';
import { CountingTelemetry } from '../../../support/engine-fixture.ts';
import { openTestStore } from '../../../support/open-test-store.ts';
import { linkSession, SESSION } from '../../../support/store-fixture.ts';
import type { VirtualClock } from '../../../support/virtual-clock.ts';
import { FakeSink } from './fake-sink.ts';
import { rules, SECOND_MS } from './observations.ts';

/** The real store with one connected session, and the watch over it, as the daemon has them. */
export class WatchHouse {
  readonly clock: VirtualClock;
  readonly sink = new FakeSink();
  /** A test may put another in its place before `start`. */
  store: Store;
  freeBytes: number | null = null;
  readonly telemetry = new CountingTelemetry();
  #watch: AlertWatch | undefined;
  #desk: AlertDesk | undefined;

  constructor(deps: { store: Store; clock: VirtualClock }) {
    this.store = deps.store;
    this.clock = deps.clock;
  }

  async start(...sinks: readonly FakeSink[]): Promise<void> {
    const { store, clock, telemetry } = this;
    const ways = sinks.length === 0 ? [this.sink] : sinks;
    this.#desk = new AlertDesk({ store, sinks: ways, clock, log: silentLogger, telemetry });
    this.#watch = new AlertWatch({
      store,
      desk: this.#desk,
      rules,
      checkMs: 20 * SECOND_MS, // fewer looks than in life: a test lets hours pass
      freeBytes: async () => this.freeBytes,
      channelName: () => 'WhatsApp',
      clock,
      random: seededRandom(1),
      log: silentLogger,
    });
    await this.#watch.start();
  }

  /** Only after `start`. */
  get desk(): AlertDesk {
    if (this.#desk === undefined) throw new Error('not started');
    return this.#desk;
  }

  async stop(): Promise<void> {
    const stopped = this.#watch?.stop();
    await this.clock.advance(5 * SECOND_MS);
    await stopped;
  }

  async set(state: SessionState, reason: StateReason | null = null): Promise<void> {
    await this.store.recordSessionChange({ sessionId: SESSION, state, reason, at: this.clock.now() });
  }
}

/** One for each test, started before it and ended after it. */
export function useWatchHouse(): () => WatchHouse {
  let house: WatchHouse;
  beforeEach(async () => {
    const { store, clock } = await openTestStore();
    await linkSession(store, clock);
    house = new WatchHouse({ store, clock });
    await house.start();
  });
  afterEach(async () => {
    await house.stop();
    await house.store.close();
  });
  return () => house;
}
