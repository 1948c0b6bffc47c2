import type { Clock } from '../core/clock.ts';
import type { Store } from './ports/index.ts';

/** How old a count may be. It only feeds a guess, and counting a long queue for each request would cost more than the request; ms. */
const REFRESH_MS = 1_000;

/** How many messages wait at each session, about: counted now and then, and counted up in between. */
export class QueueDepth {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #known = new Map<string, { count: number; countedAt: number }>();

  constructor(deps: { store: Store; clock: Clock }) {
    this.#store = deps.store;
    this.#clock = deps.clock;
  }

  /** The number before the message that is being accepted, which counts from now on. */
  async join(sessionId: string): Promise<number> {
    const now = this.#clock.monotonic();
    const known = this.#known.get(sessionId);
    if (known !== undefined && now - known.countedAt < REFRESH_MS) {
      known.count += 1;
      return known.count - 1;
    }
    const session = await this.#store.getSession(sessionId);
    const count = session?.pacing.queued ?? 0;
    this.#known.set(sessionId, { count: count + 1, countedAt: now });
    return count;
  }
}
