import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { ConnectLane } from './connect-lane.ts';
import type { ConnectRank } from './connect-rank.ts';

/**
 * A thousand sessions that were cut together are back within a minute, and no network sees more newcomers from us in a second
 * than a small office makes when its power returns. A handshake costs 25 to 75 ms of CPU: this fills about one core.
 */
export const CONNECTS_PER_SECOND = 25;

/** What `run` resolves with when there was nothing to do any more. */
export const notDue = Symbol('not due');

/** How one channel is let in. */
export interface GateView {
  readonly channel: string;
  /** Sessions whose attempt is due and that have no place yet. */
  readonly waiting: number;
  /** Attempts that have a place. */
  readonly underWay: number;
  /** How many may begin in a second just now. */
  readonly perSecond: number;
}

/** Spreads the connecting of many sessions, each channel by itself. Used by every session runner for each attempt. */
export class StartGate {
  readonly #deps: {
    readonly clock: Clock;
    readonly random: Random;
    readonly perSecond: number;
  };
  readonly #lanes = new Map<string, ConnectLane>();

  constructor(deps: { clock: Clock; random: Random; perSecond?: number | undefined }) {
    const { clock, random, perSecond = CONNECTS_PER_SECOND } = deps;
    this.#deps = { clock, random, perSecond };
  }

  /**
   * Resolves or rejects as `work` does; rejects with the signal's reason when it aborts before the turn has come. `isDue` is asked
   * when a place is free: one that says no takes neither place nor pause from the others, and resolves with `notDue`.
   */
  async run<T>(
    place: { readonly channel: string; readonly rank: ConnectRank },
    work: () => Promise<T>,
    signal: AbortSignal,
    isDue: () => boolean = () => true,
  ): Promise<T | typeof notDue> {
    const lane = this.#lane(place.channel);
    if (!(await lane.enter(place.rank, signal, isDue))) return notDue;
    return lane.watch(work, signal);
  }

  /** Of every channel that has ever connected. */
  views(): readonly GateView[] {
    return [...this.#lanes].map(([channel, lane]) => ({ channel, ...lane.view }));
  }

  #lane(channel: string): ConnectLane {
    const known = this.#lanes.get(channel);
    if (known !== undefined) return known;
    const lane = new ConnectLane(this.#deps);
    this.#lanes.set(channel, lane);
    return lane;
  }
}
