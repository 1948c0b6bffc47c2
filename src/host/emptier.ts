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

interface EmptierDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Sees to it that there is a place for a session of the slot elsewhere, where its library is loaded. */
  readonly prepare: (slot: ChildSlot, sessionId: string) => Promise<void>;
}

/**
 * Replaces children without a loss: moves the sessions out of one, each in turn, and ends it. One child at a time, so that no more than
 * one session of the house is on its way.
 */
export class Emptier {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #prepare: (slot: ChildSlot, sessionId: string) => Promise<void>;
  readonly #life = new AbortController();
  #tail: Promise<void> = Promise.resolve();

  constructor(deps: EmptierDeps) {
    this.#clock = deps.clock;
    this.#log = deps.log;
    this.#prepare = deps.prepare;
  }

  /** The slot takes no new session from now on. Resolves when its child has ended, or has to stay; never rejects. */
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
    if (this.#isOver()) return;
    this.#log.info('a process is being replaced', { channel, process: number, sessions: load, reason: end });
    if (!(await this.#canLeave(slot))) return;
    for (let round = 0; round < MOST_ROUNDS && slot.load > 0 && !this.#isOver(); round += 1) {
      if (round > 0) await sleep(this.#clock, ASK_AGAIN_MS, this.#life.signal).catch(() => undefined);
      for (const sessionId of slot.sessionIds) {
        if (!this.#isOver()) await this.#move(slot, sessionId, round === 0);
      }
    }
    if (this.#isOver()) return;
    if (slot.load > 0) slot.child.condemn({ end, text: 'was replaced' });
    else await slot.child.stop(STOP_LIMIT_MS);
    this.#log.info('a process was replaced', { channel, process: number, reason: end });
  }

  /** What is new on the disk may be broken: then the sessions are better off where they are. */
  async #canLeave(slot: ChildSlot): Promise<boolean> {
    const [first] = slot.sessionIds;
    if (first === undefined) return true;
    try {
      await this.#prepare(slot, first);
      return true;
    } catch (error) {
      slot.keep();
      const { channel, number } = slot;
      this.#log.error('a process could not be replaced: no new one can be started', {
        channel,
        process: number,
        error: error instanceof Error ? error : undefined,
      });
      return false;
    }
  }

  async #move(slot: ChildSlot, sessionId: string, isFirst: boolean): Promise<void> {
    // A place that is kept ready for who does not come is a process for nothing.
    const ready = isFirst ? this.#prepare(slot, sessionId) : Promise.resolve();
    const moved = ready.then(() => slot.child.client.move(sessionId));
    try {
      await withDeadline(this.#clock, MOVE_LIMIT_MS, moved, () => new Error('too slow'));
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
