import type { Clock } from '../core/clock.ts';
import { expireMessages } from './expire-messages.ts';
import type { Desk, DeskStep, Store, Telemetry } from './ports/index.ts';

/** A look at the queue even when nothing woke us: heals a missed commit and a wall clock that jumped; ms. */
const LONGEST_IDLE_MS = 60_000;
/** Between two looks that found nothing to do, so that a message that only seems due cannot make a busy loop; ms. */
const SHORTEST_IDLE_MS = 500;

/** Hands out what is due at once. Only for private endpoints. */
export class OpenDesk implements Desk {
  readonly #deps: { store: Store; telemetry: Telemetry; clock: Clock };
  readonly #sessionId: string;

  constructor(deps: { store: Store; telemetry: Telemetry; clock: Clock }, sessionId: string) {
    this.#deps = deps;
    this.#sessionId = sessionId;
  }

  async next(): Promise<DeskStep> {
    const { store, clock } = this.#deps;
    for (;;) {
      const now = clock.now();
      const [due] = await store.dueMessages(this.#sessionId, now, 1);
      if (due === undefined) return { do: 'wait', ms: await this.#idleMs() };
      const { expiresAt, id } = due.message;
      if (expiresAt !== null && Date.parse(expiresAt) <= now) {
        if ((await expireMessages(this.#deps, now)) === 0) return { do: 'wait', ms: SHORTEST_IDLE_MS };
      } else if (due.hold === null) return { do: 'send', due, thinkForMs: 0, typeForMs: 0 };
      else await store.deferMessage(id, due.hold);
    }
  }

  done(): void {}

  leave(): void {}

  async #idleMs(): Promise<number> {
    const nextAt = await this.#deps.store.nextDueAt(this.#sessionId);
    if (nextAt === null) return LONGEST_IDLE_MS;
    return Math.min(LONGEST_IDLE_MS, Math.max(SHORTEST_IDLE_MS, nextAt - this.#deps.clock.now()));
  }
}
