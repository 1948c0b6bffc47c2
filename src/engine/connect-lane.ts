import type { Clock, Timer } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { isTrouble } from './connect-failure.ts';
import type { ConnectRank } from './connect-rank.ts';
import type { ConnectRate } from './connect-rate.ts';
import { mostAtOnce, noteAnswer, noteOverload, openRate, rateAt } from './connect-rate.ts';

/** One place in this many goes to who waits longest, whatever the rank: nobody is left behind. */
const TURN_OF_THE_OLDEST = 4;
/** A timer of ours that comes this late tells that the event loop, and with it the API, is slow; ms. */
const LATE_MS = 250;
/** Accepted, but so late that somebody is overloaded: the network, or we; ms. */
const SLOW_MS = 10_000;

interface Waiting {
  readonly rank: ConnectRank;
  /** Takes the place, or says that there is nothing to do any more. */
  readonly take: () => boolean;
}

/** The sessions of one channel that want to connect, and how fast they may. Kept by the gate. */
export class ConnectLane {
  readonly #deps: { readonly clock: Clock; readonly random: Random };
  /** In the order of arrival. */
  readonly #waiting: Waiting[] = [];
  #rate: ConnectRate;
  #running = 0;
  #nextAt = 0;
  #turns = 0;
  #timer: Timer | undefined;

  constructor(deps: { clock: Clock; random: Random; perSecond: number }) {
    this.#deps = deps;
    this.#rate = openRate(deps.perSecond, deps.clock.monotonic());
  }

  /** `perSecond`: how many may begin in a second just now. */
  get view(): { readonly waiting: number; readonly underWay: number; readonly perSecond: number } {
    const { perSecond } = rateAt(this.#rate, this.#deps.clock.monotonic());
    return { waiting: this.#waiting.length, underWay: this.#running, perSecond };
  }

  /** Resolves with true when a place is taken, which `watch` gives back; rejects when the signal aborts before. */
  enter(rank: ConnectRank, signal: AbortSignal, isDue: () => boolean): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(entry), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error('called off', { cause: signal.reason }));
      };
      const take = (): boolean => {
        signal.removeEventListener('abort', onAbort);
        const due = isDue();
        resolve(due);
        return due;
      };
      const entry: Waiting = { rank, take };
      this.#waiting.push(entry);
      if (signal.aborted) {
        onAbort();
        return;
      }
      signal.addEventListener('abort', onAbort, { once: true });
      this.#pump();
    });
  }

  /** Does the work in the place that was taken; its outcome says how fast the next ones come. */
  async watch<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock } = this.#deps;
    const begunAt = clock.monotonic();
    try {
      const result = await work();
      this.#note(clock.monotonic() - begunAt > SLOW_MS ? 'troubled' : 'accepted');
      return result;
    } catch (error) {
      // A refusal of this account alone is a quick answer: the network is well.
      if (!signal.aborted) this.#note(isTrouble(error) ? 'troubled' : 'accepted');
      throw error;
    } finally {
      this.#running -= 1;
      this.#pump();
    }
  }

  #note(answer: 'accepted' | 'troubled'): void {
    this.#rate = noteAnswer(this.#rate, answer, this.#deps.clock.monotonic());
  }

  #pump(): void {
    while (this.#waiting.length > 0) {
      const now = this.#deps.clock.monotonic();
      this.#rate = rateAt(this.#rate, now);
      if (this.#running >= mostAtOnce(this.#rate)) return;
      if (now < this.#nextAt) {
        this.#wait(now);
        return;
      }
      if (!this.#pick().take()) continue;
      this.#running += 1;
      this.#turns += 1;
      // Never in step with anybody else's clock: half to one and a half times the pause.
      this.#nextAt = now + Math.round((1_000 / this.#rate.perSecond) * (0.5 + this.#deps.random.next()));
    }
  }

  #wait(now: number): void {
    if (this.#timer !== undefined) return;
    const { clock } = this.#deps;
    const dueAt = this.#nextAt;
    this.#timer = clock.after(dueAt - now, () => {
      this.#timer = undefined;
      const at = clock.monotonic();
      if (at - dueAt > LATE_MS) this.#rate = noteOverload(this.#rate, at);
      this.#pump();
    });
  }

  /** Only called while somebody waits. */
  #pick(): Waiting {
    const [oldest, ...others] = this.#waiting;
    if (oldest === undefined) throw new Error('nobody waits');
    const isTurnOfOldest = this.#turns % TURN_OF_THE_OLDEST === TURN_OF_THE_OLDEST - 1;
    let chosen = oldest;
    if (!isTurnOfOldest) for (const other of others) if (other.rank < chosen.rank) chosen = other;
    this.#waiting.splice(this.#waiting.indexOf(chosen), 1);
    return chosen;
  }
}
