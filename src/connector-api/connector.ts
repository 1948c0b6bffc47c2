import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { ClientVersion } from './client-version.ts';
import type { ConnectorEvent } from './events.ts';
import type { ConnectorManifest } from './manifest.ts';
import type { MediaPort } from './media-port.ts';
import type { ConnectorSession } from './session.ts';
import type { SessionVault } from './vault.ts';

/** What a connector folder exports as `connector`. Loaded in the child process; creating a session does no I/O. */
export interface Connector<C> {
  readonly manifest: ConnectorManifest<C>;
  readonly versions?: VersionSource<C>;
  createSession(context: SessionContext<C>): ConnectorSession;
}

/** Which client versions there are. Called by the supervisor, never on a hot path. */
export interface VersionSource<C> {
  /** Shipped or configured versions, newest first; the first is what a session starts with. */
  known(config: C): readonly [ClientVersion, ...ClientVersion[]];
}

/** All that a session may use. No clock, randomness, file or log of its own. */
export interface SessionContext<C> {
  readonly sessionId: string;
  readonly config: C;
  /** The rung of the version ladder to announce; absent = the newest known. */
  readonly clientVersion?: ClientVersion;
  readonly vault: SessionVault;
  readonly media: MediaPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Aborts when the session is closed; everything that waits must end with it. */
  readonly signal: AbortSignal;
  /**
   * Resolves once the daemon has stored the event: only then acknowledge the network, settle the spool or move the cursor.
   * Rejects when the daemon could not store it (disk full): keep it in the spool and try again.
   * Events are handled in the order of their `emit` calls.
   */
  emit(event: ConnectorEvent): Promise<void>;
}
