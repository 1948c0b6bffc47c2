import { connectors, findConnector } from '../../connectors/registry.ts';
import type { ConnectorManifest, MediaPort, SessionVault } from '../../src/connector-api/index.ts';
import type { Clock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/logger.ts';
import { systemRandom } from '../../src/core/random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import { createEngine } from '../../src/engine/engine.ts';
import type { Session, TimelineEntry } from '../../src/engine/model/session.ts';
import type { ConnectorHost, Store } from '../../src/engine/ports/index.ts';
import { InlineHost, loadConnector } from '../../src/host/index.ts';
import { CountingTelemetry } from '../support/engine-fixture.ts';
import { noPacing } from '../support/no-pacing.ts';
import { openTestStore } from '../support/open-test-store.ts';
import type { SkipClock } from './skip-clock.ts';

/** The only session of a house. */
export const SESSION = 'front-desk';
const LONGEST_STOP_MS = 20_000;
/** More than any fault makes. */
const TIMELINE_LIMIT = 200;

export interface HouseInput {
  readonly channel: string;
  readonly config: unknown;
  readonly account: { readonly address: string; readonly kind?: string };
  /** The engine's. */
  readonly clock: SkipClock;
  readonly host: ConnectorHost;
  /** Absent = those of the product. */
  readonly manifests?: readonly ConnectorManifest[];
  /** True while the daemon cannot store what a guest wrote. */
  readonly refusesToStore?: () => boolean;
}

/** The engine with one linked session, as the daemon would run it, on timers of which pieces can be left out. */
export class CorpusHouse {
  readonly store: Store;
  readonly engine: Engine;
  readonly clock: SkipClock;

  private constructor(store: Store, engine: Engine, clock: SkipClock) {
    this.store = store;
    this.engine = engine;
    this.clock = clock;
  }

  /** Begins to connect when it resolves. */
  static async open(input: HouseInput): Promise<CorpusHouse> {
    const { clock, channel, manifests = connectors.map(({ manifest }) => manifest) } = input;
    const { store } = await openTestStore();
    await store.createSession({ id: SESSION, property: 'main', channel, settings: {} });
    const at = clock.now();
    await store.recordSessionChange({
      sessionId: SESSION,
      state: 'connecting',
      reason: null,
      at,
      account: input.account,
    });
    const engine = createEngine({
      store,
      host: withFullDisks(input),
      pacing: noPacing,
      manifests: new Map(manifests.map((manifest) => [manifest.channel, manifest])),
      channelConfigs: new Map([[channel, input.config]]),
      clock,
      random: systemRandom,
      log: silentLogger,
      telemetry: new CountingTelemetry(),
    });
    await engine.start();
    return new CorpusHouse(store, engine, clock);
  }

  async stop(): Promise<void> {
    await this.engine.stop(LONGEST_STOP_MS);
    await this.store.close();
  }

  async session(): Promise<Session> {
    const session = await this.store.getSession(SESSION);
    if (session === null) throw new Error('the session is gone');
    return session;
  }

  /** Oldest first. */
  async timeline(): Promise<readonly TimelineEntry[]> {
    const { data } = await this.store.listTimeline(SESSION, { limit: TIMELINE_LIMIT });
    return data.toReversed();
  }
}

/** The real connectors in this process, on a vault in memory; their timers are those of the engine. */
export function inlineHost({ vault, clock }: { readonly vault: SessionVault; readonly clock: Clock }): ConnectorHost {
  const { secrets, cursor, spool } = vault;
  return new InlineHost({
    clock,
    log: silentLogger,
    parts: {
      loadConnector: (channel) => loadConnector(findConnector(channel)),
      openVault: () => ({
        secrets,
        cursor,
        spool,
        transaction: (work) => vault.transaction(work),
        close: () => undefined,
      }),
      media: noMedia,
      clock,
      random: systemRandom,
      log: silentLogger,
    },
  });
}

export const noMedia: MediaPort = {
  write: () => Promise.reject(new Error('no files here')),
  open: () => {
    throw new Error('no files here');
  },
};

/** What the daemon cannot store is refused to the connector, as a full disk does it. */
function withFullDisks({ host, refusesToStore }: HouseInput): ConnectorHost {
  if (refusesToStore === undefined) return host;
  return {
    start: () => host.start(),
    stop: (limitMs) => host.stop(limitMs),
    open: (spec, listener) =>
      host.open(spec, {
        onEvent: async (event) => {
          if (event.type === 'message' && refusesToStore()) throw new Error('disk full');
          await listener.onEvent(event);
        },
        onLost: (reason) => listener.onLost(reason),
        onPulse: (pulse) => listener.onPulse?.(pulse),
        onMove: async () => listener.onMove?.(),
      }),
  };
}
