import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { EngineApi } from '../engine/engine-api.ts';
import type { Principal } from '../engine/model/access.ts';
import type { MediaStore, ProcessControl, Store, TargetGuard } from '../engine/ports/index.ts';
import type { HttpConfig } from './http-config.ts';

/** What /readyz tells: whether the daemon can take work, and what each part says. */
export interface HealthReport {
  readonly ready: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail?: string }[];
}

/** A key that is known without the store: the admin key and those of the configuration. */
export interface KnownKey {
  /** Lower-case hex SHA-256 of the key. */
  readonly hash: string;
  readonly principal: Principal;
}

export interface HttpDeps {
  readonly engine: EngineApi;
  readonly store: Store;
  readonly media: MediaStore;
  readonly targets: TargetGuard;
  /** Those that run sessions. */
  readonly processes: ProcessControl;
  /** The Prometheus text. */
  readonly metrics: () => Promise<string>;
  readonly health: () => Promise<HealthReport>;
  readonly config: HttpConfig;
  readonly knownKeys: readonly KnownKey[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Shown in the API description. */
  readonly version: string;
}
