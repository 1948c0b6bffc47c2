import type { ConnectorManifest } from '../connector-api/index.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Inbox } from './inbox.ts';
import type { LivenessSettings } from './liveness/pace.ts';
import type { Outbox } from './outbox.ts';
import type { ConnectorHost, Store, Telemetry } from './ports/index.ts';
import type { SessionLinks } from './session-links.ts';
import type { StartGate } from './start-gate.ts';
import type { VersionCatalogue } from './version-catalogue.ts';

/** What the runners of all sessions share. */
export interface RunnerDeps {
  readonly store: Store;
  readonly host: ConnectorHost;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly links: SessionLinks;
  readonly gate: StartGate;
  readonly catalogue: VersionCatalogue;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** By channel. */
  readonly manifests: ReadonlyMap<string, ConnectorManifest>;
  /** Absent = `defaultLiveness`. */
  readonly liveness?: LivenessSettings;
  /** `channels.<channel>` of the configuration, by channel. */
  readonly channelConfigs: ReadonlyMap<string, unknown>;
  /** Erases the vault of a removed session. */
  readonly eraseVault?: (sessionId: string) => void;
}
