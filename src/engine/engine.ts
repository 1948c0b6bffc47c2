import type { ConnectorManifest } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import { MessageAcceptor } from './accept-message.ts';
import { ConsentDesk } from './consent/consent-desk.ts';
import { EngineConversations } from './conversation-commands.ts';
import type { EngineApi } from './engine-api.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { Inbox } from './inbox.ts';
import { AlertDesk } from './incidents/alert-desk.ts';
import type { AlertRules } from './incidents/alert-rules.ts';
import { AlertWatch } from './incidents/alert-watch.ts';
import { LimitWatch } from './limit-watch.ts';
import { LiveBus } from './live-bus.ts';
import type { LivenessSettings } from './liveness/pace.ts';
import { EngineMessages } from './message-commands.ts';
import type { Liveness } from './model/liveness.ts';
import { Outbox } from './outbox.ts';
import type { ClosedLane, PacingSettings } from './pacing/governor.ts';
import { Governor } from './pacing/governor.ts';
import type { PacingView } from './pacing/pacing-view.ts';
import type { AlertSink, ConnectorHost, RemoteMedia, Store, Telemetry } from './ports/index.ts';
import { EngineSessions } from './session-commands.ts';
import { SessionLinks } from './session-links.ts';
import type { GateView } from './start-gate.ts';
import { StartGate } from './start-gate.ts';
import { Supervisor } from './supervisor.ts';
import { VersionCatalogue } from './version-catalogue.ts';

export interface EngineDeps {
  readonly store: Store;
  readonly host: ConnectorHost;
  readonly pacing: PacingSettings;
  /** Absent where attachments cannot be named by URL. */
  readonly remoteMedia?: RemoteMedia;
  /** By channel. */
  readonly manifests: ReadonlyMap<string, ConnectorManifest>;
  /** `channels.<channel>` of the configuration, validated by the manifest; by channel. */
  readonly channelConfigs: ReadonlyMap<string, unknown>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly telemetry: Telemetry;
  /** Sessions of one channel that may begin to connect in a second; absent = `CONNECTS_PER_SECOND`. */
  readonly connectsPerSecond?: number;
  /** How often a quiet line is asked whether it hears; absent = `defaultLiveness`. */
  readonly liveness?: LivenessSettings;
  /** Erases the vault of a session that was removed, also one that cannot be opened. Absent where vaults are in memory only. */
  readonly eraseVault?: (sessionId: string) => void;
  /** Absent in tests of other things. */
  readonly alerting?: AlertingDeps;
}

/** Who is told of trouble, and when. */
export interface AlertingDeps {
  readonly rules: AlertRules;
  /** How often is looked; ms. */
  readonly checkMs: number;
  /** None: alerts are kept and shown, and told to nobody. */
  readonly sinks: readonly AlertSink[];
  /** The least free space of the folders; null = not known. */
  readonly freeBytes: () => Promise<number | null>;
}

export interface Engine {
  /** Usable before `start`: what needs a network answers `session_down` until then. */
  readonly api: EngineApi;
  /** How a session's line last proved that it hears; null while it is not connected. From memory. */
  livenessOf(sessionId: string): Liveness | null;
  /** How the account of a session stands with its pacing; null where nothing is known. From memory. */
  pacingOf(sessionId: string): PacingView | null;
  /** Kinds of messages of which none can go just now. From memory. */
  closedLanes(): readonly ClosedLane[];
  /** How sessions are let in that want to connect. From memory. */
  gates(): readonly GateView[];
  /** Resolves once what a crash left behind is put right and every session is known; they connect afterwards, a few at a time. */
  start(): Promise<void>;
  /** Ends workers, sessions and the host within `limitMs`. The store stays open: it belongs to the caller. */
  stop(limitMs: number): Promise<void>;
}

/** Policy and orchestration: everything between the API, the store and the connectors. Made by the composition root. */
export function createEngine(deps: EngineDeps): Engine {
  const { store, clock, log, manifests } = deps;
  const links = new SessionLinks();
  const live = new LiveBus(deps);
  const inbox = new Inbox({ ...deps, live, consent: new ConsentDesk(deps) });
  const governor = new Governor(deps);
  const outbox = new Outbox({ ...deps, desks: governor });
  const gate = new StartGate({ clock, random: deps.random, perSecond: deps.connectsPerSecond });
  const catalogue = new VersionCatalogue(deps);
  const supervisor = new Supervisor({ ...deps, inbox, outbox, links, gate, catalogue });
  const sweep = new ExpirySweep({ store, telemetry: deps.telemetry, clock, log });
  const limits = new LimitWatch({ store, clock, log });
  const desk = new AlertDesk({ ...deps, sinks: deps.alerting?.sinks ?? [] });
  const channelName = (channel: string): string => manifests.get(channel)?.displayName ?? channel;
  const watch = deps.alerting && new AlertWatch({ ...deps, ...deps.alerting, desk, channelName });
  const api: EngineApi = {
    messages: new EngineMessages({ ...deps, links, acceptor: new MessageAcceptor({ ...deps, governor }) }),
    conversations: new EngineConversations({ ...deps, links }),
    sessions: new EngineSessions({ store, supervisor, manifests }),
    versions: catalogue,
    alerts: desk,
    live,
  };
  return {
    api,
    livenessOf: (sessionId) => supervisor.find(sessionId)?.runner.liveness ?? null,
    pacingOf: (sessionId) => governor.view(sessionId),
    closedLanes: () => governor.closedLanes(),
    gates: () => gate.views(),
    async start() {
      const released = await store.releaseAttempts();
      if (released > 0) log.info('sends of an earlier run are taken up again', { count: released });
      await governor.start();
      outbox.start();
      sweep.start();
      limits.start();
      await catalogue.start();
      await supervisor.start();
      await watch?.start();
    },
    async stop(limitMs) {
      await watch?.stop();
      sweep.stop();
      await limits.stop();
      await supervisor.stop(limitMs);
      outbox.stop();
      governor.stop();
    },
  };
}
