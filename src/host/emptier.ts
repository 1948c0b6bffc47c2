import type { Clock } from '../core/clock.ts';
import { sleep, withDeadline } from '../core/clock.ts';
import type { Logger } from '../core/logger.ts';
import type { ProcessEnd } from '../engine/ports/processes.ts';
import type { ChildSlot } from './child-slot.ts';

/** A session is connected again within seconds; one whose network is away must not hold up the others for ever; ms. */
const MOVE_LIMIT_MS = 60_000;
/** Who cannot be moved now is asked again after this pause: a person may be linking it; ms. */
const ASK_AGAIN_MS = 60_000;
/** Nobody takes a quarter of an hour to scan a code. */
const MOST_ROUNDS = 15;
/** An empty child has nothing to close; ms. */
const STOP_LIMIT_MS = 5_000;

/**
 * Replaces children without a loss: moves the sessions out of one, each in turn, and ends it. One child at a time, so that no more than
 * one session of the house is on its way.
 */
export class Emptier {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #life = new AbortController();
  #tail: Promise<void> = Promise.resolve();

  constructor(deps: { clock: Clock; log: Logger }) {
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** The slot takes no new session from now on. Resolves when its child has ended; never rejects. */
  retire(slot: ChildSlot, end: ProcessEnd): Promise<void> {
    slot.retire(end);
    this.#tail = this.#tail.then(() => this.#empty(slot, end));
    return this.#tail;
  }

  /** Moves nobody any more; what is under way ends soon. */
  stop(): void {
    this.#life.abort(new Error('stopped'));
  }

  async #empty(slot: ChildSlot, end: ProcessEnd): Promise<void> {
    const { channel, number, load } = slot;
    this.#log.info('a process is being replaced', { channel, process: number, sessions: load, reason: end });
    for (let round = 0; round < MOST_ROUNDS && slot.load > 0 && !this.#isOver(); round += 1) {
      if (round > 0) await sleep(this.#clock, ASK_AGAIN_MS, this.#life.signal).catch(() => undefined);
      for (const sessionId of slot.sessionIds) {
        if (!this.#isOver()) await this.#move(slot, sessionId);
      }
    }
    if (this.#isOver()) return;
    if (slot.load > 0) slot.child.condemn({ end, text: 'was replaced' });
    else await slot.child.stop(STOP_LIMIT_MS);
    this.#log.info('a process was replaced', { channel, process: number, reason: end });
  }

  async #move(slot: ChildSlot, sessionId: string): Promise<void> {
    const moved = slot.child.client.move(sessionId);
    const limit = withDeadline(this.#clock, MOVE_LIMIT_MS, moved, () => new Error('too slow'));
    try {
      await limit;
    } catch (error) {
      const { channel, number } = slot;
      this.#log.warn('a session is slow to move to another process', {
        channel,
        process: number,
        session: sessionId,
        error: error instanceof Error ? error : undefined,
      });
    }
  }

  #isOver(): boolean {
    return this.#life.signal.aborted;
  }
}
