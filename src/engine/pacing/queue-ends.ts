import type { AccountPlan } from './account-desk.ts';
import { dueAtOf, isTalk } from './lanes.ts';
import type { Limits } from './limits.ts';
import { newChatsPerDay, ownPerDay } from './new-chats.ts';
import type { Lane } from './types.ts';
import { lanes } from './types.ts';

/** By when what is due has gone: the times at which messages become due, and the last one's time of sending up to there. */
interface Ends {
  readonly dueAt: readonly number[];
  readonly lastAt: readonly number[];
}

const SECOND_MS = 1_000;
const HOUR_MS = 60 * 60 * SECOND_MS;
const DAY_MS = 24 * HOUR_MS;
/** From one guest to the next in the middle of a quiet queue; ms. */
const OWN_GAP_MS = 25 * SECOND_MS;

/** Behind which of the planned messages a new one will stand: those that are due before it, as urgent or more. */
export class QueueEnds {
  readonly #current: AccountPlan;
  readonly #limits: Limits;
  readonly #known = new Map<string, Ends>();
  /** Accepted since the plan was made. */
  #own = 0;
  #firstWords = 0;

  constructor(current: AccountPlan, limits: Limits) {
    this.#current = current;
    this.#limits = limits;
  }

  /** One more is accepted. How long those that were accepted just before it take, who stand in no plan yet; ms. */
  joinAfterMs(isFirstWord: boolean): number {
    const { bornAt } = this.#current.facts.standing;
    const { at } = this.#current;
    const own = this.#own;
    this.#own += 1;
    const { ownPerHour, newChatGapSeconds } = this.#limits;
    const ownMs = Math.max(
      own * OWN_GAP_MS,
      timesOf(own, ownPerHour) * HOUR_MS,
      timesOf(own, ownPerDay(this.#limits, bornAt, at)) * DAY_MS,
    );
    if (!isFirstWord) return ownMs;
    const first = this.#firstWords;
    this.#firstWords += 1;
    const perDay = newChatsPerDay(this.#limits, bornAt, at);
    return Math.max(ownMs, first * newChatGapSeconds * SECOND_MS, timesOf(first, perDay) * DAY_MS);
  }

  /** When the last of them goes that are due at `at`; epoch ms, -Infinity where there are none. First words wait for more than others. */
  behind(lane: Lane, isFirstWord: boolean, at: number): number {
    const name = `${lane} ${String(isFirstWord)}`;
    let ends = this.#known.get(name);
    if (ends === undefined) {
      ends = this.#read(lane, isFirstWord);
      this.#known.set(name, ends);
    }
    let low = 0;
    let high = ends.dueAt.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((ends.dueAt[middle] ?? Infinity) <= at) low = middle + 1;
      else high = middle;
    }
    return ends.lastAt[low - 1] ?? -Infinity;
  }

  #read(lane: Lane, isFirstWord: boolean): Ends {
    const { plan, intents, facts } = this.#current;
    const rank = lanes.indexOf(lane);
    const planned = plan.flatMap((each) => {
      const intent = intents.get(each.messageId);
      if (each.do !== 'send' || intent === undefined || isTalk(each.lane) || lanes.indexOf(each.lane) > rank) return [];
      const isKnown = facts.history.chats.get(each.conversationId)?.isKnown === true;
      return isKnown || isFirstWord ? [{ dueAt: dueAtOf(intent), sendAt: each.sendAt }] : [];
    });
    planned.sort((one, other) => one.dueAt - other.dueAt);
    let last = -Infinity;
    return {
      dueAt: planned.map(({ dueAt }) => dueAt),
      lastAt: planned.map(({ sendAt }) => (last = Math.max(last, sendAt))),
    };
  }
}

/** How often so many use up a limit. */
function timesOf(count: number, limit: number): number {
  return limit > 0 ? Math.floor(count / limit) : 0;
}
