import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Pacer, Store, Telemetry } from './ports/index.ts';

/** What the workers of all sessions share. */
export interface OutboxDeps {
  readonly store: Store;
  readonly pacer: Pacer;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}
