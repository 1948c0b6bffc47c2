import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { Random } from '../core/random.ts';
import type { Desk, Store, Telemetry } from './ports/index.ts';
import type { SessionLink } from './session-links.ts';

/** Gives a session that has come online its desk; `wake` has it ask anew. */
export interface Desks {
  open(link: SessionLink, wake: () => void): Promise<Desk>;
}

/** What the workers of all sessions share. */
export interface OutboxDeps {
  readonly store: Store;
  readonly desks: Desks;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}
